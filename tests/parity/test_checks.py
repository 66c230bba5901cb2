"""A check that cannot fail checks nothing: a changed number or a field nobody knows must be seen, kind by kind."""

import copy
import os

import pytest

from .cases import Fields, kind_of, load, paths, unread
from .test_kinds import CHECKS

pytestmark = pytest.mark.skipif("MIEN_PARITY" in os.environ, reason="shown on the vectors beside the repository")
FIRST = {kind_of(path): path for path in reversed(paths()) if kind_of(path) in CHECKS}


def passes(kind, case):
    try:
        CHECKS[kind](case)
    except Exception:  # whatever it raises, it has seen
        return False
    return not unread(case)


def fresh(kind):
    """The case, its parts free to be changed."""
    case = load(FIRST[kind])
    return case | {part: Fields(copy.deepcopy(dict(case[part]))) for part in ("config", "inputs")}


def numbers(values, where=()):
    """Places of numbers, of a list its last only."""
    if isinstance(values, dict):
        for name, value in values.items():
            yield from numbers(value, (*where, name))
    elif isinstance(values, list):
        if values:
            yield from numbers(values[-1], (*where, len(values) - 1))
    elif isinstance(values, int | float) and not isinstance(values, bool):
        yield where


@pytest.mark.parametrize("kind", FIRST)
def test_a_changed_number_is_seen(kind):
    unseen = []
    for place in numbers(fresh(kind)["expected"]):
        case = fresh(kind)
        inner = case["expected"]
        for name in place[:-1]:
            inner = inner[name]
        value = inner[place[-1]]
        step = 1 if isinstance(value, int) else max(1e-2 * abs(value), 10 * case["tolerance"]["atol"], 1e-6)
        inner[place[-1]] = type(value)(float(f"{value + step:.9g}"))
        if passes(kind, case):
            unseen.append("/".join(map(str, place)))
    assert not unseen, f"{kind}: a change here passes: {unseen}"


@pytest.mark.parametrize("kind", FIRST)
def test_a_changed_array_is_seen(kind, tmp_path):
    if "tensors_path" not in fresh(kind):
        pytest.skip("all numbers are in the JSON")
    load_file = pytest.importorskip("safetensors.torch").load_file
    from safetensors.torch import save_file

    for wanted in [name for name in load_file(fresh(kind)["tensors_path"]) if name.startswith("output/")]:
        case = fresh(kind)
        tensors = load_file(case["tensors_path"])
        tensors[wanted].flatten()[0] += max(1e-2 * float(tensors[wanted].abs().max()), 10 * case["tolerance"]["atol"])
        case["tensors_path"] = tmp_path / "changed.safetensors"
        save_file(tensors, case["tensors_path"])
        assert not passes(kind, case), wanted


@pytest.mark.parametrize("part", ["config", "inputs", "expected"])
@pytest.mark.parametrize("kind", FIRST)
def test_a_field_nobody_knows_is_seen(kind, part):
    case = fresh(kind)
    assert passes(kind, case)
    case = fresh(kind)
    case[part] = type(case[part])({**case[part], "a_field_nobody_knows": 0.5})
    assert not passes(kind, case)
