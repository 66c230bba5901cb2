"""Making a judgment set for one's own images: a table of labels in, a file that `mien score mvei` reads out.

A row is one emotion word of one image: image, word, and optionally model (who said it: models then vote), category and
polarity (else by Parrott's tree), cause, situation and person (what the statements are made of), similar (ids of images
that look alike). Without cause, situation and person only the polarity claims can be made.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mien.errors import DataError
from mien.files import write_atomic
from mien.scoring.columns import pick
from mien.scoring.held import held_rows
from mien.scoring.mme_tasks import split_labels
from mien.scoring.mvei_items import FAMILIES, IMAGE
from mien.scoring.mvei_labels import Mention, elect, located
from mien.scoring.mvei_statements import Labelled, Statement, build_statements
from mien.scoring.mvei_tree import Polarity

if TYPE_CHECKING:
    from mien.scoring.judge import Judge

WORD = ("word", "label", "labels", "emotion", "emotions", "ov_emotion", "ov_emotions")
SOURCE = ("model", "source", "annotator", "rater")
CATEGORY, POLARITY = ("category", "secondary"), ("polarity", "sentiment")
PROTOTYPES = {
    "cause": ("cause", "interpretation", "reason"),
    "situation": ("situation", "context"),
    "person": ("person", "character"),
}
ALIKE = ("similar", "alike", "looks_like")


@dataclass(frozen=True, slots=True)
class Built:
    """A judgment set. images; statements; warnings: counted facts about what could not be made."""

    images: tuple[Labelled, ...]
    statements: tuple[Statement, ...]
    warnings: tuple[str, ...] = ()

    def counts(self) -> dict[str, tuple[int, int]]:
        """Family -> (correct, incorrect) statements."""
        found = Counter((one.family, one.label) for one in self.statements)
        return {family: (found[family, "correct"], found[family, "incorrect"]) for family in FAMILIES}

    def to_json(self) -> str:
        """The set as an MVEI file: one item an image; equal sets give equal bytes."""
        return json.dumps(list(map(self._item, self.images)), ensure_ascii=False, indent=1) + "\n"

    def _item(self, image: Labelled) -> dict[str, Any]:
        own = [one for one in self.statements if one.image == image.id]
        listed = [{"statement": o.text, "label": o.label, "class": o.family, "subclass": o.subclass} for o in own]
        return {"image_id": image.id, "ov_emotion": [word.word for word in image.words], "statement_list": listed}

    def __str__(self) -> str:
        lines = [f"{len(self.images)} images, {len(self.statements)} statements"]
        lines += [
            f"{family:<24} {right:>5} correct {wrong:>5} incorrect" for family, (right, wrong) in self.counts().items()
        ]
        return "\n".join(lines)


def build(
    labels: Path, out: Path | None = None, *, seed: int = 0, judge: Judge | None = None, folder: Path | None = None
) -> Built:
    """The statements for a table of labels, written to `out` where one is named.

    judge: writes causes, situations and persons that the table lacks, seeing the images in `folder` (None: beside the
    table). Equal tables and seed give equal files. Raises InputError, and DataError naming the row: a missing column,
    an empty image or word, a polarity that is neither positive nor negative, no word that is an emotion.
    """
    images, warnings = read_labels(labels)
    if judge is not None:
        from mien.scoring.judge import told
        from mien.scoring.mvei_prototypes import write_prototypes

        images, lacking = write_prototypes(images, judge, folder or labels.parent)
        warnings += [*lacking, *told(judge)]
    statements = build_statements(images, seed=seed)
    built = Built(tuple(images), tuple(statements), tuple([*warnings, *_missing(images)]))
    if out is not None:
        write_atomic(out, built.to_json())
    return built


def read_labels(path: Path) -> tuple[list[Labelled], list[str]]:
    """The images of a table with the labels that are kept, and the counted warnings; errors as `build`."""
    mentions: dict[str, list[Mention]] = {}
    alike: dict[str, set[str]] = {}
    strange: list[str] = []
    for number, row in held_rows(path):
        image = str(pick(row, IMAGE, what="image", path=path, number=number) or "").strip()
        if not image:
            raise DataError(path, number, "the image is empty")
        mentions.setdefault(image, [])
        alike.setdefault(image, set()).update(split_labels(pick(row, ALIKE, default="") or ""))
        for word in _words(row, path, number):
            found = _mention(image, word, row, path, number)
            if found is None:
                strange.append(word)
            else:
                mentions[image].append(found)
    images = [Labelled(name, tuple(elect(said)), frozenset(alike[name])) for name, said in mentions.items()]
    if not any(image.words for image in images):
        raise DataError(
            path, None, f"none of its words is a known emotion ({_some(strange)}); give category and polarity"
        )
    warnings = []
    if strange:
        why = "are in no branch of the tree of emotion words and are left out; give them a category and a polarity"
        warnings.append(f"{len(strange)} words ({_some(strange)}) {why}")
    unvoted = sum(len(mentions[image.id]) for image in images) - sum(len(image.words) for image in images)
    if unvoted:
        warnings.append(f"{unvoted} mentions were not kept: outvoted, or the same word again")
    return images, warnings


def with_prototypes(images: Iterable[Labelled], written: Mapping[tuple[str, str], Mapping[str, str]]) -> list[Labelled]:
    """The images with prototypes put in: written[image, word] -> {"cause": ..., "situation": ..., "person": ...}."""
    return [replace(image, words=tuple(_filled(word, written) for word in image.words)) for image in images]


def _filled(word: Mention, written: Mapping[tuple[str, str], Mapping[str, str]]) -> Mention:
    """The label with what was written for it; what the table held stays."""
    new = written.get((word.image, word.word), {})
    cause, situation, person = (getattr(word, name) or new.get(name, "") for name in PROTOTYPES)
    return replace(word, cause=cause, situation=situation, person=person)


def _words(row: Mapping[str, Any], path: Path, number: int) -> tuple[str, ...]:
    cell = pick(row, WORD, what="word", path=path, number=number)
    text = isinstance(cell, str) and any(pick(row, names, default="") for names in PROTOTYPES.values())
    words = (str(cell).strip(),) if text else split_labels(cell if cell is not None else "")
    if not any(words):
        raise DataError(path, number, "the word is empty")
    return words


def _mention(image: str, word: str, row: Mapping[str, Any], path: Path, number: int) -> Mention | None:
    category = str(pick(row, CATEGORY, default="") or "").strip().lower()
    polarity = str(pick(row, POLARITY, default="") or "").strip().lower()
    if polarity not in ("", "positive", "negative"):
        raise DataError(path, number, f"the polarity is {polarity!r}; allowed: positive, negative")
    found = located(word) or (located(category) if category else None)
    if not polarity and found is None:
        return None
    return Mention(
        image=image,
        word=word,
        category=category or (found[0] if found else word.lower()),
        polarity=cast(Polarity, polarity or (found[1] if found else "")),
        source=str(pick(row, SOURCE, default="") or "").strip(),
        row=number,
        **{name: str(pick(row, names, default="") or "").strip() for name, names in PROTOTYPES.items()},
    )


def _missing(images: Sequence[Labelled]) -> list[str]:
    told = []
    words = [word for image in images for word in image.words]
    for name, family in zip(PROTOTYPES, FAMILIES[1:], strict=True):
        lacking = sum(not getattr(word, name) for word in words)
        if lacking:
            told.append(f"{lacking} of {len(words)} labels have no {name}: no statements on {family} for them")
    blank = [image.id for image in images if not image.words]
    if blank:
        told.append(f"{len(blank)} images have no label left ({_some(blank)}): no statements for them")
    if all(not image.alike for image in images) and any(word.cause for word in words):
        told.append("no column says which images look alike: 'looks different' is taken for granted in swapped causes")
    return told


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
