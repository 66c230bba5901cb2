"""Make src/mien/scoring/wheels.json from the word tables of the open-vocabulary scorers.

    python recipes/wheels/build.py FOLDER [--out FILE]

FOLDER holds wheels.json, word-to-group.json, synonyms.json, forms-2025.json and forms-2026-changes.json: the rows of
the tables in zeroQiaoba/AffectGPT (emotion_wheel, commit d961cab, Apache-2.0) turned into JSON maps, and what the 2026
edition in zeroQiaoba/MERTools (commit 89120b7) changed. The look-up chain form -> bases -> synonym heads -> first word
a wheel knows is walked here once, so that scoring is one look-up.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

WHEELS = [f"wheel{number}" for number in range(1, 6)]
OUT = Path(__file__).parents[2] / "src" / "mien" / "scoring" / "wheels.json"
INPUTS = ("wheels", "word-to-group", "synonyms", "forms-2025", "forms-2026-changes")


def groups_from_rows(wheel: dict) -> dict[str, dict[str, str]]:
    """word -> group per level, as the published code builds it: later rows win."""
    inner, outer = {}, {}
    for first, seconds in wheel.items():
        inner[first] = first
        outer[first] = sorted(seconds)[0]
        for second, thirds in seconds.items():
            inner[second], outer[second] = first, second
            for third in thirds:
                inner[third], outer[third] = first, second
    return {"level1": inner, "level2": outer}


def chain(bases: list[str], synonyms: dict[str, list[str]], groups: dict) -> list[str | None]:
    """[base form, synonym head, the word that decides on wheel 1..5]."""
    first = sorted(bases)[0]
    heads = sorted(head for base in bases for head in synonyms[base])
    deciding = [next((head for head in heads if head in groups[wheel]["level1"]), None) for wheel in WHEELS]
    return [first, sorted(synonyms[first])[0], *deciding]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    chosen = parser.parse_args()
    raw = {name: (chosen.folder / f"{name}.json").read_bytes() for name in INPUTS}
    tables = {name: json.loads(data) for name, data in raw.items()}
    groups = {wheel: groups_from_rows(tables["wheels"][wheel]) for wheel in WHEELS}
    assert groups == tables["word-to-group"], "rows and look-up table disagree"
    old = tables["forms-2025"]
    new = {form: bases for form, bases in tables["forms-2026-changes"].items()}
    synonyms = tables["synonyms"]
    chains = {form: chain(bases, synonyms, groups) for form, bases in old.items()}
    changes = {form: chain(bases, synonyms, groups) if bases else None for form, bases in new.items()}
    words = sorted({word for row in [*chains.values(), *filter(None, changes.values())] for word in row if word})
    place = {word: index for index, word in enumerate(words)}
    bases = {form: old[form] for form in old if old[form] != [chains[form][0]]}

    def code(row: list[str | None] | None) -> list[int] | None:
        return None if row is None else [-1 if word is None else place[word] for word in row]

    text = [
        "{",
        '"about": "Made by recipes/wheels/build.py; facts from zeroQiaoba/AffectGPT emotion_wheel @d961cab (Apache-2.0) '
        'and zeroQiaoba/MERTools MER2026_Track2 @89120b7; cite arXiv 2410.01495 and 2501.16566",',
        f'"inputs": {json.dumps({name: hashlib.sha256(data).hexdigest() for name, data in raw.items()})},',
        f'"words": {json.dumps(words, ensure_ascii=False)},',
        f'"groups": {json.dumps({wheel: {w: [groups[wheel]["level1"][w], groups[wheel]["level2"][w]] for w in sorted(groups[wheel]["level1"])} for wheel in WHEELS}, ensure_ascii=False)},',
        f'"bases": {json.dumps(bases, ensure_ascii=False)},',
        f'"changed_bases": {json.dumps(new, ensure_ascii=False)},',
        '"forms": {',
        ",\n".join(
            f"{json.dumps(form, ensure_ascii=False)}: {json.dumps(code(chains[form]), separators=(',', ':'))}"
            for form in sorted(chains)
        ),
        '},\n"changes": {',
        ",\n".join(
            f"{json.dumps(form, ensure_ascii=False)}: {json.dumps(code(changes[form]), separators=(',', ':'))}"
            for form in sorted(changes)
        ),
        "}\n}\n",
    ]
    chosen.out.write_text("\n".join(text), encoding="utf-8")
    print(f"{chosen.out}: {len(chains)} forms, {len(changes)} changed in 2026, {chosen.out.stat().st_size >> 10} KiB")


if __name__ == "__main__":
    main()
