"""Dev scores of the shipped weights when the text is damaged, and what happens to languages that were never trained.

    python recipes/text/robust.py --data DIR/data [--results FILE]

Language given, thresholds of the card; GoEmotions dev (macro F1 of 28) and BRIGHTER dev (mean macro F1 of the languages).
A damage that a script does not know (accents, Cyrillic) leaves its texts as they are; `changed` is the share it touched.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import corpora
import numpy as np
from measure import f1

from mien.analysis.senses.model import card
from mien.analysis.senses.text import read_text

ROOT = Path(__file__).resolve().parents[2]
Damage = Callable[[str, np.random.Generator], str]
CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ"
LATIN_LETTERS = "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch '' y ' e yu ya i yi ye g"
LATIN = dict(zip(CYRILLIC, LATIN_LETTERS.split(" "), strict=True))
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]")
UNTRAINED = {
    "Thai": "วันนี้ฉันมีความสุขมาก ขอบคุณ",
    "Greek": "Είμαι πολύ θυμωμένος μαζί σου σήμερα",
    "Finnish": "Olen tänään todella surullinen ja väsynyt",
    "Georgian": "დღეს ძალიან ბედნიერი ვარ",
    "Korean": "오늘 정말 행복해요",
    "Polish": "Jestem dzisiaj bardzo szczęśliwa",
    "Tamil": "நான் மிகவும் மகிழ்ச்சியாக இருக்கிறேன்",
}


def misspelt(text: str, rng: np.random.Generator, share: float = 0.2) -> str:
    """In a fifth of the words of four letters or more two neighbours change places, a letter is lost, or one doubled."""
    words = text.split(" ")
    for i, word in enumerate(words):
        if len(word) < 4 or rng.random() >= share:
            continue
        at = int(rng.integers(1, len(word) - 1))
        words[i] = (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        )[int(rng.integers(3))]
    return " ".join(words)


def stretched(text: str, rng: np.random.Generator) -> str:
    """The last vowel of a tenth of the words is held: so -> sooo."""
    words = text.split(" ")
    return " ".join(re.sub(r"([aeiou])(\w?)$", r"\1\1\1\2", w) if rng.random() < 0.1 else w for w in words)


def unaccented(text: str, _: np.random.Generator) -> str:
    """Latin letters without their marks."""
    marks = unicodedata.normalize("NFD", text)
    return "".join(
        a for a, b in zip(marks, " " + marks, strict=False) if not ("\u0300" <= a <= "\u036f" and b < "\u0370")
    )


DAMAGES: dict[str, Damage] = {
    "as it is": lambda text, _: text,
    "capitals": lambda text, _: text.upper(),
    "no punctuation": lambda text, _: "".join(sign for sign in text if not unicodedata.category(sign).startswith("P")),
    "no emoji": lambda text, _: EMOJI.sub("", text),
    "a plain emoji behind": lambda text, _: text + " 🙂",
    "a fifth of the words misspelt": misspelt,
    "held vowels": stretched,
    "no accents": unaccented,
    "Cyrillic in Latin letters": lambda text, _: "".join(LATIN.get(sign.lower(), sign) for sign in text),
}


def main() -> None:
    """Print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks/results/text-robust.json")
    args = parser.parse_args()
    facts, english = card("text"), corpora.goemotions(args.data, "dev")
    languages = corpora.brighter(args.data, "dev")
    cuts = np.array([row["threshold"] for row in facts["goemotions"]["classes"].values()])
    table: dict[str, dict[str, float]] = {}
    for name, damage in DAMAGES.items():
        rng = np.random.default_rng(0)
        texts = [damage(text, rng) for text in english.texts]
        p = np.nan_to_num(read_text(texts, "en").goemotions, nan=0.0)
        row = {"goemotions": float(f1(english.targets, p >= cuts).mean())}
        row["goemotions_changed"] = float(np.mean([a != b for a, b in zip(texts, english.texts, strict=True)]))
        scores, changed = [], []
        for code, rows in languages.items():
            classes = facts["brighter"]["languages"][code]["classes"]
            has = [corpora.BRIGHTER.index(label) for label in classes]
            texts = [damage(text, rng) for text in rows.texts]
            p = np.nan_to_num(read_text(texts, code).brighter[:, has], nan=0.0)
            cut = np.array([item["threshold"] for item in classes.values()])
            scores.append(float(f1(rows.targets[:, has], p >= cut).mean()))
            changed.append(float(np.mean([a != b for a, b in zip(texts, rows.texts, strict=True)])))
        row |= {"brighter": float(np.mean(scores)), "brighter_changed": float(np.mean(changed))}
        table[name] = {key: round(value, 4) for key, value in row.items()}
        print(name, table[name], flush=True)
    refused = {}
    for name, text in UNTRAINED.items():
        reading = read_text([text])
        refused[name] = bool(np.isnan(reading.brighter).all())
        print(name, "refused" if refused[name] else "READ", reading.language, reading.certainty.round(2))
    latin = {}
    for code in ("rus", "ukr", "tat"):
        texts = [DAMAGES["Cyrillic in Latin letters"](text, rng) for text in languages[code].texts]
        reading = read_text(texts)
        answered = float((~np.isnan(reading.brighter).all(1)).mean())
        named = float(np.mean([found == f"{code}-latn" for found in reading.language]))
        latin[code] = {"answered": round(answered, 4), "named": round(named, 4)}
        print(code, "in Latin letters, language guessed", latin[code])
    args.results.write_text(json.dumps({"dev": table, "refused": refused, "latin": latin}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
