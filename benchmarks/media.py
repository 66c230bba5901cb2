"""What reading costs over bare decoding, and what memory it takes, on a 720p talking video.

    python benchmarks/media.py [--minutes 1] [--long 10] [--rounds 5]

The clip is examples/talking.mp4 at 1280 x 720, 30 pictures a second, H.264 and AAC, repeated. Every row is timed in
the same process, one after the other in each round; the best round counts (other load on the machine only ever
adds), the ratio is to bare PyAV decoding. Memory is the peak of a fresh process.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import av
from common import ROOT, long_video, save, table

from mien.analysis.media.reader import open_recording

MEMORY = """
import json, resource, sys
from pathlib import Path
from mien.analysis.media.reader import open_recording
recording = open_recording(sys.argv[1])
frames = sum(frame.grey(640).size > 0 for frame in recording.frames(5))
seconds = sum(len(block.samples) for block in recording.audio()) / 16000
# ru_maxrss of a child counts its parent's memory before exec on Linux, VmHWM does not.
status = Path('/proc/self/status')
peak = next((int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith('VmHWM')), 0.0
    ) if status.exists() else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({'frames': frames, 'seconds': seconds, 'rss_mb': peak, 'notices': len(recording.notices)}))
"""


def bare_video(clip: Path) -> None:
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        stream.thread_type, stream.codec_context.thread_count = "AUTO", 0
        for _ in container.decode(stream):
            pass


def bare_audio(clip: Path) -> None:
    with av.open(str(clip)) as container:
        for _ in container.decode(audio=0):
            pass


def frames(clip: Path, fps: float, width: int | None, colour: bool = False) -> None:
    for frame in open_recording(clip).frames(fps):
        if width is not None:
            frame.rgb(width) if colour else frame.grey(width)


def audio(clip: Path) -> None:
    for _ in open_recording(clip).audio(16000):
        pass


WORK: dict[str, tuple[str, Callable[[Path], None]]] = {
    "bare decoding, picture": ("bare decoding, picture", bare_video),
    "frames(5)": ("bare decoding, picture", lambda clip: frames(clip, 5, None)),
    "frames(5), grey at 640": ("bare decoding, picture", lambda clip: frames(clip, 5, 640)),
    "frames(5), colour at 640": ("bare decoding, picture", lambda clip: frames(clip, 5, 640, True)),
    "frames(0.1), grey at 640": ("bare decoding, picture", lambda clip: frames(clip, 0.1, 640)),
    "bare decoding, sound": ("bare decoding, sound", bare_audio),
    "audio(16000)": ("bare decoding, sound", audio),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--long", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        short = long_video(ROOT / "examples" / "talking.mp4", Path(folder) / "short.mp4", given.minutes)
        rounds = [timed(short) for _ in range(given.rounds)]
        wall = {name: min(run[name][0] for run in rounds) for name in WORK}
        cpu = {name: min(run[name][1] for run in rounds) for name in WORK}
        ratios = {name: (wall[name] / wall[base], cpu[name] / cpu[base]) for name, (base, _) in WORK.items()}
        rows = [[name, wall[name], cpu[name], given.minutes * 60 / wall[name], *ratios[name]] for name in WORK]
        table(["what", "wall s", "cpu s", "x real time", "x bare (wall)", "x bare (cpu)"], rows)
        long = long_video(ROOT / "examples" / "talking.mp4", Path(folder) / "long.mp4", given.long)
        memory = {f"{minutes:g} min": peak(clip) for minutes, clip in ((given.minutes, short), (given.long, long))}
    print()
    table(
        ["length", "frames", "seconds", "peak MB"],
        [[k, m["frames"], m["seconds"], m["rss_mb"]] for k, m in memory.items()],
    )
    result = {
        "minutes": given.minutes,
        "wall": wall,
        "cpu": cpu,
        "times_bare": ratios,
        "rounds": rounds,
        "memory": memory,
    }
    save("media", result)


def timed(clip: Path) -> dict[str, tuple[float, float]]:
    """Seconds of wall and processor of each piece of work, once."""
    result = {}
    for name, (_, work) in WORK.items():
        began, used = time.perf_counter(), time.process_time()
        work(clip)
        result[name] = time.perf_counter() - began, time.process_time() - used
    return result


def peak(clip: Path) -> dict[str, float]:
    """What a fresh process that reads all of it needs."""
    done = subprocess.run([sys.executable, "-c", MEMORY, str(clip)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
