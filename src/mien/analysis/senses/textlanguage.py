"""Which language a text is in: names, codes that files state, and a guess that the rest of a transcript supports."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.analysis.senses.textfeatures import LONGEST, ngrams
from mien.analysis.senses.textmodels import Guesser

NAMES: dict[str, str] = {
    "afr": "Afrikaans", "amh": "Amharic", "arq": "Algerian Arabic", "ary": "Moroccan Arabic", "chn": "Chinese",
    "deu": "German", "eng": "English", "esp": "Spanish", "hau": "Hausa", "hin": "Hindi", "ibo": "Igbo",
    "kin": "Kinyarwanda", "mar": "Marathi", "orm": "Oromo", "pcm": "Nigerian Pidgin", "ptbr": "Brazilian Portuguese",
    "ptmz": "Mozambican Portuguese", "ron": "Romanian", "rus": "Russian", "som": "Somali", "sun": "Sundanese",
    "swa": "Swahili", "swe": "Swedish", "tat": "Tatar", "tir": "Tigrinya", "ukr": "Ukrainian", "vmw": "Emakhuwa",
    "yor": "Yoruba",
    "ar": "Standard Arabic", "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "el": "Greek", "et": "Estonian",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "hbs": "Bosnian, Croatian or Serbian", "he": "Hebrew",
    "hu": "Hungarian", "id": "Indonesian or Malay", "is": "Icelandic", "it": "Italian", "ja": "Japanese",
    "mk": "Macedonian", "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "sk": "Slovak", "sl": "Slovenian",
    "th": "Thai", "tr": "Turkish", "vi": "Vietnamese",
    "rus-latn": "Russian in Latin letters", "ukr-latn": "Ukrainian in Latin letters",
}  # fmt: skip
"""Language code -> English name: the 28 of BRIGHTER first (its own codes), then those that are only recognised."""

# Mien's code, then the ISO 639 codes that files state for it.
_ALIASES = """
afr af | amh am | chn zh zho chi cmn | deu de ger | eng en | esp es spa | hau ha | hin hi | ibo ig
kin rw | mar mr | orm om gaz | ptbr pt por | ron ro rum | rus ru | som so | sun su | swa sw swh
swe sv | tat tt | tir ti | ukr uk | yor yo | ar ara arb arz | bg bul | cs ces cze | da dan
el ell gre | et est | fa fas per | fi fin | fr fra fre | he heb | hu hun | hbs bs hr sr bos hrv srp
id ind ms msa | is isl ice | it ita | ja jpn | mk mkd mac | nl nld dut | no nor nb nn | pl pol
sk slk slo | sl slv | th tha | tr tur | vi vie
"""
_ISO = {
    alias: code
    for row in _ALIASES.strip().replace("\n", "|").split("|")
    for code, *aliases in [row.split()]
    for alias in aliases
}
_REGIONS = {
    "pt-mz": "ptmz",
    "ar-dz": "arq",
    "ar-ma": "ary",
    "en-pcm": "pcm",
    "ru-latn": "rus-latn",
    "uk-latn": "ukr-latn",
}
_UNSTATED = {"", "und", "mul", "mis", "zxx", "auto", "unknown"}

# Without other signs a recording is more often English than Nigerian Pidgin, with which it shares most words: a prior,
# Mien's own. Fewer bytes of letters than `_ENOUGH` say less than the guesser believes (it learnt from longer lines;
# a Chinese sign is three bytes and tells more than a Latin letter).
_USUAL = {"eng": 8.0, "pcm": 0.25}
_ENOUGH = 10
_STAY = 0.99
_FOREIGN = 0.12


@dataclass(frozen=True, slots=True)
class Language:
    """A code (None: no letters, or a script never seen), its certainty in [0, 1], and whether it was stated."""

    code: str | None
    certainty: float
    stated: bool = False

    @property
    def name(self) -> str:
        """English name, or the code itself where it has none here."""
        return NAMES.get(self.code, self.code) if self.code else "unknown"


def code_of(stated: str | None) -> str | None:
    """Mien's code of a stated language ("en", "eng", "pt-BR", "zh-Hans"); None where nothing is stated."""
    tag = (stated or "").strip().lower().replace("_", "-")
    if tag in _UNSTATED:
        return None
    base = tag.split("-")[0]
    return _REGIONS.get(tag) or (tag if tag in NAMES else _ISO.get(base, base))


def has_letters(text: str) -> bool:
    """Whether any letter stands in the text."""
    return any(sign.isalpha() for sign in text)


def prior(guesser: Guesser, text: str) -> NDArray[np.float64]:
    """What the whole of a transcript says about each of its lines' language; nearly flat for an empty one."""
    weights = np.ones(len(guesser.languages))
    for code, weight in _USUAL.items():
        weights[guesser.languages.index(code)] = weight
    weights /= weights.sum()
    if not has_letters(text):
        return weights
    likely, known = guesser.probabilities(ngrams(text))
    likely = likely * weights / (likely @ weights)
    return weights if _foreign(text, known) else _STAY * likely + (1 - _STAY) * weights


def recognise(guesser: Guesser, text: str, before: NDArray[np.float64]) -> Language:
    """The language of one text, given what its surroundings say (`prior`); no letters: that of the surroundings."""
    if not has_letters(text[:LONGEST]):
        best = int(before.argmax())
        return Language(guesser.languages[best], float(before[best])) if before[best] > 0.5 else Language(None, 0.0)
    likely, known = guesser.probabilities(ngrams(text))
    if _foreign(text, known):
        return Language(None, 0.0)
    letters = len("".join(sign for sign in text[:LONGEST] if sign.isalpha()).encode())
    joint = likely ** min(1.0, letters / _ENOUGH) * before
    joint /= joint.sum()
    best = int(joint.argmax())
    return Language(guesser.languages[best], float(joint[best]))


def _foreign(text: str, known: float) -> bool:
    """Whether too few n-grams are known; Chinese has too many signs for that rule, so its script itself is known."""
    letters = [sign for sign in text[:LONGEST] if sign.isalpha()]
    chinese = sum("\u4e00" <= sign <= "\u9fff" for sign in letters)
    return known < _FOREIGN and 2 * chinese < len(letters)
