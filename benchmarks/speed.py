"""How fast, how linear, how much memory: `mien analyze` on long talking video, and how quickly it starts.

    python benchmarks/speed.py [--minutes 10] [--long 60]

The material is examples/talking.mp4 enlarged to 720p and repeated (real picture and sound; see common.long_video).
Bare decoding of the same file runs before and after, in the same process settings, so the ratio is fair.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import ROOT, long_video, save, table

RUN = r"""
import json, pathlib, re, sys, time
from mien.analysis import pipeline
from mien.analysis.heap import steady
steady()  # as the command line does
began = time.perf_counter(); cpu = time.process_time()
marks = {}
def peak_mb():  # of this process alone: ru_maxrss would count what its parent held before exec
    return int(re.search(r'VmHWM:\s+(\d+)', pathlib.Path('/proc/self/status').read_text())[1]) / 1024
last = [None, began]
def progress(step, share):
    now = time.perf_counter()
    if last[0] is not None: marks[last[0]] = marks.get(last[0], 0.0) + now - last[1]
    last[0], last[1] = step, now
analysis = pipeline.analyze(sys.argv[1], progress=progress)
progress('end', 1.0)
print(json.dumps({'wall': time.perf_counter() - began, 'cpu': time.process_time() - cpu, 'stages': marks,
  'rss_mb': peak_mb(), 'affects': len(analysis.affects)}))
"""
DECODE = """
import av, json, sys, time
began = time.perf_counter()
with av.open(sys.argv[1]) as c:
    c.streams.video[0].thread_type = 'AUTO'; c.streams.video[0].codec_context.thread_count = 0
    for _ in c.decode(video=0): pass
with av.open(sys.argv[1]) as c:
    for _ in c.decode(audio=0): pass
print(json.dumps({'wall': time.perf_counter() - began}))
"""


def fresh(code: str, *arguments: str) -> dict:
    """Run code in a new process, its JSON answer and the whole process's time."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1]) | {"process": time.perf_counter() - began}


def starts() -> dict[str, float]:
    """Median of five fresh processes, seconds."""
    bare = [sys.executable, "-c", "pass"]
    commands = {
        "bare interpreter": bare,
        "import mien": [sys.executable, "-c", "import mien"],
        "mien --help": [sys.executable, "-m", "mien", "--help"],
        "mien analyze talking.mp4 (3.3 s)": [
            sys.executable,
            "-m",
            "mien",
            "analyze",
            str(ROOT / "examples/talking.mp4"),
        ],
    }
    result = {}
    for name, command in commands.items():
        times = []
        for _ in range(5):
            began = time.perf_counter()
            subprocess.run(command, capture_output=True, check=True)
            times.append(time.perf_counter() - began)
        result[name] = statistics.median(times)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--long", type=float, default=60)
    given = parser.parse_args()
    start = starts()
    table(["start", "seconds"], [[k, v] for k, v in start.items()])
    with tempfile.TemporaryDirectory() as folder:
        clip = ROOT / "examples" / "talking.mp4"
        lengths = sorted({5.0, given.minutes, given.long})
        runs = {}
        for minutes in lengths:
            video = long_video(clip, Path(folder) / f"talk{minutes:g}.mp4", minutes)
            before = fresh(DECODE, str(video))["wall"] if minutes == given.minutes else None
            run = fresh(RUN, str(video))
            if before is not None:
                run["decode"] = (before + fresh(DECODE, str(video))["wall"]) / 2
            runs[f"{minutes:g}"] = run | {"times_real": minutes * 60 / run["wall"], "per_minute": run["wall"] / minutes}
            video.unlink()
    table(
        ["minutes", "wall s", "x real time", "s per minute", "peak RSS MB"],
        [[m, r["wall"], r["times_real"], r["per_minute"], r["rss_mb"]] for m, r in runs.items()],
    )
    main_run = runs[f"{given.minutes:g}"]
    table(["stage", "share"], [[k, v / main_run["wall"]] for k, v in main_run["stages"].items()])
    summary = {
        "times_real_time": main_run["times_real"],
        "ratio_to_bare_decoding": main_run["wall"] / main_run["decode"],
        "per_minute_long_over_short": runs[f"{given.long:g}"]["per_minute"] / main_run["per_minute"],
        "rss_long_over_5": runs[f"{given.long:g}"]["rss_mb"] / runs["5"]["rss_mb"],
    }
    table(["figure", "value"], [[k, v] for k, v in summary.items()])
    save("speed", {"start": start, "runs": runs, "summary": summary})


if __name__ == "__main__":
    main()
