"""Choose the bounds of `moments/turns.py` on joins of the development speakers: prints a table, changes nothing."""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path

import numpy as np
from joins import Join, conversations, errors, monologue, noisy, speakers_of

from mien.analysis.media.reader import open_recording
from mien.analysis.moments.speech import Ear
from mien.analysis.moments.turns import Bounds, turns_of
from mien.analysis.moments.windows import Piece, pieces_of


def heard(join: Join) -> list[Piece]:
    """The pieces of speech of a join, embedded."""
    blocks = open_recording(join.samples, rate=16_000).audio(16_000)
    return [piece for stretch in Ear().listen(blocks) for piece in pieces_of(stretch)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=3)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    single = [
        monologue(clips, seconds, rng)
        for people in speakers_of(asked.data, "dev").values()
        for clips in people.values()
        for seconds in (15.0, 60.0)
    ]
    several = list(conversations(asked.data, "dev", 6, rng))
    joins = single + several
    joins += [noisy(join, 10.0, rng) for join in joins[::2]]
    material = [(join, heard(join)) for join in joins]
    rows = []
    for same, unsure_zone, spoken in product(np.arange(0.22, 0.47, 0.03), (0.0, 0.06), (2.0, 3.0)):
        bounds = Bounds(same=float(same), unsure=unsure_zone, spoken=spoken)
        one, rate, right, unsure = [], [], [], 0
        for join, pieces in material:
            said = turns_of(pieces, bounds)
            found = len({turn.voice for turn in said.turns})
            if join.speakers == 1:
                one.append(found == 1)
            else:
                rate.append(errors(join.truth, [(t.start, t.end, t.voice) for t in said.turns]).rate)
                right.append(found == join.speakers)
            unsure += bool(said.notices)
        rows.append((np.mean(one), np.mean(rate), np.mean(right), unsure, same, unsure_zone, spoken))
    print("one voice kept  error rate  right count  unsure |  same  zone  spoken")
    for row in sorted(rows, key=lambda row: 2 * row[0] - row[1], reverse=True)[:20]:
        print("{:14.3f} {:11.3f} {:12.3f} {:7d} | {:5.2f} {:5.2f} {:6.1f}".format(*row))


if __name__ == "__main__":
    main()
