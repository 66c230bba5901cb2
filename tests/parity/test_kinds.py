"""Every golden vector is checked by the function its kind names in the CHECKS of one check_*.py beside this file."""

import importlib
import os
from pathlib import Path

import pytest

from .cases import FOLDER, kind_of, load, paths, unread
from .pending import PENDING

MODULES = [importlib.import_module(f"{__package__}.{p.stem}") for p in sorted(Path(__file__).parent.glob("check_*.py"))]
CHECKS = {kind: check for module in MODULES for kind, check in module.CHECKS.items()}

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="golden vectors are not beside the repository (MIEN_PARITY)"
)


@pytest.mark.parametrize("path", paths(), ids=lambda path: path.stem)
def test_golden_vector(path):
    kind = kind_of(path)
    if kind in CHECKS:
        case = load(path)
        CHECKS[kind](case)
        if "MIEN_PARITY" not in os.environ:  # of another set the numbers decide: what they do not depend on may be told
            assert not unread(case), f"no check knows {unread(case)}"
    elif kind in PENDING:
        pytest.skip(f"{kind}: {PENDING[kind]}")
    else:
        pytest.fail(f"no check knows the kind {kind!r}: write one in tests/parity/check_*.py")


def test_a_kind_is_either_checked_or_pending():
    assert not set(CHECKS) & set(PENDING)
    assert len(CHECKS) == sum(len(module.CHECKS) for module in MODULES), "two modules check one kind"
