"""What the commands of research share: torch or a clear line, the data behind --data, parts of it."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from mien.errors import DataError, InputError, MissingExtra, RequestError
from mien.research.samples import Data, Sample, Split, grouped_split

if TYPE_CHECKING:
    from mien.research.systems.pretrained import Trained

DATA_HELP = "A pack (.npz or .json), or NAME:PATH of a data set (`mien data list`), with 'PATH?key=value&...' options."


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--data, as every command of research takes it."""
    return click.option("--data", "source", required=True, help=DATA_HELP)(command)


def need_torch(what: str) -> None:
    """MissingExtra unless torch and safetensors are there."""
    if any(importlib.util.find_spec(name) is None for name in ("torch", "safetensors")):
        raise MissingExtra("train", f"{what} needs torch and safetensors")


def open_data(source: str) -> Data:
    """The data behind --data: a pack, NAME:PATH through the data set's adapter, or a PATH whose files tell which.

    Behind the path of a data set may stand options: "mmmo:PATH?label=sign&modalities=audio,face".
    """
    name, colon, path = source.partition(":")
    try:
        return _opened(source, name if colon else "", path)
    except DataError as error:
        if Path(error.path).exists() or error.row is not None:
            raise
        raise DataError(source, None, str(error)) from None  # it names the data, and a person knows the file


def _opened(source: str, name: str, path: str) -> Data:
    from mien.research.datasets import ADAPTERS, load, pack, parted, recognise

    if name.lower().replace("_", "-") in ADAPTERS:
        return load(name, path)
    if Path(source).suffix.lower() in (".npz", ".json"):
        return pack.load_pack(source)
    where, options = parted(source)
    if where.exists():
        return load(recognise(where), where, **options)
    known = ", ".join(ADAPTERS)
    raise RequestError(f"--data {source!r} is no pack (.npz, .json), no NAME:PATH and no folder; data sets: {known}")


def encode_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--encode, --pool and --store, as `mien bench` has them."""
    for option in (
        click.option("--store", type=click.Path(path_type=Path), help="Folder that keeps encoded features."),
        click.option("--pool", default="none", help="none, mean or mean_std over time (vectors)."),
        click.option(
            "--encode", multiple=True, metavar="M=ENCODER", help="Of raw clips: audio=mel, text=hf:FOLDER,layer=-2."
        ),
    ):
        command = option(command)
    return command


def open_encoded(source: str, encode: Sequence[str], pool: str, store: Path | None) -> Data:
    """The data behind --data, with raw clips and words turned into features; RequestError where it has none then."""
    from mien.research.protocols.encoding import Encoding, encoded

    return encoded(open_data(source), tuple(Encoding.parse(text) for text in encode), pooling=pool, store=store)


def open_unlabelled(
    source: str | None, data: Data, split: Split, encode: Sequence[str], pool: str, store: Path | None,
    transductive: bool,
) -> tuple[tuple[Sample, ...], str]:  # fmt: skip
    """Samples for stages without labels, and a sentence on them; none where no source is given.

    RequestError where test clips are among them and that was not asked for, or where features have other widths. What
    is in the training or validation part is left out, and so is what shares a group with the latter.
    """
    if source is None:
        return (), ""
    from mien.research.training.labelled import refuse_test_clips

    more = open_encoded(source, encode, pool, store)
    widths, own = data.shape().widths, more.shape().widths
    if not set(widths) & set(own) or any(own.get(name, width) != width for name, width in widths.items()):
        raise RequestError(f"--unlabelled has features of the widths {dict(own)}, --data of {dict(widths)}")
    same = {_content(one, widths): one.id for one in data.samples}
    named = [same.get(_content(one, widths), one.id) for one in more.samples]  # a test clip under another name is one
    shared = refuse_test_clips(named, {data.samples[row].id for row in split.test}, transductive=transductive)
    known = {data.samples[row].id for row in (*split.train, *split.valid)}
    held = {data.samples[row].group for row in split.valid}
    pairs = zip(more.samples, named, strict=True)
    kept = tuple(one for one, name in pairs if name not in known and one.group not in held)
    if not kept:
        raise RequestError(f"--unlabelled {source}: all of it is in the training or validation part already")
    how = f"TRANSDUCTIVE: {shared} of them clips of the test part" if shared else "none of them in the test part"
    return kept, f"{len(kept)} samples of {more.name} without labels, {how}"


def _content(sample: Sample, names: Iterable[str]) -> str:
    """A hash of what a system reads of a sample; its id where it has none of these modalities."""
    found = hashlib.sha256()
    for name in sorted(set(names) & set(sample.features)):
        found.update(name.encode() + np.ascontiguousarray(sample.features[name], np.float32).tobytes())
    return found.hexdigest() if set(names) & set(sample.features) else sample.id


def made_of(data: Data, encode: Sequence[str], pool: str) -> dict[str, Any]:
    """What a trained system's folder keeps of its data: how its features were made, and on what terms it stands."""
    from mien.research.datasets import ADAPTERS, facts
    from mien.research.protocols.encoding import Encoding

    stated = facts(data.name).get("Licence", "") if data.name in ADAPTERS else ""
    encoders = [Encoding.parse(text).record() for text in encode]
    return {"encode": list(encode), "pool": pool, "encoders": encoders, "licence": stated}


