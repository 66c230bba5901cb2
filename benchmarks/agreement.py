"""How far Mien's offline rules agree with the language-model steps of EMER whose results were released.

    python benchmarks/agreement.py FOLDER

FOLDER holds, from the owners' repositories (not shipped here): final-EMER-reason.csv (name, chinese, english),
check-openset.csv and predict-openset.csv (name, openset), openset-synonym.zip (one .npy a clip). Printed and saved:
labels read from the descriptions by the lexicon against the checked lists, as words and as groups of each wheel;
pairs of words put together by a wheel against those of the released groups; and the set-level score of each clip
under both.
"""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from pathlib import Path

import numpy as np
from common import save, table

from mien.scoring.agree import Concord, groups_agree, labels_agree, numbers_agree
from mien.scoring.answers import lexicon_extract
from mien.scoring.lists import bracketed_list, nested_list
from mien.scoring.setlevel import SetLevel, set_level, united, wheel_groups
from mien.scoring.wheels import LEVEL1, LEVEL2, tables


def column(path: Path, name: str) -> dict[str, str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return {row["name"]: row[name] for row in csv.DictReader(stream)}


def released_groups(path: Path) -> dict[str, list[list[str]]]:
    with zipfile.ZipFile(path) as held:
        arrays = {Path(name).stem: held.read(name) for name in held.namelist() if name.endswith(".npy")}
    return {name: nested_list(np.load(io.BytesIO(data), allow_pickle=False).tolist()) for name, data in arrays.items()}


def of_clips(found: SetLevel) -> list[float]:
    return ((found.sample_accuracy + found.sample_recall) / 2).tolist()


def labels(folder: Path, truth: dict[str, list[str]]) -> dict[str, Concord]:
    held, found = tables(), {}
    for language in ("english", "chinese"):
        texts = column(folder / "final-EMER-reason.csv", language)
        names = [name for name in truth if name in texts]
        wanted, read = [truth[name] for name in names], lexicon_extract([texts[name] for name in names])
        found[f"labels, {language}, words"] = labels_agree(wanted, read)
        for grouping in (*LEVEL1, *LEVEL2):
            same = labels_agree(wanted, read, group=lambda word, way=grouping: held.group(word, way))
            found[f"labels, {language}, {grouping}"] = same
    return found


def main() -> None:
    folder = Path(sys.argv[1])
    truth, answers = (
        {name: bracketed_list(text) for name, text in column(folder / f"{which}-openset.csv", "openset").items()}
        for which in ("check", "predict")
    )
    found = labels(folder, truth)
    groups = released_groups(folder / "openset-synonym.zip")
    names = [name for name in truth if name in groups and name in answers]
    wanted, given, sorted_ = ([held[name] for name in names] for held in (truth, answers, groups))
    published = set_level(wanted, given, sorted_, strip=False)
    for grouping in (*LEVEL1, *LEVEL2):
        mine = wheel_groups(grouping)(united(wanted, given))
        found[f"groups, {grouping}"] = groups_agree(sorted_, mine)
        scores = set_level(wanted, given, mine)
        found[f"clip scores, {grouping}"] = numbers_agree(of_clips(published), of_clips(scores), step="clip scores")
    print(f"released set-level figures: {published.accuracy:.4f} {published.recall:.4f} {published.average:.4f}")
    table(["step", "n", "agreement"], [[name, one.n, str(one).split(": ")[1]] for name, one in found.items()])
    save("agreement", {name: {"n": one.n, **one.values} for name, one in found.items()})


if __name__ == "__main__":
    main()
