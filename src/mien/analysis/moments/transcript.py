"""What is said: from a transcript or subtitles, else from a local recogniser, else nothing, and then it says so."""

from __future__ import annotations

from collections.abc import Sequence

from mien.analysis.media.recording import Caption, Notice, Recording
from mien.analysis.moments.hear import Hearing, follow
from mien.analysis.moments.recognise import Recogniser, recognised, recogniser

ENGLISH = 0.5
"""Mean confidence (weighted by time) under which recognised text does not count as English: of 30 acted
English clips 27 lie above it, of 45 Polish, German and Arabic ones 1 (`benchmarks/recogniser.py`)."""
DOUBTFUL = 0.30
"""A single line under this confidence is left out."""

Transcript = tuple[tuple[Caption, ...], tuple[Notice, ...]]
"""Lines in time order, and what a reader of the result should know about them."""


def transcript_of(
    recording: Recording,
    hearing: Hearing,
    *,
    language: str | None = None,
    asr: str | None = None,
    by: Recogniser | None = None,
) -> Transcript:
    """The words of a recording, in this order: what it carries (the transcript the user named, a sidecar, embedded
    subtitles), else what a recogniser hears in its speech, else none.

    Lines without text that name a speaker (RTTM) are handed on as they are: they say who speaks, and the recogniser
    follows them. language: ISO code of what is said, None if unknown; asr: folder of a recogniser's model, "" for no
    recogniser, None for the installed one; by: a recogniser at hand. Raises InputError where the named folder holds
    no model.
    """
    carried = sorted(recording.cues(), key=lambda line: line.start)
    who = tuple(line for line in carried if not line.text.strip() and line.speaker)
    if any(line.text.strip() for line in carried):
        return tuple(line for line in carried if line.text.strip() or line.speaker), ()
    if not hearing.speech:
        return who, ()
    found = by or (recogniser(asr) if asr != "" else None)
    if found is None:
        return who, (Notice("no-transcript", _NONE),)
    if found.english_only and language not in (None, "en", "eng"):
        text = f'the installed recogniser ({found.name}) knows English only, not "{language}": {_GIVE}'
        return who, (Notice("no-transcript", text),)
    spoken = [(turn.start, turn.end) for turn in follow(hearing, who).turns] or list(hearing.speech)
    lines, notices = _believed(recognised(recording, spoken, found, language), found, sure=language is not None)
    return tuple(sorted((*who, *lines), key=lambda line: line.start)), notices


_GIVE = "give the words with --transcript FILE"
_NONE = f'speech without words: {_GIVE}, or have English recognised with pip install "mien[asr]"'


def _believed(lines: Sequence[Caption], by: Recogniser, *, sure: bool) -> Transcript:
    """What may be believed of recognised lines; sure: the user named the language."""
    if not lines:
        return (), (Notice("no-transcript", f"{by.name} recognised no words: {_GIVE}"),)
    seconds = sum(max(line.end - line.start, 0.1) for line in lines)
    mean = sum((line.confidence or 0.0) * max(line.end - line.start, 0.1) for line in lines) / seconds
    if by.english_only and not sure and mean < ENGLISH:
        text = f"does not look like English (confidence {mean:.2f} of {by.name}), its words were dropped: {_GIVE}"
        return (), (Notice("not-english", text),)
    kept = tuple(line for line in lines if (line.confidence or 0.0) >= DOUBTFUL)
    only = ", English only" if by.english_only else ""
    text = f"words recognised by {by.name}{only}, confidence {mean:.2f}; {len(lines) - len(kept)} unsure lines left out"
    return kept, (Notice("recognised", text),)
