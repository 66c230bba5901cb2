"""`mien train`: a system on data, to a folder that `evaluate`, `predict` and `analyze --system` read."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from mien.cli.research import (
    data_option,
    encode_options,
    made_of,
    need_torch,
    open_encoded,
    open_unlabelled,
    split_of,
    take,
    terms_note,
    warn_of,
)
from mien.errors import InputError, RequestError

SPLIT = "split.json"


@click.command()
@click.argument("system")
@data_option
@encode_options
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="An option of the system; may be repeated.")
@click.option("--preset", help="A preset of the system (`mien systems SYSTEM`).")
@click.option("--seed", default=0, show_default=True, help="Of weights, order, dropout and of a split of our own.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to (default: runs/SYSTEM-DATA-seedSEED).")
@click.option("--resume", is_flag=True, help="Go on with the run in --out that was stopped.")
@click.option("--epochs", type=click.IntRange(1), help="Instead of each stage's own.")
@click.option("--batch", type=click.IntRange(1), help="Samples (dialogues) of one batch.")
@click.option("--accumulate", default=1, show_default=True, type=click.IntRange(1), help="Batches of one step.")
@click.option(
    "--held", type=click.FloatRange(0, 0.5), help="Share of training groups to select on, if data has no valid part."
)
@click.option("--labelled", default=1.0, show_default=True, help="Share of training samples whose labels are used.")
@click.option(
    "--unlabelled", metavar="DATA", help="More data, as --data, for the stages without labels; its labels are not read."
)
@click.option(
    "--transductive", is_flag=True, help="Let clips of the test part be among --unlabelled; the card says so."
)
@click.option(
    "--select", default="loss", show_default=True, help="What picks the epoch: loss, uar, weighted_f1, mae, ccc."
)
@click.option("--precision", default="auto", show_default=True, help="auto, float32 or bf16.")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1.")
@click.option("--tensorboard", is_flag=True, help="Write TensorBoard's event files to OUT/tensorboard.")
@click.option("--quiet", is_flag=True, help="No progress.")
def command(
    system: str, source: str, settings: tuple[str, ...], preset: str | None, seed: int, out: Path | None, resume: bool,
    epochs: int | None, batch: int | None, accumulate: int, held: float | None, select: str, precision: str,
    device: str, tensorboard: bool, quiet: bool, encode: tuple[str, ...], pool: str, store: Path | None,
    labelled: float, unlabelled: str | None, transductive: bool,
) -> None:  # fmt: skip
    """Train SYSTEM on the training part of the data; the test part is never looked at."""
    need_torch("training")
    from mien.files import write_atomic
    from mien.research.systems import assemble
    from mien.research.systems import system as card_of
    from mien.research.training import keep
    from mien.research.training.checkpoint import CONFIG, check_same, save_pretrained
    from mien.research.training.record import ADVICE
    from mien.research.training.settings import Settings
    from mien.research.training.trainer import fit

    card = card_of(system)
    config = card.configure(_pairs(settings), preset)
    data = open_encoded(source, encode, pool, store)
    folder = out or Path("runs") / f"{card.name}-{data.name}-seed{seed}"
    chosen = Settings(
        seed=seed, epochs=epochs, batch=batch, accumulate=accumulate, precision=precision, device=device,  # type: ignore[arg-type]
        select=select, out=folder, resume=resume, tensorboard=tensorboard, quiet=quiet,  # type: ignore[arg-type]
        labelled=labelled,
    )  # fmt: skip
    if resume and (folder / CONFIG).exists():
        check_same(folder, card.name, config, data.name, chosen.counted())
        click.echo(f"{folder}: this run is done", err=True)
        return
    if not resume:
        _spare(folder, done=folder / CONFIG, stopped=folder / keep.NAME)
    split, told = split_of(data, held, seed)
    train, valid = take(data, split.train), take(data, split.valid)
    speaks = os.environ.get("RANK", "0") == "0"
    if speaks and not quiet:
        click.echo(f"{data.name}: {told}; {len(train)} to train on, {len(valid)} to select on", err=True)
        warn_of(data, split)
    more, said = open_unlabelled(unlabelled, data, split, encode, pool, store, transductive)
    if said and speaks and not quiet:
        click.echo(said, err=True)
    method = assemble(card, config, data.shape(), seed=seed)
    if speaks and not quiet:
        click.echo(f"{card.name}: {sum(one.numel() for one in method.model.parameters()):,} parameters", err=True)
    try:
        run = fit(method, train, valid, chosen, unlabelled=more)
    except (KeyboardInterrupt, SystemExit):
        if speaks and (folder / keep.NAME).exists():
            click.echo(f"{folder}: stopped; the same command with --resume goes on", err=True)
        raise
    if speaks:
        ids = {part: [data.samples[row].id for row in getattr(split, part)] for part in ("train", "valid", "test")}
        write_atomic(folder / SPLIT, json.dumps({"data": data.name, **ids}, ensure_ascii=False) + "\n", ADVICE)
        facts = made_of(data, encode, pool) | ({"unlabelled": said} if said else {})
        save_pretrained(folder, method, data.space, run, data=data.name, notes=terms_note(facts), facts=facts)
        (folder / keep.NAME).unlink(missing_ok=True)
        click.echo(str(folder))


def _spare(folder: Path, *, done: Path, stopped: Path) -> None:
    """Refuse to train over what an earlier run left; the processes of one run all come before its first file."""
    if done.exists():
        raise InputError(folder, "", "holds a trained system; choose another --out, or delete the folder")
    if stopped.exists():
        raise InputError(folder, "", "holds a run that was stopped; go on with --resume, or choose another --out")


def _pairs(settings: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for one in settings:
        name, sign, value = one.partition("=")
        if not sign:
            raise RequestError(f"--set takes KEY=VALUE, got {one!r}")
        found[name] = value
    return found
