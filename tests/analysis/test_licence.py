"""A permissive run uses no model whose terms forbid commercial use, and says what it left out."""

from pathlib import Path

import pytest

import mien
from mien.analysis.models import models
from mien.errors import RequestError

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("name", ["two_people.mp4", "talking.mp4", "letter.txt"])
def test_no_barred_model_stands_in_a_permissive_result(name):
    analysis = mien.analyze(EXAMPLES / name, licence="permissive")
    barred = {model.id for model in models() if not model.commercial}
    assert barred
    used = {item.model for affect in analysis.affects for item in affect.evidence}
    assert not used & barred
    told = [notice.text for notice in analysis.warnings if notice.code == "licence"]
    if name.endswith("mp4"):
        assert any("face is not read" in text for text in told) and any("voices are not told apart" in t for t in told)
    else:
        assert not told and used == {"text-2"}


def test_an_unknown_licence_names_those_that_are_allowed():
    with pytest.raises(RequestError, match="any, permissive"):
        mien.analyze(EXAMPLES / "letter.txt", licence="free")