def terms_note(facts: dict[str, Any]) -> str:
    """What the model card says of terms and features."""
    stated = facts["licence"] or "not stated: whoever gives the weights on must know"
    made = [f"- {one['modality']}: {one['name']} {one['version']} {one['settings']}" for one in facts["encoders"]]
    how = "\n".join([*made, f"- pooled over time: {facts['pool']}"]) if made else "Came with the data."
    more = f"\n\n## Samples without labels\n\n{facts['unlabelled']}" if "unlabelled" in facts else ""
    return f"## Features\n\n{how}{more}\n\n## Terms\n\nWeights follow the terms of the training data: {stated}"


def open_for(trained: Trained, source: str, encode: Sequence[str], pool: str, store: Path | None) -> Data:
    """The data for a trained system, encoded as what it was trained on, unless it has features or --encode is given."""
    from mien.research.encoders.recorded import rebuild
    from mien.research.training.answering import check_data

    folder = trained.folder
    if not encode:
        rebuild(folder.run.get("encoders", ()))  # refuses encoders of another version
    if not encode and not set(folder.shape.widths) & set(open_data(source).shape().widths):
        encode, pool = folder.run.get("encode", ()), folder.run.get("pool", "none")
    data = open_encoded(source, encode, pool, store)
    check_data(folder.shape, folder.space.labels, data, folder.system)
    for name in folder.shape.widths:
        if lacking := sum(name not in sample.features for sample in data.samples):
            told = "all" if lacking == len(data.samples) else f"{lacking} of {len(data.samples)}"
            click.echo(f"{data.name}: {told} samples are answered without {name}, which they lack", err=True)
    if empty := sum(not set(folder.shape.widths) & set(sample.features) for sample in data.samples):
        click.echo(f"{data.name}: {empty} samples have nothing that {folder.system} reads: it can only guess", err=True)
    return data


def split_of(data: Data, held: float | None, seed: int) -> tuple[Split, str]:
    """The owners' parts where they made any, else a grouped 70/15/15; and a line that says so.

    held: share of the training groups to select on, where the owners made no validation part; 0 for none.
    """
    rng = np.random.default_rng(seed)
    parts = data.parts
    if "train" not in parts:
        split = grouped_split(data.samples, (0.7, 0.15, 0.15), rng)
        return split, f"no parts of the owners: whole groups at random (seed {seed}), 70/15/15"
    train, valid = tuple(parts["train"]), tuple(parts.get("valid", ()))
    told = "parts of the owners" if valid else "parts of the owners, none to select on: the last epoch is kept"
    if held and not valid:
        if {data.samples[row].group for row in train} & data.fitted:
            raise RequestError(
                f"{data.name}: the features were fitted on the labels of the training groups, so no part to select on "
                "can be cut from them (it would look far too good); leave --held off"
            )
        groups = sorted({data.samples[row].group for row in train})
        taken = set(rng.permutation(groups)[: max(1, round(held * len(groups)))].tolist())
        if len(taken) == len(groups):
            raise RequestError(f"--held {held}: the training part has only {len(groups)} group")
        valid = tuple(row for row in train if data.samples[row].group in taken)
        train = tuple(row for row in train if data.samples[row].group not in taken)
        told = f"parts of the owners; {len(taken)} of {len(groups)} training groups to select on (seed {seed})"
    split = Split(train, valid, tuple(parts.get("test", ())))
    return split, told


def warn_of(data: Data, split: Split) -> None:
    """Says on stderr what this copy of the data lacks, and which classes a part lacks.

    A bench refuses a class that is tested but never trained; a person who trains one system is told.
    """
    from mien.research.datasets.audit_people import balance

    parts = {name: rows for name in ("train", "valid", "test") if (rows := getattr(split, name))}
    found = [one.text for one in balance(data, parts) if one.weight in ("refuse", "warn")]
    for text in (*data.notes, *found):
        click.echo(f"{data.name}: {text}", err=True)


def take(data: Data, rows: tuple[int, ...]) -> tuple[Sample, ...]:
    """Those samples."""
    return tuple(data.samples[row] for row in rows)


def rows_named(data: Data, ids: list[str], path: Path) -> tuple[int, ...]:
    """The rows of those ids; InputError naming the first that the data lacks."""
    place = {sample.id: row for row, sample in enumerate(data.samples)}
    for name in ids:
        if name not in place:
            raise InputError(path, "", f"names {name!r}, which {data.name} lacks; give the data it was trained on")
    return tuple(place[name] for name in ids)
