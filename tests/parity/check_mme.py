"""MME-Emotion: readers of a judge's reply, task rows, category rows, the pooled overall row."""

import pytest

from mien.scoring.mme_replies import REPLY_READERS, fraction
from mien.scoring.mme_tables import mean_of_tasks, published_row, published_task


def readers(case):
    for name in case["config"]["parsers"]:
        found = [REPLY_READERS[name](text) for text in case["inputs"]["strings"]]
        for one, wanted in zip(found, case["expected"][name], strict=True):
            assert (one is None) == (wanted is None)
            assert one is None or list(one.values) == approx(case, wanted)
    assert set(case["expected"]) == set(case["config"]["parsers"])


def approx(case, value):
    return pytest.approx(value, rel=case["tolerance"]["rtol"], abs=case["tolerance"]["atol"])


def rows_of(case, entries, name):
    return published_task(
        [entry["ground_truth"] for entry in entries],
        [entry["score"] for entry in entries],
        reader=REPLY_READERS[name],
        alpha=case["config"]["alpha"],
        merge=case["config"].get("merge"),
    )


def entries(case):
    given, expected = case["inputs"]["entries"], case["expected"]
    if "total" not in expected:
        for name, wanted in expected.items():
            assert rows_of(case, given, name)[0] == approx(case, wanted), name
        return
    total, categories = rows_of(case, given, case["config"]["parser"])
    found = {"total": total, "categories": categories, "submitted": len(given)}
    for key, wanted in expected.items():
        if key == "categories":
            assert set(categories) == set(wanted)
            for name, row in wanted.items():
                assert categories[name] == approx(case, row), name
        else:
            assert found[key] == approx(case, wanted), key


def overall(case):
    tasks, expected = case["inputs"]["tasks"], case["expected"]
    assert case["config"]["parser"] == "fraction"
    rows = {name: rows_of(case, given, "fraction")[0] for name, given in tasks.items()}
    everything = [fraction(str(entry["score"])) for given in tasks.values() for entry in given]
    pooled = published_row([one.values for one in everything if one and one.values], case["config"]["alpha"])
    found = {"overall": pooled, "mean_of_tasks_for_comparison": mean_of_tasks(list(rows.values()))}
    assert set(expected) <= {*found, "per_task"}
    for key, wanted in expected.items():
        if key == "per_task":
            assert set(rows) == set(wanted)
            for name, row in wanted.items():
                assert rows[name] == approx(case, row), name
        else:
            assert found[key] == approx(case, wanted), key


def score(case):
    questions = {"strings": readers, "entries": entries, "tasks": overall}
    (asked,) = (check for key, check in questions.items() if key in case["inputs"])
    asked(case)


CHECKS = {"mme_score": score}
