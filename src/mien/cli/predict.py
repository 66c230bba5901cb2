"""`mien predict`: the answers of a trained system, one line of JSON or CSV a sample."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from mien.cli.research import data_option, encode_options, need_torch, open_for
from mien.research.samples import Data


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@data_option
@encode_options
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="File to write to instead of standard output.")
def command(
    folder: Path, source: str, form: str, out: Path | None, encode: tuple[str, ...], pool: str, store: Path | None
) -> None:
    """Answer every sample of the data with the trained system in FOLDER; its targets are not looked at."""
    need_torch("predicting")
    from mien.files import write_atomic
    from mien.research.systems.pretrained import from_pretrained
    from mien.research.training.answering import answer
    from mien.research.training.scoring import check_finite

    trained = from_pretrained(folder)
    data = open_for(trained, source, encode, pool, store)
    answers = answer(trained.method, data.samples)
    check_finite(data.samples, answers)
    text = _csv(data, answers) if form == "csv" else _jsonl(data, answers, trained.folder.shape.widths)
    if out:
        write_atomic(out, text)
    else:
        click.echo(text, nl=False)


def _top(data: Data, row: NDArray[np.floating]) -> str | list[str] | None:
    if data.task == "class":
        return data.space.labels[int(row.argmax())]
    if data.task == "labels":
        return [label for label, value in zip(data.space.labels, row, strict=True) if value > 0.5]
    return None


def _jsonl(data: Data, answers: NDArray[np.floating], reads: Iterable[str]) -> str:
    lines = []
    for sample, row in zip(data.samples, answers, strict=True):
        values = {label: round(float(value), 6) for label, value in zip(data.space.labels, row, strict=True)}
        top = _top(data, row)
        told = {"id": sample.id, **({} if top is None else {"answer": top}), "values": values}
        if absent := [name for name in reads if name not in sample.features]:
            told["absent"] = absent
        lines.append(json.dumps(told, ensure_ascii=False) + "\n")
    return "".join(lines)


def _csv(data: Data, answers: NDArray[np.floating]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", *data.space.labels])
    writer.writerows([sample.id, *np.round(row, 6).tolist()] for sample, row in zip(data.samples, answers, strict=True))
    return out.getvalue()
