"""Compare what was found with every expected field of a case, at its tolerance."""

import math

SPELT = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def compare(case, found):
    """Each field of `expected` must be found; `found` may hold more at the top and within objects."""
    tolerance = case["tolerance"]
    _same(case["expected"], found, tolerance["rtol"], tolerance["atol"], "expected")


def _same(wanted, found, rtol, atol, where):
    if isinstance(wanted, dict):
        missing = set(map(str, wanted)) - set(map(str, found))
        assert not missing, f"{where}: no check knows {sorted(missing)}"
        for key, value in wanted.items():
            _same(value, found[key], rtol, atol, f"{where}.{key}")
    elif isinstance(wanted, list):
        assert len(wanted) == len(found), f"{where}: {len(wanted)} expected, {len(found)} found"
        for at, (one, other) in enumerate(zip(wanted, found, strict=True)):
            _same(one, other, rtol, atol, f"{where}[{at}]")
    elif wanted is None:
        assert found is None or math.isnan(found), f"{where}: nothing expected, found {found}"
    elif (isinstance(wanted, (int, float)) and not isinstance(wanted, bool)) or wanted in SPELT:
        number = SPELT.get(wanted, wanted)
        close = math.isclose(number, found, rel_tol=rtol, abs_tol=atol) or (math.isnan(number) and math.isnan(found))
        assert close, f"{where}: expected {wanted}, found {found}"
    else:
        assert wanted == found, f"{where}: expected {wanted!r}, found {found!r}"
