"""Time of the text sense on one thread: `read_text` and whole evidence with its cues, on GoEmotions test sentences.

OMP_NUM_THREADS=1 python benchmarks/text.py --data DIR/data
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

RESULTS = Path(__file__).parent / "results" / "text-speed.json"


def milliseconds(work: Callable[[], object], items: int, rounds: int = 5) -> list[float]:
    """Milliseconds of processor time an item: best and median of some rounds (other load counts little)."""
    times = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        times.append((time.process_time() - started) / items * 1e3)
    return [round(min(times), 4), round(statistics.median(times), 4)]


def main() -> None:
    """Measure, print one table, write the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with goemotions/ and brighter/")
    args = parser.parse_args()
    english = pd.read_parquet(args.data / "goemotions/test.parquet")["text"].tolist()[:1000]
    other = pd.read_parquet(args.data / "brighter/dev.parquet").query("lang != 'eng'")["text"].tolist()[::8]
    started = time.process_time()
    from mien.analysis.media.recording import Caption, Recording
    from mien.analysis.moments.moments import Moments
    from mien.analysis.moments.span import Span
    from mien.analysis.senses.text import TextSense, read_text

    read_text(["warm up"])
    first = time.process_time() - started
    lines = tuple(Caption(float(i), i + 1.0, text) for i, text in enumerate(english))
    moments = Moments(Recording("", "text", None, (), source=None, clock="lines"), transcript=lines)
    spans = [Span(line.start, line.end) for line in lines]
    table = {
        "first answer, imports and weights included (ms)": [round(first * 1e3, 1)] * 2,
        "read_text, English, language given": milliseconds(lambda: read_text(english, "en"), len(english)),
        "read_text, English, language recognised": milliseconds(lambda: read_text(english), len(english)),
        "read_text, 27 other languages, recognised": milliseconds(lambda: read_text(other), len(other)),
        "TextSense.read, English, with cues": milliseconds(
            lambda: list(TextSense().read(moments, spans)), len(english)
        ),
    }
    print(f"{'processor milliseconds a sentence, one thread':50}{'best':>10}{'median':>10}")
    for name, (best, middle) in table.items():
        print(f"{name:50}{best:>10}{middle:>10}")
    versions = {"python": platform.python_version(), "numpy": np.__version__}
    facts = {"command": "OMP_NUM_THREADS=1 python benchmarks/text.py --data DATA", "versions": versions, "seed": None}
    machine = {"machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"}
    RESULTS.write_text(json.dumps(facts | machine | {"ms_best_median": table}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
