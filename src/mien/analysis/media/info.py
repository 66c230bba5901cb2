"""What is in a recording, told as rows for people and as a dict for programs (`mien info`)."""

from __future__ import annotations

from typing import Any

from mien.analysis.media.recording import Recording, Stream

Row = tuple[str, str]


def describe_recording(recording: Recording) -> list[Row]:
    """(name, value) rows in reading order: the file, its length, each stream with its facts, what was odd."""
    rows: list[Row] = [("file", recording.path), ("kind", recording.kind)]
    if (form := _container(recording)) is not None:
        rows.append(("container", form))
    if recording.duration is not None:
        rows.append(("length", _length(recording.duration, recording.clock)))
    counts: dict[str, int] = {}
    for stream in recording.streams:
        counts[stream.kind] = counts.get(stream.kind, 0) + 1
        rows.append((f"{stream.kind} {counts[stream.kind]}", _stream_line(stream, recording.clock)))
    rows += [("note", notice.text) for notice in recording.notices]
    return rows


def recording_facts(recording: Recording) -> dict[str, Any]:
    """The same as plain data: path, kind, clock, container, duration, streams (with facts as a dict), warnings."""
    return {
        "path": recording.path,
        "kind": recording.kind,
        "clock": recording.clock,
        "container": _container(recording),
        "duration": recording.duration,
        "streams": [
            {"kind": s.kind, "codec": s.codec, "start": s.start, "duration": s.duration, "facts": dict(s.facts)}
            for s in recording.streams
        ],
        "warnings": [
            {"code": notice.code, "text": notice.text, "start": notice.start, "end": notice.end}
            for notice in recording.notices
        ],
    }


def _container(recording: Recording) -> str | None:
    source: Any = getattr(recording.source, "within", recording.source)
    layout = getattr(source, "layout", None)
    return None if layout is None else layout.format


def _length(duration: float, clock: str) -> str:
    if clock == "lines":
        return f"{duration:g} lines, no times"
    minutes, seconds = divmod(duration, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{duration:.2f} s" + (f" ({hours}:{minutes:02d}:{seconds:02.0f})" if duration >= 60 else "")


def _stream_line(stream: Stream, clock: str) -> str:
    facts = dict(stream.facts)
    parts = [stream.codec]
    if "width" in facts:
        parts.append(f"{facts.pop('width')} x {facts.pop('height', '?')}")
    for name, unit in (("fps", "pictures/s"), ("rate", "Hz")):
        if name in facts:
            parts.append(f"{facts.pop(name):g} {unit}")
    if "rotation" in facts:
        parts.append(f"turned by {facts.pop('rotation')} degrees")
    parts += [f"{name} {value}" for name, value in facts.items()]
    if clock == "seconds" and stream.kind != "image":
        end = "" if stream.duration is None else f", {stream.duration:.2f} s long"
        parts.append(f"from {stream.start:.3f} s{end}")
    return ", ".join(parts)
