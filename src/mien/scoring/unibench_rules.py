"""The rule sets of the open-vocabulary benchmarks: Mien's sound one, and the published ones with their quirks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mien.errors import RequestError
from mien.scoring.openset import Undefined
from mien.scoring.wheels import EDITIONS, Tables, tables


@dataclass(frozen=True, slots=True)
class Rules:
    """edition of the word tables; reader of answers (`answers.READERS`); list_rule of references; undefined: what
    stands where nothing can be divided; clip: a hit is at most 1; fold: the label set is lower-cased; exact: sentiment
    words must match letter by letter; primary: the figure of open-vocabulary sets."""

    edition: str = EDITIONS[-1]
    reader: str = "lexicon"
    list_rule: str = "tolerant"
    undefined: Undefined = "sound"
    clip: bool = True
    fold: bool = True
    exact: bool = False
    primary: str = "openset_f"
    replicate: str | None = None

    @property
    def held(self) -> Tables:
        """The word tables."""
        return tables(self.edition)


_OFFICIAL = Rules("2025", "list", "official", "nan", clip=False, fold=False, exact=True)
REPLICATE: dict[str, Rules] = {
    "affectgpt": _OFFICIAL,
    "mer2025-track2": replace(_OFFICIAL, primary="openset_f_both"),
    "mer2026-track2": replace(_OFFICIAL, edition="2026", undefined="zero"),
    "ov-mer": replace(_OFFICIAL, primary="openset_f_all"),
}
"""Published rule sets: AffectGPT's MER-UniBench, the rankings of MER2025 and MER2026 track 2, OV-MER's M-avg."""


def rules_of(name: str | None, edition: str | None) -> Rules:
    """The rule set of that name, None = the sound one; RequestError where the edition asked for is not its own."""
    if name is None:
        return Rules(edition=edition or EDITIONS[-1])
    found = replace(REPLICATE[name], replicate=name)
    if edition is not None and edition != found.edition:
        raise RequestError(f"{name} uses the {found.edition} tables; leave --edition out or choose {found.edition}")
    return found
