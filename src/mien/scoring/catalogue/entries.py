"""What the catalogue holds: a data set, a model, a benchmark; and what follows from their facts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mien.scoring.catalogue.terms import licence_class

MODALITIES = ("audio", "video", "image", "text", "physiology", "music", "motion", "3d")
"""Every modality of the catalogue, in the order of the tables."""

_MODALITY = {
    "audio": r"\bA\b|\baudio\b",
    "video": r"\bV\b|\bvideo\b",
    "image": r"\bI\b|\bimage\b",
    "text": r"\bT\b|\btext\b(?! in training)",
    "physiology": r"\bP\b|\bE[CE]G\b|\bEDA\b",
    "music": r"\bM\b|\bmusic\b|\bMIDI\b",
    "motion": r"\bmotion\b",
    "3d": r"\b3D\b|\bpoint cloud\b|\bRGB-D\b|\blight field\b",
}

TASKS = {
    "emotion": r"\banger\b|\bangry\b|\bsad\b|\bemotions?\b|\bexpressions?\b|\bcategories\b|\bclasses\b|\bbasic\b|"
    r"\baffect|\bemotional\b|\brelaxed\b|\btags\b|\bquadrants\b|\bGEMS\b|\bF1\b",
    "dimensions": r"valence|arousal|dominance|\bactivation\b|\bCCC\b|\bliking\b",
    "sentiment": r"sentiment|polarity|positive, neutral, negative",
    "open-vocabulary": r"open[- ]vocabulary|open labels|\blabels,|fine-grained|\bset F1\b|^\d+ labels$",
    "description": r"description|caption|reasoning|explanation|interpretation|statement|\binstruction",
    "action-units": r"action unit|\bFACS\b",
    "compound": r"compound",
    "engagement": r"engagement|boredom|confusion|academic",
    "stress": r"\bstress\b",
    "deception": r"\blie\b|decept",
    "humour": r"humou?r|sarcas",
    "questions": r"\bquestions?\b|\bscenarios\b",
    "conversation": r"dialogue|conversation|utterances|dyadic|\binterlocutor\b",
    "evoked": r"induced|evoked|liking",
    "mental-health": r"mental",
}
"""Task -> pattern of the facts that say so. Derived from the wording of the tables, not from the owners."""

PER_RATER = frozenset(("IEMOCAP", "CREMA-D", "MSP-Podcast", "FER+", "WRIME", "EmotionTalk", "GoEmotions"))
"""Data sets known to come with each rater's own labels or vote counts."""

_OVERLAPS = {
    "MER-Caption": ("MER2024",),
    "MER-Caption+": ("MER2024",),
    "MER2024-SEMI test": ("MER-Caption",),
    "MER-UniBench": ("MER-Caption",),
}
_SCORERS = {"MER-UniBench": "mer-unibench", "MME-Emotion": "mme-emotion", "MVEI": "mvei", "CA-MER": "ca-mer"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row.

    name: unique in its table; year: of publication; modality: as the table words it; arxiv: id or ""; arxiv_seen:
    whether that id was read somewhere (None without id); repo: where it lives, "" where not known; verified: whether
    the main facts were read in `source`, else they are from memory.
    """

    name: str
    year: int
    modality: str
    arxiv: str
    arxiv_seen: bool | None
    repo: str
    verified: bool
    source: str

    @property
    def modalities(self) -> tuple[str, ...]:
        """The modalities among `MODALITIES`."""
        return tuple(name for name in MODALITIES if re.search(_MODALITY[name], self.modality))

    @property
    def facts(self) -> str:
        """The cells that tell what it is for."""
        return ""

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks among `TASKS` that the facts name; a reading of the wording, so it may lack one."""
        return tuple(task for task, pattern in TASKS.items() if re.search(pattern, self.facts, re.IGNORECASE))

    @property
    def overlaps_with(self) -> tuple[str, ...]:
        """Entries known to hold the same clips: do not train on one and test on the other."""
        return _OVERLAPS.get(self.name, ())


@dataclass(frozen=True, slots=True)
class Dataset(Entry):
    """A data set. size, labels, language, licence, note: as the table words them, "" where not known."""

    size: str
    labels: str
    language: str
    licence: str
    note: str

    @property
    def facts(self) -> str:
        """Labels and size."""
        return f"{self.labels}; {self.size}"

    @property
    def licence_class(self) -> str:
        """One of `mien.scoring.catalogue.terms.CLASSES`."""
        return licence_class(self.licence)

    @property
    def per_rater(self) -> bool:
        """Whether each rater's labels, or counts of votes, are known to be there."""
        return self.name in PER_RATER


@dataclass(frozen=True, slots=True)
class Model(Entry):
    """A model. family: MLLM, fusion, encoder ...; size, what_it_does, licence: as the table words them."""

    family: str
    size: str
    what_it_does: str
    licence: str

    @property
    def facts(self) -> str:
        """Family and what it does."""
        return f"{self.family}; {self.what_it_does}"

    @property
    def licence_class(self) -> str:
        """One of `mien.scoring.catalogue.terms.CLASSES`."""
        return licence_class(self.licence)


@dataclass(frozen=True, slots=True)
class Benchmark(Entry):
    """A benchmark. content, metrics: as the table words them."""

    content: str
    metrics: str

    @property
    def facts(self) -> str:
        """Content and metrics."""
        return f"{self.content}; {self.metrics}"

    @property
    def scorer(self) -> str:
        """The scorer of `mien score` for it, or ""."""
        return _SCORERS.get(self.name, "")
