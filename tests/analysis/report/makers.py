"""Plausible Analysis objects for every state a report must be able to show; made up, the same on every run."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from mien.affect.dimensions import derive
from mien.affect.distribution import Distribution
from mien.affect.space import SPACES
from mien.analysis.fusion.affect import Affect, Conflict
from mien.analysis.media.recording import Caption, Notice, Stream
from mien.analysis.moments.moments import FaceTrack
from mien.analysis.moments.span import Person, Span
from mien.analysis.result import Analysis, Facts, Pictures
from mien.analysis.senses.evidence import Cue, Evidence, Guest

BASIC = SPACES["basic7"].labels
VERSIONS = (
    ("mien", "0.1.0"),
    ("fusion-1", "fusion"),
    ("speech-3", "non-commercial: CC BY-NC-SA 4.0"),
    ("face-3", "unclear: research"),
    ("text-2", "Apache-2.0"),
)
FILM = (
    Stream("video", "h264", 0.0, 372.0, (("width", 1280), ("height", 720), ("fps", 25.0))),
    Stream("audio", "aac", 0.0, 372.0, (("rate", 48000), ("channels", 2))),
)
SENTENCES = (
    "So how did the first week go for you?",
    "Honestly, better than I had expected.",
    "They told us on Monday that the whole thing was cancelled.",
    "I mean, what are you supposed to say to that?",
    "And then she walked in with the cake, all eleven candles lit.",
    "No. I have explained this three times already.",
    "It was quiet for a long time after that.",
    "We will see what the second half brings.",
    "I did not sleep much, to be fair.",
    "That is wonderful, really, that is wonderful!",
)


def jpeg(shade: int) -> bytes:
    """A small real JPEG: a round light shape on a ground of some shade."""
    from io import BytesIO

    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (96, 96), (shade, shade // 2 + 60, 150 - shade // 2))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((26, 18, 70, 74), fill=(222, 184, 150))
    draw.ellipse((10, 74, 86, 130), fill=(60, 70, 90))
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=70)
    return buffer.getvalue()


def answer(label: str, top: float, rng: np.random.Generator, space: str = "basic7") -> Distribution:
    """A distribution with `label` at about `top` and the rest spread unevenly."""
    labels = SPACES[space].labels
    rest = rng.dirichlet(np.full(len(labels), 0.35)) * (1 - top)
    rest[labels.index(label)] += top
    return Distribution.of(space, rest)


def cues(modality: str, label: str, rng: np.random.Generator) -> tuple[Cue, ...]:
    """Measured facts of the kinds the senses give."""
    if modality == "audio":
        pitch, loud, rate = rng.normal(2.5, 1.5), rng.integers(60, 99), rng.normal(4.5, 0.8)
        return (
            Cue("pitch", round(pitch, 1), "semitones", f"pitch {abs(pitch):.1f} semitones above this speaker's median"),
            Cue("loudness", int(loud), "percentile", f"louder than {loud} % of the recording"),
            Cue("speech rate", round(rate, 1), "1/s", f"{rate:.1f} syllables a second"),
        )
    if modality == "face":
        smile = rng.random()
        return (
            Cue("smile", round(smile, 2), "share", f"mouth corners raised in {100 * smile:.0f} % of the pictures"),
            Cue("faces", 10, "count", f"{rng.integers(6, 11)} pictures, face {rng.integers(80, 240)} pixels wide"),
        )
    if modality == "text":
        return (
            Cue(
                "word",
                0.3,
                "share",
                f'"{["cancelled", "wonderful", "quiet", "expected"][int(rng.integers(4))]}" speaks for {label}',
            ),
        )
    return (Cue("eda", 2.1, "uS", f"{rng.integers(1, 9)} skin responses a minute"),)


def affect(
    span: Span, labels: dict[str, str], rng: np.random.Generator, *, top: float = 0.6, quality: float = 0.8
) -> Affect:
    """An affect fused from senses that each answer a label ("audio" -> "anger"); GoEmotions beside words."""
    evidence = []
    for modality, label in labels.items():
        space = "ferplus8" if modality == "face" else "basic7"
        distribution = answer(label, float(np.clip(top + rng.normal(0, 0.12), 0.2, 0.95)), rng, space)
        readings = ()
        if modality == "text":
            go = np.clip(rng.random(28) ** 8, 0, 1)
            readings = (Distribution.of("goemotions28", go),)
        evidence.append(
            Evidence(
                modality,
                span,
                distribution,
                float(np.clip(quality + rng.normal(0, 0.1), 0.1, 1)),
                {"audio": "speech-3", "face": "face-3", "text": "text-2"}[modality],
                readings,
                None,
                cues(modality, label, rng),
            )
        )
    weights = np.array([item.quality for item in evidence])
    weights = weights / weights.sum()
    fused = np.zeros(7)
    for weight, item in zip(weights, evidence, strict=True):
        values = item.distribution.as_dict()
        fused += weight * np.array([values[label] for label in BASIC])
    fused /= fused.sum()
    distribution = Distribution.of("basic7", fused)
    differing = dict.fromkeys(labels.values())
    words = ""
    if len(differing) > 1 and "neutral" not in differing:
        words = ", ".join(
            f"{ {'audio': 'voice', 'face': 'face', 'text': 'words'}[m] }: {v}".replace("  ", " ").strip()
            for m, v in labels.items()
        )
    score = 0.62 if words else float(rng.random() * 0.2)
    sure = float(np.clip(distribution.values.max() * 0.9 + rng.normal(0, 0.05), 0.1, 0.95))
    return Affect(
        span,
        distribution,
        derive(distribution),
        tuple(evidence),
        tuple(float(w) for w in weights),
        sure,
        Conflict(score, words, "face" if words else ""),
    )


def unknown(span: Span, reason: str, modality: str | None = "audio") -> Affect:
    """An affect without an answer."""
    evidence: tuple[Evidence, ...] = ()
    if modality:
        evidence = (Evidence(modality, span, None, 0.0, "speech-3", insufficient=reason),)
    return Affect(
        span,
        None,
        None,
        evidence,
        tuple(0.0 for _ in evidence),
        0.0,
        Conflict(0.0, ""),
        f"not enough evidence ({'voice: ' if modality else ''}{reason})",
    )


def course(
    person: str,
    times: Sequence[tuple[float, float]],
    modalities: Sequence[str],
    rng: np.random.Generator,
    events: dict[int, dict[str, str]] | None = None,
    gaps: Sequence[int] = (),
) -> list[Affect]:
    """Mostly neutral spans with events (span number -> modality -> label) and gaps (span numbers)."""
    found = []
    mood = "neutral"
    for number, (start, end) in enumerate(times):
        span = Span(round(start, 2), round(end, 2), person)
        if number in gaps:
            found.append(unknown(span, "too short: 0.4 s of speech, 1 s needed"))
            continue
        if rng.random() < 0.12:
            mood = str(rng.choice(["neutral", "neutral", "neutral", "happiness", "sadness", "surprise"]))
        labels = (events or {}).get(number) or {m: mood if rng.random() < 0.8 else "neutral" for m in modalities}
        spoken = {m: v for m, v in labels.items() if m == "face" or number % 7 != 3 or number in (events or {})}
        found.append(affect(span, spoken or dict(labels), rng, top=0.72 if number in (events or {}) else 0.55))
    return found


def track(id: str, start: float, end: float, left: float, rng: np.random.Generator, shade: int = 120) -> FaceTrack:
    """A face that sways a little, five pictures a second."""
    times = np.arange(start, end, 0.2)
    sway = np.cumsum(rng.normal(0, 1.2, (len(times), 2)), axis=0).clip(-50, 50)
    corner = np.array([left, 180.0]) + sway
    boxes = np.concatenate([corner, corner + 190], axis=1).astype(np.float32)
    ones = np.ones(len(times), np.float32)
    return FaceTrack(id, times, boxes, 0.8 * ones, 0.1 * ones, jpeg(shade))


def envelope(rng: np.random.Generator, count: int = 4000) -> np.ndarray:
    """Peaks that look like speech."""
    slow = np.clip(np.sin(np.arange(count) / count * 90) + rng.normal(0.4, 0.3, count), 0, 1)
    return (slow * rng.random(count)).astype(np.float32)


def facts(
    path: str, kind: str, duration: float | None, streams: tuple[Stream, ...] = (), clock: str = "seconds"
) -> Facts:
    """Facts of a recording that does not exist."""
    return Facts(path, kind, clock, duration, "5f" * 32, streams)


def steps(start: float, end: float, every: float = 2.0) -> list[tuple[float, float]]:
    """Equal spans."""
    return [(float(t), min(float(t) + every, end)) for t in np.arange(start, end, every)]


def script(count: int, every: float, speakers: Sequence[str | None]) -> tuple[Caption, ...]:
    """Lines by turns."""
    return tuple(
        Caption(
            i * every + 0.3,
            (i + 1) * every - 0.2,
            SENTENCES[i % len(SENTENCES)],
            speakers[i // 2 % len(speakers)],
            "en",
        )
        for i in range(count)
    )


def build(recording: Facts, persons: Sequence[Person], affects: Sequence[Affect], **more: object) -> Analysis:
    """Affects in time order, the usual versions and command."""
    ordered = tuple(sorted(affects, key=lambda one: (one.span.start, one.span.person or "")))
    values: dict[str, object] = {"versions": VERSIONS, "command": f"mien analyze {recording.path} --report", **more}
    space = next((one.distribution.space.name for one in ordered if one.distribution is not None), "basic7")
    return Analysis(recording, space, tuple(persons), ordered, **values)  # type: ignore[arg-type]


def photo() -> Analysis:
    """One silent photo of one person."""
    rng = np.random.default_rng(1)
    one = affect(Span(0.0, 0.0, "P1"), {"face": "happiness"}, rng, top=0.85)
    face = FaceTrack(
        "F1",
        np.zeros(1),
        np.array([[300, 160, 520, 380]], np.float32),
        np.ones(1, np.float32) * 0.9,
        np.zeros(1, np.float32),
        jpeg(90),
    )
    streams = (Stream("image", "jpeg", 0.0, None, (("width", 800), ("height", 600))),)
    return build(
        facts("portrait.jpg", "image", None, streams), [Person("P1", ("F1",))], [one], pictures=Pictures(tracks=(face,))
    )


def sentence() -> Analysis:
    """One sentence of text."""
    rng = np.random.default_rng(2)
    text = "They told us on Monday that the whole thing was cancelled."
    one = affect(Span(0.0, 1.0, None), {"text": "sadness"}, rng, top=0.7)
    return build(
        facts("<text>", "text", 1.0, clock="lines"), [], [one], transcript=(Caption(0.0, 1.0, text, source="text"),)
    )


def poem() -> Analysis:
    """Several lines of text."""
    rng = np.random.default_rng(12)
    moods = [
        "neutral",
        "happiness",
        "sadness",
        "neutral",
        "happiness",
        "anger",
        "sadness",
        "neutral",
        "fear",
        "happiness",
    ]
    lines = tuple(Caption(float(i), i + 1.0, SENTENCES[i], source="text") for i in range(10))
    found = [affect(Span(float(i), i + 1.0, None), {"text": mood}, rng, top=0.75) for i, mood in enumerate(moods)]
    return build(facts("diary.txt", "text", 10.0, clock="lines"), [], found, transcript=lines)


def podcast() -> Analysis:
    """Two voices, no picture, no transcript of the second half."""
    rng = np.random.default_rng(3)
    streams = (Stream("audio", "mp3", 0.0, 600.0, (("rate", 44100), ("channels", 2))),)
    first = course(
        "P1",
        [t for i, t in enumerate(steps(0, 600)) if i // 8 % 2 == 0],
        ("audio", "text"),
        rng,
        {30: {"audio": "happiness", "text": "happiness"}, 31: {"audio": "happiness", "text": "happiness"}},
        (50, 51),
    )
    second = course(
        "P2",
        [t for i, t in enumerate(steps(0, 600)) if i // 8 % 2 == 1],
        ("audio",),
        rng,
        {70: {"audio": "anger"}},
        (9, 10, 11),
    )
    return build(
        facts("episode 12.mp3", "audio", 600.0, streams),
        [Person("P1", voice="V1", name="Ada"), Person("P2", voice="V2", name="Ben")],
        [*first, *second],
        transcript=script(75, 4.0, ["P1", "P1", "P2", "P2"]),
        pictures=Pictures(envelope=envelope(rng)),
    )


def interview(*, hidden: bool = False, name: str = "interview.mp4") -> Analysis:
    """Two faces, two voices, subtitles: six minutes, two moments of anger, one of them smiling."""
    rng = np.random.default_rng(4)
    angry = {67: {"audio": "anger", "face": "happiness", "text": "anger"}, 68: {"audio": "anger", "face": "happiness"}}
    glad = {
        130: {"audio": "happiness", "face": "happiness", "text": "happiness"},
        131: {"audio": "happiness", "face": "happiness"},
    }
    first = course(
        "P1",
        steps(0, 372),
        ("audio", "face", "text"),
        rng,
        {**angry, 150: {"audio": "anger", "face": "anger"}},
        (20, 21, 22, 100),
    )
    second = course("P2", steps(6, 350), ("audio", "face"), rng, glad, (5, 80, 81, 82, 83))
    tracks = (track("F1", 0, 372, 180, rng, 60), track("F2", 6, 350, 840, rng, 180))
    return build(
        facts(name, "video", 372.0, FILM),
        [Person("P1", ("F1",), "V1", "Ada"), Person("P2", ("F2",), "V2")],
        [*first, *second],
        transcript=script(93, 4.0, ["P1", "P2"]),
        pictures=Pictures(envelope(rng), tracks, hidden),
    )


def crowd() -> Analysis:
    """Nine faces, one voice."""
    rng = np.random.default_rng(5)
    persons, found, tracks = [], [], []
    for number in range(9):
        id, begin = f"P{number + 1}", float(rng.integers(0, 40))
        end = begin + float(rng.integers(20, 80))
        tracks.append(
            FaceTrack(
                f"F{number + 1}",
                (t := np.arange(begin, end, 0.2)),
                np.tile(np.array([[60 + 130 * number, 200, 150 + 130 * number, 290]], np.float32), (len(t), 1)),
                np.full(len(t), 0.5, np.float32),
                np.zeros(len(t), np.float32),
                jpeg(20 * number),
            )
        )
        persons.append(Person(id, (f"F{number + 1}",), "V1" if number == 0 else None))
        found += course(
            id,
            steps(begin, end),
            ("audio", "face") if number == 0 else ("face",),
            rng,
            {4: {"face": "happiness"}} if number % 3 == 1 else None,
        )
    return build(
        facts("square.mov", "video", 120.0, FILM), persons, found, pictures=Pictures(envelope(rng), tuple(tracks))
    )


@cache
def two_hours() -> Analysis:
    """Two persons, 3600 spans each, all senses, a line every three seconds."""
    rng = np.random.default_rng(6)
    events = {
        int(n): {
            "audio": str(rng.choice(["anger", "happiness", "fear"])),
            "face": str(rng.choice(["happiness", "anger"])),
            "text": "sadness",
        }
        for n in rng.integers(0, 3600, 60)
    }
    first = course("P1", steps(0, 7200), ("audio", "face", "text"), rng, events, tuple(range(900, 960)))
    second = course("P2", steps(0, 7200), ("audio", "face", "text"), rng, None, tuple(range(2000, 2300)))
    tracks = (track("F1", 0, 7200, 180, rng, 60), track("F2", 0, 7200, 840, rng, 180))
    return build(
        facts("hearing.mp4", "video", 7200.0, FILM),
        [Person("P1", ("F1",), "V1"), Person("P2", ("F2",), "V2")],
        [*first, *second],
        transcript=script(2400, 3.0, ["P1", "P2"]),
        pictures=Pictures(envelope(rng), tracks),
    )


def nobody() -> Analysis:
    """A film without a person."""
    notice = Notice("no-person", "no face and no speech was found", None, None)
    return build(
        facts("landscape.mp4", "video", 48.0, FILM),
        [],
        [],
        warnings=(notice,),
        pictures=Pictures(np.full(400, 0.02, np.float32)),
    )


def insufficient() -> Analysis:
    """Somebody is there, and nothing suffices."""
    rng = np.random.default_rng(7)
    found = [
        unknown(Span(start, end, "P1"), "too noisy: 2 dB above the background, 6 dB needed")
        for start, end in steps(0, 30)
    ]
    streams = (Stream("audio", "pcm_s16le", 0.0, 30.0, (("rate", 8000), ("channels", 1))),)
    return build(
        facts("street.wav", "audio", 30.0, streams),
        [Person("P1", voice="V1")],
        found,
        pictures=Pictures(envelope(rng, 900)),
    )


def conflict() -> Analysis:
    """Voice and face contradict each other through the whole clip."""
    rng = np.random.default_rng(8)
    found = [
        affect(Span(start, end, "P1"), {"audio": "anger", "face": "happiness"}, rng, top=0.75)
        for start, end in steps(0, 24)
    ]
    return build(
        facts("smile.mp4", "video", 24.0, FILM),
        [Person("P1", ("F1",), "V1")],
        found,
        pictures=Pictures(envelope(rng, 800), (track("F1", 0, 24, 500, rng),)),
    )


def wearable() -> Analysis:
    """Two hours of a wrist band without media: stress in its own lane, a stretch not worn."""
    rng = np.random.default_rng(9)
    found = []
    for number, (start, end) in enumerate(steps(0, 7200, 30)):
        span = Span(start, end, "P1")
        if 80 <= number < 100:
            found.append(unknown(span, "not worn", None))
            continue
        value = float(np.clip(0.25 + 0.5 * np.exp(-(((number - 160) / 20) ** 2)) + rng.normal(0, 0.08), 0, 1))
        item = Evidence(
            "signal",
            span,
            Distribution.of("stress2", {"calm": 1 - value, "stress": value}),
            0.7,
            "stress-1",
            cues=cues("signal", "stress", rng),
        )
        why = "not enough evidence (signals: stress is shown in its own lane; no emotion is read from it)"
        found.append(Affect(span, None, None, (item,), (0.0,), 0.0, Conflict(0.0, ""), why))
    streams = (Stream("signal", "e4", 0.0, 7200.0, (("rate", 4), ("unit", "uS"))),)
    return build(facts("band.zip", "wearable", 7200.0, streams), [Person("P1")], found)


def truncated() -> Analysis:
    """A file that ends early, with warnings."""
    rng = np.random.default_rng(10)
    found = course("P1", steps(0, 21), ("audio", "face"), rng, {6: {"audio": "surprise", "face": "surprise"}})
    warnings = (
        Notice("truncated", "the file ends in the middle of a frame; what could be decoded was read", 21.3, 60.0),
        Notice("no-transcript", "no subtitles were found and no recogniser is installed, so no words were read"),
    )
    return build(
        facts("broken.mp4", "video", 60.0, FILM),
        [Person("P1", ("F1",), "V1")],
        found,
        warnings=warnings,
        pictures=Pictures(envelope(rng, 500), (track("F1", 0, 21, 500, rng),)),
    )


def dimensional() -> Analysis:
    """The interview in valence and arousal alone."""
    whole = interview()
    found = [
        Affect(a.span, None, a.dimensions, a.evidence, a.weights, a.confidence, a.conflict, a.insufficient)
        for a in whole.affects
    ]
    return Analysis(
        whole.recording,
        "va",
        whole.persons,
        tuple(found),
        whole.transcript,
        whole.warnings,
        whole.versions,
        whole.command,
        whole.pictures,
    )


def compound() -> Analysis:
    """A clip in the space of compound emotions."""
    rng = np.random.default_rng(13)
    found = []
    for one in course("P1", steps(0, 40), ("audio", "face"), rng):
        label = str(rng.choice(SPACES["cexpr7"].labels))
        found.append(
            Affect(
                one.span,
                answer(label, 0.6, rng, "cexpr7"),
                one.dimensions,
                one.evidence,
                one.weights,
                0.55,
                one.conflict,
            )
        )
    return build(
        facts("mixed.mp4", "video", 40.0, FILM),
        [Person("P1", ("F1",), "V1")],
        found,
        pictures=Pictures(envelope(rng, 800), (track("F1", 0, 40, 500, rng),)),
    )


def hostile() -> Analysis:
    """Names and words that try to become code."""
    rng = np.random.default_rng(11)
    evil = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    lines = (
        Caption(0.2, 1.8, evil + " \u2028 {{ 7*7 }} ]]> -->", evil),
        Caption(2.0, 3.5, "\ud800 broken \x00 signs", "P1"),
    )
    found = [affect(Span(0, 2, "P1"), {"audio": "anger"}, rng), unknown(Span(2, 4, "P1"), evil)]
    return build(
        facts(f"clip{evil}.wav", "audio", 4.0),
        [Person("P1", voice="V1", name=evil)],
        found,
        transcript=lines,
        warnings=(Notice("odd", evil, 1.0, 2.0),),
        versions=(("mien", evil),),
        command=f"mien analyze {evil}",
    )


def guest() -> Analysis:
    """A film beside whose answer a trained system stands: its own labels, silent where it heard too little."""
    rng = np.random.default_rng(17)
    known = Guest(
        "linear-0123abcd", "linear", "one linear layer", "published", "emodb, 312 samples, seed 0",
        ("audio: mel 1, hop=1",), ("text",), "emodb7", "emodb7-basic7/1; loses boredom", "CC BY 4.0", "a research system",
    )  # fmt: skip
    found = []
    for number, one in enumerate(course("P1", steps(0, 40), ("audio", "face"), rng)):
        said = answer("boredom", 0.7, rng, "emodb7") if number % 3 else None
        why = None if said else "too short: 0.4 s of speech, 0.6 s needed"
        beside = Evidence("audio", one.span, said, 0.0, known.model, insufficient=why)
        found.append(replace(one, beside=(beside,)))
    return build(
        facts("mixed.mp4", "video", 40.0, FILM),
        [Person("P1", ("F1",), "V1")],
        found,
        pictures=Pictures(envelope(rng, 800), (track("F1", 0, 40, 500, rng),)),
        guests=(known,),
    )


STATES: dict[str, Callable[[], Analysis]] = {
    make.__name__: make
    for make in (
        photo,
        sentence,
        poem,
        podcast,
        interview,
        crowd,
        two_hours,
        nobody,
        insufficient,
        conflict,
        wearable,
        truncated,
        dimensional,
        compound,
        hostile,
        guest,
    )
}


def picture_bytes(analysis: Analysis) -> list[str]:
    """What a pixel of a face would look like in a page: the thumbnails as base64."""
    return [base64.b64encode(one.thumbnail).decode() for one in analysis.pictures.tracks if one.thumbnail]
