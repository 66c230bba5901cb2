"""The five steps behind `mien analyze`, readable in one sitting: read, find who and when, sense, fuse, tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mien import __version__
from mien.affect.space import COMMAND_LINE, Space, space
from mien.analysis.fusion.late import fuse
from mien.analysis.fusion.pool import weights_card
from mien.analysis.media.reader import Input, content_digest, open_recording
from mien.analysis.media.recording import Recording
from mien.analysis.moments.compose import compose
from mien.analysis.moments.moments import Moments
from mien.analysis.moments.span import Span
from mien.analysis.moments.spans import spans_of
from mien.analysis.result import Analysis, Facts, Pictures
from mien.analysis.senses.evidence import Evidence, GuestSense, Sense
from mien.errors import InputError, RequestError

if TYPE_CHECKING:
    from mien.analysis.senses.adapted import Adapted

MODALITIES = ("audio", "face", "text", "signal")
LICENCES = ("any", "permissive")
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What may be chosen; every default is sound.

    space: basic, compound, goemotions, va or sentiment (or a space's id); modalities: which of audio, face, text and
    signal to read; transcript: a subtitle, transcript or dialogue file; every: longest span in seconds; fps: faces
    looked at per second; rate: Hz of an array or of a table without times; language: ISO code of what is said;
    hide_faces: no pixel of a face in any output; asr: a folder with a recogniser's model, "" for none; adapted: files
    that `mien adapt` made, at most one a modality; against_self: read each voice against its own mean in the recording
    (20 s of speech at least; it helps where people show several moods); licence: "permissive" leaves out every model
    whose terms forbid commercial use (and says so), "any" uses all.
    """

    space: str = "basic"
    modalities: tuple[str, ...] = MODALITIES
    transcript: str | Path | None = None
    every: float = 2.0
    fps: float = 5.0
    rate: float | None = None
    language: str | None = None
    hide_faces: bool = False
    asr: str | None = None
    adapted: tuple[str, ...] = ()
    against_self: bool = False
    licence: str = "any"

    def __post_init__(self) -> None:
        if space(self.space).name not in COMMAND_LINE.values():
            raise RequestError(f"no sense answers in {self.space}; allowed: {', '.join(COMMAND_LINE)}")
        if self.licence not in LICENCES:
            raise RequestError(f"unknown licence {self.licence!r}; allowed: {', '.join(LICENCES)}")
        unknown = [name for name in self.modalities if name not in MODALITIES]
        if unknown or not self.modalities:
            raise RequestError(f"unknown modality {', '.join(unknown) or '(none)'}; allowed: {', '.join(MODALITIES)}")
        for name, low, high in (("every", 0.2, 3600.0), ("fps", 0.05, 60.0)):
            if not low <= getattr(self, name) <= high:
                raise RequestError(f"{name} must be between {low:g} and {high:g}, got {getattr(self, name):g}")
        if self.rate is not None and not 0 < self.rate < 1e6:
            raise RequestError(f"rate must be a positive number of Hz, got {self.rate:g}")


def analyze(
    source: Input,
    *,
    space: str = "basic",
    modalities: Collection[str] | None = None,
    transcript: str | Path | None = None,
    every: float = 2.0,
    fps: float = 5.0,
    rate: float | None = None,
    language: str | None = None,
    hide_faces: bool = False,
    asr: str | None = None,
    adapted: Sequence[str | Path] = (),
    against_self: bool = False,
    licence: str = "any",
    senses: Sequence[Sense] = (),
    progress: Progress | None = None,
    command: str = "",
) -> Analysis:
    """Read one recording and tell who showed what, when, from which evidence, how sure.

    source: a path, "-" for standard input, a binary file object, or an array (samples (n,) or (channels, n) with
    `rate`; a picture (h, w, 3); pictures (t, h, w, 3) with `rate`). The other arguments are those of `Options`;
    senses: further senses beside the shipped ones (a `GuestSense`, such as `mien.research.sense.SystemSense`, answers
    beside them and is not fused); progress: called with a step's name and the share done.
    Raises InputError for what cannot be read, RequestError for a wrong argument. Works offline.
    """
    chosen = MODALITIES if modalities is None else tuple(modalities)
    options = Options(
        space=space,
        modalities=chosen,
        transcript=transcript,
        every=every,
        fps=fps,
        rate=rate,
        language=language,
        hide_faces=hide_faces,
        asr=asr,
        adapted=tuple(map(str, adapted)),
        against_self=against_self,
        licence=licence,
    )
    return run(source, options, senses, progress or _silent, command)


def run(
    source: Input, options: Options, senses: Sequence[Sense] = (), progress: Progress | None = None, command: str = ""
) -> Analysis:
    """`analyze` with its options in one object."""
    tell = progress or _silent
    goal = space(options.space)
    barred, adapted = _barred(options), adapted_layers(options)
    recording = open_recording(source, rate=options.rate, transcript=options.transcript)
    try:
        moments = compose(
            recording,
            modalities=options.modalities,
            fps=options.fps,
            language=options.language,
            asr=options.asr,
            progress=tell,
            voices="voice" not in barred,
        )
        _warn_of(barred, recording, options)
        chosen = [one for one in _shipped(options, adapted) if not one.modalities & barred.keys()]
        try:
            found = _result(recording, moments, options, goal, [*chosen, *senses], tell, command)
            used = tuple((f"adapted {name}", layer.sha256) for name, layer in sorted(adapted.items()))
            return replace(found, versions=(*found.versions, *used))
        finally:
            if moments.store is not None:
                moments.store.close()
    finally:
        recording.close()


