"""An Analysis in plain sentences made from its data; no language model.

The wording stays with what could be observed ("showed", "sounded"): never inner feelings, health or honesty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mien.analysis.fusion.affect import Affect
from mien.analysis.report.beside import account
from mien.analysis.report.notable import CALM, Notable, by_person, moments, stress_of
from mien.analysis.report.shares import covered, shares
from mien.analysis.report.stamp import length, percent, stamp
from mien.analysis.result import Analysis
from mien.analysis.senses.evidence import Cue

MODALITY = {"audio": "voice", "face": "face", "text": "words", "scene": "scene", "signal": "signals"}
"""Modality -> the word a reader sees."""
TOLD = 8
"""Persons described one by one."""
_VERBS = {
    "voice": "sounded like",
    "face": "showed",
    "words": "read as",
    "signals": "looked like",
    "scene": "looked like",
}
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def person_name(analysis: Analysis, id: str | None) -> str:
    """ "P1", "P1 (Ada)" where the transcript gives a name, "somebody" where nobody is known."""
    if id is None:
        return "the text" if analysis.recording.clock == "lines" else "somebody"
    person = next((one for one in analysis.persons if one.id == id), None)
    if person is None or not person.name or person.name == id:
        return "the text" if analysis.recording.clock == "lines" and len(analysis.persons) == 1 else id
    return f"{id} ({person.name})"


def sureness(confidence: float) -> str:
    """A calibrated confidence in words: "right about 7 times in 10"."""
    often = min(9, max(1, round(confidence * 10)))
    return f"right about {often} time{'s' if often > 1 else ''} in 10"


def headline(analysis: Analysis) -> str:
    """One sentence that a person can read out: what prevailed, and what to look at first."""
    answered = _answered(analysis.affects)
    if not answered:
        return _stress(analysis) or _nothing(analysis)
    if analysis.recording.duration in (None, 0) or len(answered) == 1:
        return _single(analysis, answered)
    found = moments(analysis)
    return _prevailing(analysis, answered) + _events(analysis, found)


def describe(analysis: Analysis) -> str:
    """A short account, one sentence a line: what was read, each person, clear moments with cues, conflicts, gaps."""
    facts = analysis.recording
    lasting = length(facts.duration, facts.clock)
    lines = [headline(analysis)]
    lines.append(f"Read: {facts.kind}{', ' + lasting if lasting else ''}; {_found(analysis)}.")
    persons = [(id, affects) for id, affects in by_person(analysis).items() if affects]
    lines += [_person(analysis, id, affects) for id, affects in persons[:TOLD]]
    if len(persons) > TOLD:
        lines.append(f"And {times(len(persons) - TOLD, 'person')} more.")
    lines += _clearest(analysis)
    lines += account(analysis)
    lines += [f"Warning: {notice.text}" for notice in analysis.warnings]
    return "\n".join(line for line in lines if line)


def clash(words: str) -> str:
    """A conflict as a part of a sentence: "the voice sounded like anger and the face showed happiness"."""
    parts = [part.partition(": ") for part in words.split(", ")]
    if any(sense not in _VERBS or not label for sense, _, label in parts):
        return words
    told = [f"the {sense} {_VERBS[sense]} {label}" for sense, _, label in parts]
    return f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else told[0]


def times(count: int, noun: str) -> str:
    """ "two moments", "one moment", "14 moments"."""
    number = _COUNTS[count] if count < len(_COUNTS) else str(count)
    return f"{number} {noun}{'' if count == 1 else 's'}"


def _answered(affects: Sequence[Affect]) -> list[Affect]:
    return [affect for affect in affects if affect.distribution is not None or affect.dimensions is not None]


def _nothing(analysis: Analysis) -> str:
    if not analysis.affects:
        who = "nobody was seen or heard" if analysis.recording.clock == "seconds" else "there are no words"
        return f"There is nothing to read: {who}."
    reason = Counter(affect.insufficient or "no evidence" for affect in analysis.affects).most_common(1)[0][0]
    reason = reason.removeprefix("not enough evidence").strip(" :()")
    return f"Not enough evidence for an answer anywhere: {reason}." if reason else "Not enough evidence for an answer."


def _stress(analysis: Analysis) -> str:
    told = [(affect, found[0]) for affect in analysis.affects if (found := stress_of(affect)) is not None]
    if not told:
        return ""
    clock = analysis.recording.clock
    share = sum(a.span.duration for a, v in told if v >= 0.5) / max(sum(a.span.duration for a, _ in told), 1e-9)
    top, value = max(told, key=lambda pair: pair[1])
    if share == 0:
        return "The signals looked calm throughout; no emotion is read from signals alone."
    where = stamp(top.span.start, clock)
    return (
        f"The signals looked like stress in {percent(share)} of the worn time, most of all around {where} "
        f"({percent(value)}); no emotion is read from signals alone."
    )


def _single(analysis: Analysis, answered: Sequence[Affect]) -> str:
    parts = []
    for affect in answered[:3]:
        who = person_name(analysis, affect.span.person)
        parts.append(f"{who} {_showed(analysis, affect)}")
    more = f"; {len(answered) - 3} more below" if len(answered) > 3 else ""
    conflict = next((f"; {clash(a.conflict.words)}" for a in answered if a.conflict.words), "")
    text = "; ".join(parts) + conflict + more + "."
    return text[0].upper() + text[1:]


def _showed(analysis: Analysis, affect: Affect) -> str:
    verb = "reads as" if analysis.recording.clock == "lines" else "showed"
    if affect.distribution is None:
        return f"{verb} {_tone(affect)}"
    rest = "" if affect.confidence >= 0.5 else ", though that is far from sure"
    return f"{verb} {affect.distribution.top} ({sureness(affect.confidence)}){rest}"


def _tone(affect: Affect) -> str:
    valence = affect.dimensions.valence if affect.dimensions else None
    if valence is None:
        return "no clear tone"
    return "a positive tone" if valence > 0.15 else "a negative tone" if valence < -0.15 else "an even tone"


def _prevailing(analysis: Analysis, answered: Sequence[Affect]) -> str:
    """What prevailed: of everybody, or of each where two or three persons differ clearly."""
    groups = {id: _answered(affects) for id, affects in by_person(analysis).items()}
    known = {id: shares(affects)[0] for id, affects in groups.items() if shares(affects)}
    if 2 <= len(known) <= 3 and len({one.label for one in known.values()}) > 1:
        told = [f"{person_name(analysis, id)} mostly {one.label}" for id, one in known.items() if one.value >= 0.5]
        if len(told) == len(known):
            text = ", ".join(told)
            return text[0].upper() + text[1:]
    return _mostly(answered)


def _mostly(answered: Sequence[Affect]) -> str:
    ranked = shares(answered)
    if not ranked:
        tones = Counter(_tone(affect) for affect in answered)
        return f"Mostly {tones.most_common(1)[0][0]}"
    if ranked[0].value >= 0.5:
        return f"Mostly {ranked[0].label}"
    return f"Mixed, above all {ranked[0].label} and {ranked[1].label}"


def _events(analysis: Analysis, found: Sequence[Notable]) -> str:
    peaks = [one for one in found if one.kind == "peak"]
    conflicts = [one for one in found if one.kind == "conflict"]
    if not peaks and not conflicts:
        return "; no moment stands out."
    group = _strongest_group(peaks)
    parts = [_peak_words(analysis, group, conflicts)] if group else []
    loose = [one for one in conflicts if not any(_touch(one, peak) for peak in group)]
    if _throughout(analysis.affects, conflicts):
        best = max(conflicts, key=lambda one: one.score)
        return f"; the senses contradict each other most of the time: {clash(best.words)}."
    if loose:
        best = max(loose, key=lambda one: one.score)
        also = "also " if parts else ""
        when = stamp(best.at, analysis.recording.clock)
        first = "at" if len(loose) == 1 else "most of all at"
        parts.append(f"{also}{times(len(loose), 'contradiction')}, {first} {when}, where {clash(best.words)}")
    return "; " + "; ".join(parts) + "."


def _throughout(affects: Sequence[Affect], conflicts: Sequence[Notable]) -> bool:
    """Whether most of the answered time is in conflict."""
    answered = covered((a.span.start, a.span.end) for a in _answered(affects))
    clashing = covered((a.span.start, a.span.end) for a in affects if a.conflict.words)
    return bool(conflicts) and clashing > 0.5 * answered


def _strongest_group(peaks: Sequence[Notable]) -> list[Notable]:
    """The peaks of one label and one person that hold the strongest of all."""
    if not peaks:
        return []
    best = max(peaks, key=lambda one: one.score)
    return [one for one in peaks if (one.label, one.person) == (best.label, best.person)]


def _peak_words(analysis: Analysis, group: Sequence[Notable], conflicts: Sequence[Notable]) -> str:
    """How many moments of that emotion, where they showed, when, and what contradicted them."""
    best = max(group, key=lambda one: one.score)
    label, person = best.label, best.person
    where = f"in the {MODALITY[best.modality]} of " if best.modality in MODALITY else "from "
    strongest = sorted(sorted(group, key=lambda one: -one.score)[:3], key=lambda one: one.start)
    when = ", ".join(stamp(one.at, analysis.recording.clock) for one in strongest)
    when = f"{when} ..." if len(group) > 3 else when
    differ = next(
        (f", where {clash(one.words)}" for one in conflicts if any(_touch(one, peak) for peak in strongest)), ""
    )
    count = times(len(group), "moment")
    return f"{count} of {label} {where}{person_name(analysis, person)} ({when}){differ}"


def _touch(one: Notable, other: Notable) -> bool:
    return one.person == other.person and one.start < other.end and other.start < one.end


def _found(analysis: Analysis) -> str:
    count = len(analysis.persons)
    who = "no person found" if not count else times(count, "person") + " found"
    seen = sum(1 for person in analysis.persons if person.faces)
    heard = sum(1 for person in analysis.persons if person.voice)
    parts = [f"{seen} seen" if seen else "", f"{heard} heard" if heard else ""]
    return who + "".join(f", {part}" for part in parts if part)


def _person(analysis: Analysis, id: str | None, affects: Sequence[Affect]) -> str:
    answered = _answered(affects)
    who = person_name(analysis, id)
    who = who[0].upper() + who[1:]
    if not answered:
        stress = any(stress_of(affect) is not None for affect in affects)
        return "" if stress else f"{who}: not enough evidence for an answer."
    ranked = [share for share in shares(answered) if share.value >= 0.1][:3]
    mix = ", ".join(f"{share.label} {percent(share.value)}" for share in ranked) or _tone(answered[0])
    total = covered((a.span.start, a.span.end) for a in affects)
    told = covered((a.span.start, a.span.end) for a in answered)
    gap = f"; not enough evidence in {percent(1 - told / total)} of the time" if total and told / total < 0.995 else ""
    return f"{who}: {mix}{gap}."


def _clearest(analysis: Analysis, most: int = 3) -> list[str]:
    """The clearest spans, each with the cues that a person can check."""
    sure = [a for a in _answered(analysis.affects) if a.distribution and a.distribution.top not in CALM]
    sure = sorted((a for a in sure if a.confidence >= 0.5), key=lambda a: (-a.confidence, a.span.start))[:most]
    return [_cued(analysis, affect) for affect in sorted(sure, key=lambda a: (a.span.start, a.span.end))]


def _telling(cues: Sequence[Cue]) -> list[Cue]:
    """The cues that speak of the emotion: words that moved it and what faces did first, facts about the text last."""
    rank = {"agreement": 0, "language": 3, "words": 3}
    first = {cue: 0 if cue.name.startswith("word ") else 1 if "(like AU" in cue.text else 2 for cue in cues}
    return sorted(cues, key=lambda cue: rank.get(cue.name, first[cue]))


def _cued(analysis: Analysis, affect: Affect) -> str:
    clock = analysis.recording.clock
    when = f"{stamp(affect.span.start, clock)}: " if analysis.recording.duration else ""
    cues = [
        f"{MODALITY.get(item.modality, item.modality)}: {', '.join(cue.text for cue in _telling(item.cues)[:3])}"
        for item, weight in zip(affect.evidence, affect.weights, strict=True)
        if weight > 0 and item.cues
    ]
    because = f"; {'; '.join(cues)}" if cues else ""
    differ = f"; here {clash(affect.conflict.words)}" if affect.conflict.words else ""
    return f"{when}{person_name(analysis, affect.span.person)} {_showed(analysis, affect)}{because}{differ}."
