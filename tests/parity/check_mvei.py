"""Judgments of statements about images (MVEI, MVEI_PLUS) and the polarity claims of an image."""

import pytest

from mien.scoring.mvei_statements import polarity_claims
from mien.scoring.mvei_tables import published_mvei, published_plus

RULE = "incorrect anywhere, else correct anywhere, else abstain"


def approx(case, value):
    return pytest.approx(value, rel=case["tolerance"]["rtol"], abs=case["tolerance"]["atol"])


def score(case):
    config, inputs = case["config"], case["inputs"]
    if config.get("edition") == "MVEI_PLUS":
        assert config.get("first_generation_only", True)
        records = inputs["records"].values()
        table = published_plus(
            [record.get("ground_truth") or "" for record in records],
            [record.get("other_info", {}).get("statement_meta", {}).get("class") for record in records],
            [next(iter(record.get("generations") or []), None) for record in records],
        )
        assert table == approx(case, case["expected"])
        return
    assert config.get("answer_rule", RULE) == RULE
    statements = [statement for item in inputs["items"] for statement in item["statement_list"]]
    table = published_mvei(
        [statement["label"] for statement in statements],
        [statement["class"] for statement in statements],
        [statement.get("predict") for statement in statements],
    )
    assert set(table) == set(case["expected"])
    for name, row in case["expected"].items():
        assert table[name] == approx(case, row), name


def polarity(case):
    assert case["config"]["rule"] == "both polarities present = mixed"
    assert set(case["expected"]) == {"per_image"}
    given, expected = case["inputs"]["label_polarities"], case["expected"]["per_image"]
    for polarities, wanted in zip(given, expected, strict=True):
        found = polarity_claims(polarities)
        assert (found and {"polarity": found[0], "statements": found[1]}) == wanted


CHECKS = {"mvei_score": score, "mvei_polarity": polarity}