def _result(
    recording: Recording,
    moments: Moments,
    options: Options,
    goal: Space,
    senses: Sequence[Sense],
    tell: Progress,
    command: str,
) -> Analysis:
    spans = spans_of(moments, options.every)
    guests = [one for one in senses if isinstance(one, GuestSense)]
    evidence = sense(moments, spans, [one for one in senses if not isinstance(one, GuestSense)], tell)
    beside = sense(moments, spans, guests, tell)
    affects = tuple(replace(fuse(span, evidence[span], goal), beside=tuple(beside[span])) for span in spans)
    if not affects:
        recording.warn("no-evidence", "not enough evidence: no speech, no face and no words were found")
    facts = Facts(
        recording.path,
        recording.kind,
        recording.clock,
        recording.duration,
        content_digest(recording),
        recording.streams,
    )
    tracks = tuple(replace(track, thumbnail=b"") if options.hide_faces else track for track in moments.tracks)
    return Analysis(
        facts,
        goal.name,
        moments.persons,
        affects,
        moments.transcript,
        tuple(recording.notices),
        (*_versions(evidence), *((one.guest.model, f"beside, not fused: {one.guest.terms}") for one in guests)),
        command,
        Pictures(moments.envelope, tracks, options.hide_faces),
        tuple(one.guest for one in guests),
    )


def sense(
    moments: Moments, spans: Sequence[Span], senses: Sequence[Sense], progress: Progress | None = None
) -> dict[Span, list[Evidence]]:
    """All evidence of each span, in the order of the senses."""
    evidence: dict[Span, list[Evidence]] = defaultdict(list)
    for one in senses:
        step = " and ".join(sorted(one.modalities))
        for count, found in enumerate(one.read(moments, spans), 1):
            evidence[found.span].append(found)
            if progress and count % 16 == 0:
                progress(step, min(1.0, count / max(1, len(spans))))
    return evidence


def _shipped(options: Options, adapted: dict[str, Adapted]) -> Iterator[Sense]:
    """The senses that the package brings, in the order of the report's lanes; each loads its weights when it reads."""
    if "audio" in options.modalities:
        from mien.analysis.senses.speech import SpeechSense

        yield SpeechSense(adapted.get("audio"), against_self=options.against_self)
    if "face" in options.modalities:
        from mien.analysis.senses.face import FaceSense

        yield FaceSense(adapted.get("face"))
    if "text" in options.modalities:
        from mien.analysis.senses.text import TextSense

        yield TextSense(language=options.language)
    if "signal" in options.modalities:
        from mien.analysis.senses.wearable import WearableSense

        yield WearableSense()


def _barred(options: Options) -> dict[str, str]:
    """What a permissive run may not use: modality ("voice": telling voices apart) -> the model and its terms."""
    if options.licence == "any":
        return {}
    from mien.analysis.models import models

    return {model.reads: f"the terms of {model.id}: {model.terms}" for model in models() if not model.commercial}


def _warn_of(barred: dict[str, str], recording: Recording, options: Options) -> None:
    """Say what a permissive run left out of what was asked for and is there."""
    kinds = {"audio": ("audio",), "voice": ("audio",), "face": ("video", "image")}
    for modality, terms in barred.items():
        asked = "audio" if modality == "voice" else modality
        if asked in options.modalities and any(map(recording.has, kinds.get(modality, (modality,)))):
            lost = "voices are not told apart" if modality == "voice" else f"{modality} is not read"
            recording.warn("licence", f"{lost}: commercial use is not allowed by {terms}")


def adapted_layers(options: Options) -> dict[str, Adapted]:
    """The adapted layers by modality; InputError for one that was made for another model."""
    if not options.adapted:
        return {}
    from mien.analysis.senses import face, speech
    from mien.analysis.senses.adapted import Adapted

    models = {"audio": speech.model_in_use(), "face": face.MODEL}
    found: dict[str, Adapted] = {}
    for path in options.adapted:
        layer = Adapted.load(path)
        if layer.modality in found:
            raise RequestError(f"two adapted layers for {layer.modality}: name one")
        if layer.model != models[layer.modality]:
            why = f"was made for {layer.model}, this is {models[layer.modality]}; run `mien adapt` again"
            raise InputError(path, "", why)
        found[layer.modality] = layer
    return found


def _versions(evidence: dict[Span, list[Evidence]]) -> tuple[tuple[str, str], ...]:
    used = sorted({item.model for found in evidence.values() for item in found})
    from mien.analysis.models import terms

    return (("mien", __version__), (weights_card()["id"], "fusion"), *((model, terms(model)) for model in used))


def _silent(step: str, share: float) -> None:
    """No progress is shown."""
