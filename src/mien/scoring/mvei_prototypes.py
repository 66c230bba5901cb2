"""What statements are made of, written by a model that sees the image: a cause, a situation and a person per label.

Stage 2 of the INSETS pipeline asks the model a word came from; here any judge is asked, with the image file where it
lies in `folder`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from mien.scoring.judge import Failure, Judge
from mien.scoring.mvei_build import with_prototypes
from mien.scoring.mvei_statements import Labelled
from mien.scoring.question import Prompt, WithPictures
from mien.scoring.replyread import Unread, ask_read

_PROMPT = """\
Look at the image. Somebody feels {word} at it. Write three lines in this form, each one plain clause without a full \
stop, and name no emotion in any of them:
Cause: what is visible in the image that makes one feel so
Situation: a scene or occasion in which the image would make one feel so
Person: somebody (age, work, habits or past) who would feel so rather than the opposite, starting with "somebody who" \
or "a"
Use only what the image shows. Write nothing else."""

_LINE = re.compile(r"^\W*(cause|situation|person)\W*[:：]\s*(.+)$", re.IGNORECASE | re.MULTILINE)
_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif")


def write_prototypes(images: Sequence[Labelled], judge: Judge, folder: Path) -> tuple[list[Labelled], list[str]]:
    """The images with what the judge wrote for each label that lacks a prototype, and the counted warnings.

    folder: where the image files lie, by id with or without ending. An image that is not there is not asked about;
    a reply that cannot be read leaves its label without prototypes.
    """
    missing = [image.id for image in images if _file(folder, image.id) is None]
    asked: list[tuple[str, str]] = []
    prompts: list[Prompt] = []
    for image in images:
        path = _file(folder, image.id)
        for word in image.words if path else ():
            if path and not (word.cause and word.situation and word.person):
                asked.append((image.id, word.word))
                prompts.append(WithPictures(_PROMPT.format(word=word.word), (path,)))
    replies = ask_read(judge, "prototype", [(prompt, read_prototypes) for prompt in prompts])
    written = {key: reply for key, reply in zip(asked, replies, strict=True) if not isinstance(reply, Failure)}
    told = [f"{len(missing)} images are not in {folder} ({', '.join(missing[:5])}); not asked about"] if missing else []
    if len(written) < len(asked):
        told.append(f"{len(asked) - len(written)} of {len(asked)} labels got no prototypes from the judge")
    return with_prototypes(images, written), told


def read_prototypes(reply: str) -> dict[str, str]:
    """The three lines of a reply; Unread where one is missing.

    >>> read_prototypes("Cause: a child runs\\nSituation: after a long absence\\nPerson: a father")["person"]
    'a father'
    """
    found = {name.lower(): text.strip() for name, text in _LINE.findall(reply[:20_000])}
    lacking = [name for name in ("cause", "situation", "person") if not found.get(name)]
    if lacking:
        raise Unread(f"no line for {', '.join(lacking)}")
    return found


def _file(folder: Path, image: str) -> Path | None:
    name = Path(image).name
    candidates = [folder / name, *(folder / f"{name}{ending}" for ending in _PICTURES)]
    return next((path for path in candidates if path.suffix.lower() in _PICTURES and path.is_file()), None)
