"""RTTM: who speaks when, as captions with a speaker and no text."""

from __future__ import annotations

from mien.analysis.media.notices import note
from mien.analysis.media.recording import Caption, Clock, Notice


def read_rttm(text: str, named: str, notices: list[Notice]) -> tuple[list[Caption], Clock]:
    """`SPEAKER file channel start duration <NA> <NA> name ...` lines; other kinds of lines carry no turn.

    Source: the Rich Transcription evaluations of NIST. Text is always "": it says who speaks, not what.
    """
    captions = []
    for number, line in enumerate(text.split("\n"), 1):
        fields = line.split()
        if not fields or fields[0] != "SPEAKER":
            continue
        try:
            start, length = float(fields[3]), float(fields[4])
            speaker = fields[7]
        except (ValueError, IndexError):
            note(notices, "times", f"line {number} is no readable SPEAKER line and is left out")
            continue
        captions.append(Caption(start, start + length, "", None if speaker == "<NA>" else speaker))
    return captions, "seconds"
