"""What a judge is asked in EMER's annotation, in our own words, and the texts that stand in where there is no judge."""

from __future__ import annotations

from mien.scoring.prompts import filled
from mien.scoring.replyread import Unread, plain_answer

LANGUAGES = {"english": "English", "chinese": "Chinese"}
SHORTEST, LONGEST = 10, 6000

_VISUAL = """\
You see {pictures} pictures from one video clip, in order of time. Describe in {language}, in three to six sentences, \
what can be seen that tells how the main person feels: face (brows, eyes, mouth), gaze, head, hands and posture, how \
these change, and what the surroundings add. Say only what is visible. Do not name an emotion and do not guess what is \
said. If no person can be seen, say so.

Reply with the sentences alone.

{material}

{text}"""

_MERGE = """\
Clues about one person in one video clip stand below: what is seen, what is heard, and what is said. People have \
checked them. Write one text of them in {language}:

- First what is seen, then what is heard, then what is said, keeping every checked detail and adding none.
- Then say what the person most likely feels and which clues show it. Where clues point in different directions, say \
which ones decide and why: a joke can be told in anger, a smile can hide fear. Name every emotion the clues support, \
none that they do not.
- Reply with the text alone, in one paragraph.

{material}

{text}"""

_TRANSLATE = """\
Translate the text below into {language}. Keep every detail, its order and the emotion words; add nothing. Reply with \
the translation alone.

{material}

{text}"""


def visual_prompt(subtitle: str, *, pictures: int, language: str) -> str:
    """Ask for the visible clues of pictures that are shown with the prompt."""
    parts = {"Subtitle, for orientation only": subtitle or "(none)"}
    return filled(_VISUAL, parts, pictures=str(pictures), language=LANGUAGES[language])


def merge_prompt(visual: str, acoustic: str, subtitle: str, *, language: str) -> str:
    """Ask for one description out of the checked clues."""
    parts = {"Seen": visual or "(nothing)", "Heard": acoustic or "(nothing)", "Said": subtitle or "(nothing)"}
    return filled(_MERGE, parts, language=LANGUAGES[language])


def translate_prompt(text: str, *, language: str) -> str:
    """Ask for a description in the other language."""
    return filled(_TRANSLATE, {"Text": text}, language=LANGUAGES[language])


def merge_rule(visual: str, acoustic: str, subtitle: str, *, language: str) -> str:
    """The clues one after the other in the released files' order: the offline rule; it draws no conclusion."""
    if language == "chinese":
        parts = (f"在视频中，{visual}", f"在音频中，{acoustic}", f"在文本中，字幕内容：“{subtitle}”")
        return "；".join(part for part, clue in zip(parts, (visual, acoustic, subtitle), strict=True) if clue)
    parts = (f"In the video: {visual}", f"In the audio: {acoustic}", f'In the text, the subtitle is: "{subtitle}"')
    return " ".join(part for part, clue in zip(parts, (visual, acoustic, subtitle), strict=True) if clue)


def read_text(reply: str) -> str:
    """A text of 10 to 6,000 characters in one paragraph; Unread for a refusal or anything shorter or longer."""
    text = " ".join(plain_answer(reply).split())
    if not SHORTEST <= len(text) <= LONGEST:
        raise Unread(f"a text of {len(text)} characters; {SHORTEST} to {LONGEST} are allowed")
    return text
