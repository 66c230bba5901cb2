"""EMO-DB: acted German, 535 clips of 10 speakers, 7 emotions.

What: ten sentences spoken by five women and five men; 16 kHz mono, 25 minutes in all; recognised by 80 % of listeners
    or more. Beware of a padded copy in circulation whose clips all last 2.00 s at 22 050 Hz.
Who: F. Burkhardt, A. Paeschke, M. Rolfes, W. Sendlmeier, B. Weiss, "A database of German emotional speech", 2005.
Licence: stated CC BY 4.0 by its first author's tools, CC0 elsewhere; the corpus' own page was not read.
Get: emodb.bilderbar.info, or audEERING's audb ("emodb").
On disk: wav/03a01Fa.wav: characters 0-1 speaker, 2-4 text, 5 emotion, 6 version; erkennung.txt beside or above it:
    share of listeners that recognised the emotion and found it natural, in percent (816 rows, Latin-1, decimal commas).
Labels: emodb7: anger, boredom, disgust, fear, happiness, sadness, neutral (letters W L E A F T N).
Groups: speaker. Parts: speakers 03 08 09 10 11 14 / 12 13 / 15 16 (Mien's own: the owners made none).
Options: votes: share recognised as soft votes (the rest is on no known class, so it is left out). Default no.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from mien.affect.space import space
from mien.errors import DataError
from mien.research.datasets.speech import STRANGE, clips, corpus, heard, speakers
from mien.research.datasets.tables import number, rows, table
from mien.research.samples import Data, Sample

SIGNS = ("**/03a01Fa.wav|**/[01][0-9][ab]0[0-9][WLEAFTN][a-z].wav",)
PARTS = {
    "train": speakers("03 08 09 10 11 14"),
    "valid": speakers("12 13"),
    "test": speakers("15 16"),
}
_NAME = re.compile(r"(\d\d)([ab]\d\d)([WLEAFTN])[a-z]?")
_LETTERS = "WLEAFTN"


def read(path: Path, *, votes: bool = False) -> Data:
    """EMO-DB at `path`; see the module's text."""
    recognised = _recognised(path) if votes else {}

    def tell(file: Path) -> Sample | str:
        found = _NAME.fullmatch(file.stem)
        if not found:
            return STRANGE
        speaker, _, letter = found.groups()
        place = _LETTERS.index(letter)
        share = recognised.get(file.name)
        soft = None if share is None else np.eye(7, dtype=np.float64)[place] * share
        return Sample(file.stem, speaker, {}, place, soft, speaker=speaker, clips=heard(file))

    return corpus("emodb", space("emodb7"), clips(path, "*.wav", "clips of EMO-DB"), tell, PARTS, whole=535)


def _recognised(path: Path) -> dict[str, float]:
    """File name -> share of listeners in [0, 1] that recognised the intended emotion."""
    found = table(path, "erkennung", suffixes=(".txt",)) or table(path.parent, "erkennung", suffixes=(".txt",))
    if found is None:
        raise DataError(path, None, "has no erkennung.txt beside its clips; leave votes off")
    shares = {}
    for row, cells in rows(found, needs=("satz", "erkannt"), encoding="latin-1"):
        text = "".join(c for c in cells["erkannt"] if c in "0123456789,.").replace(",", ".")
        shares[cells["satz"]] = number(found, row, "erkannt", text) / 100
    return shares
