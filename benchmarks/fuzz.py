"""Mutates real files and feeds them to `mien analyze`: no traceback, no hang, no growth.

    python benchmarks/fuzz.py [--minutes 10] [--seed 0]

A worker process reads mutated copies of the examples (bits flipped, pieces cut, doubled, swapped or zeroed, ends cut
off, text files with broken bytes). An answer or one MienError per file is right; any other exception, a file that takes
longer than a minute, a worker that dies, or memory that grows from the second quarter of the run to the last is a finding,
and the mutated file is kept.
"""

from __future__ import annotations

import argparse
import json
import resource
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from common import ROOT, save, table

HANG = 60.0


def material() -> list[Path]:
    """Real files of every kind that is read."""
    return sorted(p for p in (ROOT / "examples").rglob("*") if p.is_file() and p.suffix not in (".md", ".html"))


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    """One to four random damages."""
    piece = bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        if not piece:
            return bytes(piece)
        kind = int(rng.integers(7))
        at = int(rng.integers(len(piece)))
        length = int(min(len(piece) - at, 2 ** rng.integers(0, 14)))
        if kind == 0:
            piece[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            piece[at : at + length] = bytes(length)
        elif kind == 2:
            del piece[at : at + length]
        elif kind == 3:
            piece[at:at] = piece[at : at + length]
        elif kind == 4:
            del piece[at:]
        elif kind == 5:
            piece[at : at + length] = rng.bytes(length)
        else:
            head = int(rng.integers(min(len(piece), 512)))
            piece[head] = int(rng.integers(256))
    return bytes(piece)


def worker() -> None:
    """Reads paths from stdin, writes one JSON line each."""
    from mien.analysis.pipeline import analyze
    from mien.errors import MienError

    for line in sys.stdin:
        path = line.rstrip("\n")
        try:
            found = analyze(path)
            found.to_json()
            answer = "answer"
        except MienError as error:
            answer = "error" if "\n" not in str(error) else f"finding: error of several lines: {error}"
        except Exception as error:
            answer = f"finding: {type(error).__name__}: {error}"
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        current = (
            int(Path("/proc/self/statm").read_text().split()[1]) * 4 / 1024
            if Path("/proc/self/statm").exists()
            else rss
        )
        print("\x1e" + json.dumps([answer, current]), flush=True)


def start() -> subprocess.Popen[str]:
    """A fresh worker."""
    return subprocess.Popen(
        [sys.executable, __file__, "--worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def ask(process: subprocess.Popen[str], path: Path) -> tuple[str, float]:
    """The worker's answer, or what happened instead of one."""
    assert process.stdin and process.stdout
    process.stdin.write(f"{path}\n")
    process.stdin.flush()
    limit = time.monotonic() + HANG
    while (left := limit - time.monotonic()) > 0:
        ready, _, _ = select.select([process.stdout], [], [], left)
        if not ready:
            break
        line = process.stdout.readline()
        if not line:
            return f"finding: the worker died ({process.wait()})", 0.0
        if line.startswith("\x1e"):
            answer, memory = json.loads(line[1:])
            return answer, memory
    process.kill()
    process.wait()
    return f"finding: no answer in {HANG:.0f} s", 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"))
    parser.add_argument("--worker", action="store_true")
    given = parser.parse_args()
    if given.worker:
        return worker()
    rng, files = np.random.default_rng(given.seed), material()
    counts: Counter[str] = Counter()
    findings, memory, process = [], [], start()
    end = time.monotonic() + given.minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            source = files[int(rng.integers(len(files)))]
            path = Path(folder) / f"mutant{source.suffix}"
            path.write_bytes(mutate(source.read_bytes(), rng))
            answer, used = ask(process, path)
            counts[answer.split(":")[0]] += 1
            memory.append(used)
            if answer.startswith("finding"):
                given.keep.mkdir(exist_ok=True)
                kept = given.keep / f"{len(findings)}-{source.name}"
                shutil.copy(path, kept)
                findings.append({"source": source.name, "kept": kept.name, "what": answer})
                print(findings[-1])
            if process.poll() is not None:
                process = start()
    process.kill()
    quarter = max(1, len(memory) // 4)
    growth = max(memory[-quarter:]) / max(1.0, max(memory[quarter : 2 * quarter], default=1.0))
    table(["outcome", "files"], [[k, v] for k, v in counts.items()])
    print(f"memory: last quarter {max(memory[-quarter:]):.0f} MB, {growth:.2f} times the second quarter")
    save(
        "fuzz", {"minutes": given.minutes, "counts": counts, "findings": findings, "memory_growth": growth}, given.seed
    )
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
