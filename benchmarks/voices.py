"""Who speaks when, on joins of speakers that neither the embedding nor its bounds ever met.

    python benchmarks/voices.py --data DIR

DIR holds the five speech corpora (see recipes/voice/README.md); the test speakers of that protocol are used. Prints
one table and writes benchmarks/results/voices.json. Error rate: missed + falsely heard + wrong voice over true speech,
0.25 s around true edges left out, overlapped speech counted twice (the answer never holds two voices at once).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from common import ROOT, save, table

from mien.analysis.media.reader import open_recording
from mien.analysis.moments.hear import Hearing, hear

sys.path += [str(ROOT / "recipes" / "voice"), str(ROOT / "recipes" / "speech")]
from joins import Join, conversations, errors, monologue, noisy, speakers_of


def listen(join: Join) -> Hearing:
    return hear(open_recording(join.samples, rate=16_000))


def share(
    truth: Sequence[tuple[float, ...]], speech: Sequence[tuple[float, float]], seconds: float
) -> tuple[float, float]:
    """Precision and recall of speech on a grid of 10 ms."""
    real, told = np.zeros(round(seconds * 100) + 1, bool), np.zeros(round(seconds * 100) + 1, bool)
    for grid, parts in ((real, truth), (told, speech)):
        for start, end, *_ in parts:
            grid[round(start * 100) : round(end * 100)] = True
    return float((real & told).sum() / max(told.sum(), 1)), float((real & told).sum() / max(real.sum(), 1))


def row(name: str, joins: Iterable[Join]) -> dict[str, object]:
    rates, missed, false, confused, counts, precision, recall, unsure, shown, cost, sound = ([] for _ in range(11))
    for join in joins:
        began = time.process_time()
        heard = listen(join)
        cost.append(time.process_time() - began)
        sound.append(len(join.samples) / 16_000)
        found = errors(join.truth, [(t.start, t.end, t.voice) for t in heard.turns])
        rates.append(found.rate)
        for column, part in ((missed, found.missed), (false, found.false), (confused, found.confused)):
            column.append(part / found.speech)
        counts.append(found.voices == join.speakers)
        shown.append(found.voices)
        unsure.append(any(notice.code == "voices-unsure" for notice in heard.notices))
        exact, whole = share(join.truth, heard.speech, sound[-1])
        precision.append(exact)
        recall.append(whole)
    return {
        "joins": name,
        "n": len(rates),
        "error_rate": _mean(rates),
        "missed": _mean(missed),
        "false": _mean(false),
        "wrong_voice": _mean(confused),
        "right_count": _mean(counts),
        "mean_voices": _mean(shown),
        "unsure": int(np.sum(unsure)),
        "speech_precision": _mean(precision),
        "speech_recall": _mean(recall),
        "times_real_time": round(float(np.sum(sound) / np.sum(cost)), 1),
    }


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--each", type=int, default=4, help="joins of each number of speakers and condition")
    parser.add_argument("--seed", type=int, default=11)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    people = speakers_of(asked.data, "test")
    alone = [monologue(clips, 60.0, rng) for who in people.values() for _, clips in sorted(who.items())]
    clean = list(conversations(asked.data, "test", asked.each, rng))
    over = list(conversations(asked.data, "test", asked.each, rng, overlap=True))
    rows = [row("1 speaker, clean", alone)]
    rows.append(row("1 speaker, noise 10 dB", [noisy(join, 10.0, rng) for join in alone]))
    for count in (2, 3, 4):
        some = [join for join in clean if join.speakers == count]
        rows.append(row(f"{count} speakers, clean", some))
        rows.append(row(f"{count} speakers, noise 10 dB", [noisy(join, 10.0, rng) for join in some]))
        rows.append(row(f"{count} speakers, overlap", [join for join in over if join.speakers == count]))
    columns = list(rows[0])
    table(columns, [[line[name] for name in columns] for line in rows])
    result = {
        # Not argv: where the corpora lie is nobody's business.
        "command": f"python benchmarks/voices.py --data DIR --each {asked.each} --seed {asked.seed}",
        "speakers": {corpus: sorted(who) for corpus, who in people.items()},
        "rows": rows,
    }
    save("voices", result, asked.seed)


if __name__ == "__main__":
    main()
