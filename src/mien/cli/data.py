"""`mien data`: the data sets that can be read, how each lies on disk, and what is wrong with a copy of one."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from mien.cli.progress import Steps
from mien.errors import RequestError
from mien.page.tables import render


@click.group()
def command() -> None:
    """List data sets, describe one, check a copy of one, or turn it into features."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(as_json: bool) -> None:
    """List the data sets that Mien reads from a copy of yours."""
    from mien.research.datasets import ADAPTERS, facts

    told = {name: facts(name) for name in ADAPTERS}
    if as_json:
        click.echo(json.dumps([{"name": name, **_named(one)} for name, one in told.items()], ensure_ascii=False))
        return
    what = {name: one[""].partition(": ")[2] or one[""] for name, one in told.items()}
    rows = [[name, what[name], one["Licence"].partition(";")[0]] for name, one in told.items()]
    click.echo(render(["name", "what", "licence"], rows), nl=False)


@command.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def describe(name: str, as_json: bool) -> None:
    """Tell all about a data set: licence, how to get it, how it lies on disk, labels, groups, options."""
    from mien.research.datasets import facts, options_of

    told, options = facts(name), options_of(name)
    if as_json:
        click.echo(json.dumps({"name": name, **_named(told), "defaults": options}, ensure_ascii=False, indent=1))
        return
    click.echo(told.pop(""))
    for heading, text in told.items():
        click.echo(f"{heading}: {text}")
    if options:
        click.echo("Defaults: " + ", ".join(f"{key}={_plain(value)}" for key, value in options.items()))


@command.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--data", "name", help="Which data set it is (default: told by its file names).")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="An option of the data set.")
@click.option("--allow", multiple=True, metavar="CODE", help="A finding that shall not refuse.")
@click.option("--no-files", is_flag=True, help="Do not look at the recordings on disk.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(
    path: Path, name: str | None, settings: tuple[str, ...], allow: tuple[str, ...], no_files: bool, as_json: bool
) -> None:
    """Count what is there and look for leaks: missing files, repeats across parts, balance, shared people.

    Exit code 1 where something refuses a figure or files are missing.
    """
    from mien.research.datasets.audit import audit

    data = _open(path, name, settings)
    found = audit(data, allow=allow, files=not no_files)
    counts = {
        "samples": len(data.samples),
        "groups": len({one.group for one in data.samples}),
        "speakers": len({one.speaker for one in data.samples if one.speaker}),
        "parts": {part: len(rows) for part, rows in data.parts.items()},
        "space": data.space.name,
        "modalities": _modalities(data),
        "with votes": sum(one.votes is not None for one in data.samples),
    }
    if as_json:
        told = [asdict(one) | {"refused": one in found.refused} for one in found.findings]
        click.echo(json.dumps({"data": data.name, "counts": counts, "findings": told}, ensure_ascii=False))
    else:
        _print(data.name, counts, found)
    if found.refused or any(one.code == "missing-files" for one in found.findings):
        raise click.exceptions.Exit(1)


@command.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--data", "name", help="Which data set it is (default: told by its file names).")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="An option of the data set.")
@click.option("--with", "--encode", "chosen", multiple=True, required=True, metavar="MODALITY=ENCODER[:KEY=VALUE,...]",
              help="An encoder for a modality: audio=mel, text=hash:width=256, text=hf:FOLDER,layer=-2.")  # fmt: skip
@click.option("--pool", "how", type=click.Choice(["none", "mean", "mean_std"]), default="none", help="One vector each.")
@click.option("--store", type=click.Path(path_type=Path), help="Folder of features (default: in your cache).")
@click.option("--skip", is_flag=True, help="Go on without recordings that cannot be read.")
@click.option("--quiet", is_flag=True, help="No progress.")
def encode(
    path: Path, target: Path, name: str | None, settings: tuple[str, ...], chosen: tuple[str, ...], how: str,
    store: Path | None, skip: bool, quiet: bool,
) -> None:  # fmt: skip
    """Turn recordings and texts into features, and write them as a pack (.npz) to train on.

    What was computed once is kept in the store, by encoder, version and content of the file.
    """
    from dataclasses import replace

    from mien.files import cache_folder
    from mien.research.datasets.pack import packed, save_pack
    from mien.research.encoders import encode as encoding
    from mien.research.protocols.encoding import Encoding

    packed(target)
    data = _open(path, name, settings)
    encoders = {one.modality: one.encoder() for one in map(Encoding.parse, chosen)}
    steps = Steps(1, quiet=quiet)
    ready = encoding.encode(
        data, encoders, store=store or cache_folder() / "features", skip=skip,
        progress=lambda done, every: steps.step("features", done / every),
    )  # fmt: skip
    steps.close()
    if how != "none":
        ready = encoding.pool(ready, how)
    samples = tuple(replace(one, clips={}) for one in ready.samples)
    save_pack(replace(ready, samples=samples), target)
    for note in ready.notes:
        click.echo(f"mien: {note}", err=True)
    click.echo(f"{target}: {len(samples)} samples, {ready.shape().widths}")


def _open(path: Path, name: str | None, settings: tuple[str, ...]) -> Any:
    from mien.research.datasets import ADAPTERS, load, parted, recognise

    said, colon, rest = str(path).partition(":")
    if name is None and colon and said.lower().replace("_", "-") in ADAPTERS:
        name, path = said, Path(rest)  # NAME:PATH, as `mien train --data` takes it
    path, behind = parted(path)
    given = behind | dict(_pair(one) for one in settings)
    if name is None and path.suffix in (".npz", ".json") and path.is_file():
        from mien.research.datasets.pack import load_pack

        return load_pack(path)
    return load(name or recognise(path), path, **given)


def _pair(text: str) -> tuple[str, str]:
    key, found, value = text.partition("=")
    if not found:
        raise RequestError(f"{text!r} is no KEY=VALUE")
    return key.strip(), value.strip()


def _modalities(data: Any) -> dict[str, str]:
    told = {}
    for name in sorted({name for one in data.samples for name in (*one.features, *one.clips)}):
        ready = sum(name in one.features for one in data.samples)
        raw = sum(name in one.clips for one in data.samples)
        counts = ((ready, "with features"), (raw, "recordings"))
        told[name] = ", ".join(f"{count} {what}" for count, what in counts if count)
    if words := sum(bool(one.words) for one in data.samples):
        told["words"] = f"{words} texts"
    return told


def _print(name: str, counts: dict[str, Any], found: Any) -> None:
    click.echo(f"{name}: {counts['samples']} samples, {counts['groups']} groups, {counts['speakers']} speakers, labels "
               f"{counts['space']}, {counts['with votes']} with votes")  # fmt: skip
    parts = ", ".join(f"{part} {count}" for part, count in counts["parts"].items()) or "none: cut whole groups"
    click.echo(f"parts: {parts}")
    for modality, told in counts["modalities"].items():
        click.echo(f"{modality}: {told}")
    for one in found.findings:
        if one.table:
            click.echo()
            click.echo(render(list(one.table[0]), [list(row) for row in one.table[1:]]), nl=False)
    click.echo()
    for one in found.findings:
        if not one.table:
            mark = {"refuse": "REFUSED", "warn": "warning", "tell": "note"}[one.weight]
            mark = "allowed" if one.weight == "refuse" and one not in found.refused else mark
            examples = f" (such as {', '.join(one.examples)})" if one.examples and one.weight != "tell" else ""
            click.echo(f"{mark}: {one.text}{examples} [{one.code}]")
    if not found.refused:
        click.echo("nothing refuses a figure from these parts" if counts["parts"] else "no parts to look across")


def _named(told: dict[str, str]) -> dict[str, str]:
    return {(heading or "title").lower().replace(" ", "_"): text for heading, text in told.items()}


def _plain(value: Any) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)
