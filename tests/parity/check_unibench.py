"""MER-UniBench and EMER: emotion wheels, open-set scores, hit rate, sentiment, readers of free answers."""

import math

import pytest

from mien.metrics import METRICS
from mien.metrics.classification import accuracy, macro_recall
from mien.metrics.confusion import confusion, recalls
from mien.scoring.closed import last_alphabetical, read_label, reference_substring, whole_word
from mien.scoring.hits import hit_rate
from mien.scoring.lists import PublishedStop, before_full_stop, bracketed_list, clean_reply, nested_list
from mien.scoring.openset import any_shared, mean_figure, overlap
from mien.scoring.polarity import sentiment_waf
from mien.scoring.wheels import GROUPINGS, tables, wheel_group


def close(found, expected, tolerance):
    """Numbers within the tolerance, null = NaN, everything else equal; every expected field must be there."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            assert key in found, f"nothing computes {key!r}"
            close(found[key], value, tolerance)
    elif expected is None:
        assert found is None or math.isnan(found)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=tolerance["rtol"], abs=tolerance["atol"])
    else:
        assert found == expected


def quirk(edition):
    return "nan" if edition == "2025" else "zero"


def official_lists(values, names):
    return [bracketed_list(values[name]) for name in names]


def openset_figures(case, edition):
    inputs = case["inputs"]
    names = inputs.get("names", list(inputs["reference"]))
    truth, given = official_lists(inputs["reference"], names), official_lists(inputs["prediction"], names)
    found = overlap(truth, given, held=tables(edition), undefined=quirk(edition))
    figures = {
        "per_metric": {
            name: {"precision": o.precision, "recall": o.recall, "fscore": o.fscore, "scored": o.scored}
            for name, o in found.items()
        },
        "scored": {name: o.scored for name, o in found.items()},
    }
    for level in ("level1", "level2"):
        mean = mean_figure(found, level, quirk(edition))
        figures[f"{level}_mean"] = {"fscore": mean.fscore, "precision": mean.precision, "recall": mean.recall}
    mean = mean_figure(found, GROUPINGS, quirk(edition))
    figures["all_mean"] = {"fscore": mean.fscore, "precision": mean.precision, "recall": mean.recall}
    return figures


def mapped(words, edition):
    held = tables(edition)
    return {word: {name: held.group(word, name) for name in GROUPINGS} for word in words}


def openset(case):
    config, inputs, expected = case["config"], case["inputs"], case["expected"]
    editions = config.get("editions") or [config["edition"]]
    figures = {}
    if "pairs" in inputs:
        for edition in (*editions, "2026"):
            hits = [any_shared(bracketed_list(a), bracketed_list(b), held=tables(edition)) for a, b in inputs["pairs"]]
            figures[f"hit_{edition}_tables"] = hits
            figures.setdefault("hit", hits)
    if "words" in inputs and "group" in expected:
        figures["group"] = {
            name: {word: wheel_group(word, *name.split("_")) for word in inputs["words"]} for name in expected["group"]
        }
    elif "words" in inputs:
        for edition in editions:
            figures[f"mapped_{edition}"] = figures["mapped"] = mapped(inputs["words"], edition)
    if "reference" in inputs:
        for edition in reversed(editions):
            one = openset_figures(case, edition)
            figures.update(one)
            figures.update({f"{key}_{edition}": value for key, value in one.items()})
    close(figures, expected, case["tolerance"])


def hits(case):
    config, inputs = case["config"], case["inputs"]
    names = list(inputs["reference"])
    truth, given = official_lists(inputs["reference"], names), official_lists(inputs["prediction"], names)
    found = hit_rate(
        truth,
        given,
        labels=config["label_set"],
        held=tables(config["edition"]),
        clip=config.get("clip", False),
        fold_candidates=config.get("fold_candidates", False),
        undefined="nan",  # both editions of the tables are read by the 2025 code here
    )
    figures = {
        "hit_rate": found.hit_rate,
        "mscore": found.mscore,
        "per_wheel": {
            name: {"hit_rate": wheel.hit_rate, "mscore": wheel.mscore, "scored": wheel.scored}
            for name, wheel in found.wheels.items()
        },
    }
    close(figures, case["expected"], case["tolerance"])


def sentiment(case):
    inputs = case["inputs"]
    names = list(inputs["reference"])
    found = sentiment_waf(
        [inputs["reference"][name] for name in names],
        [inputs["prediction"][name] for name in names],
        exact=case["config"].get("token_match", "exact string") == "exact string",
    )
    figures = {"waf": found.waf, "accuracy": found.accuracy, "scored": found.scored}
    close(figures, case["expected"], case["tolerance"])


def outcome(read, answer):
    try:
        return {"ok": read(answer)}
    except PublishedStop as stop:
        return {"error": stop.error}


def closed_figures(rows, labels):
    truth = [row[0] for row in rows]
    lax = [reference_substring(answer, labels, label).label or "none" for label, answer in rows]
    strict = [whole_word(answer, labels).label or "none" for _, answer in rows]
    war = accuracy(truth, lax)
    own = {"war": war, "uar": macro_recall(truth, lax)}
    seen = sorted(set(truth))
    each = dict(zip(seen, recalls(confusion(truth, lax, labels=seen)[1]).tolist(), strict=True))
    # The baseline script asks only whether an answer is right, of items that all should be.
    right = [one == other for one, other in zip(truth, lax, strict=True)]
    baseline = {"war": war, "uar": macro_recall([True] * len(right), right)}
    return {
        **own,
        "predicted": lax,
        "own_model_script": own,
        "baseline_script": baseline,
        "macro_over_reference_classes": {"war": war, "uar": METRICS["uar"](truth, lax), "per_class": each},
        "whole_word_single": {
            "predicted": strict,
            "war": accuracy(truth, strict),
            "uar": METRICS["uar"](truth, strict),
        },
    }


def last_match(case):
    rows, labels = case["inputs"]["rows"], case["config"]["labels"]
    truth, predicted = [row[0] for row in rows], [last_alphabetical(row[1], labels).label for row in rows]
    return {
        "predicted": predicted,
        "weighted_f1": METRICS["weighted_f1"](truth, predicted),
        "accuracy": METRICS["accuracy"](truth, predicted),
    }


def first_number_figures(case):
    from mien.scoring.numbers import first_number

    return {"score": [outcome(first_number, answer) for answer in case["inputs"]["answers"]]}


def verdicts(case):
    from mien.scoring.mvei_readers import official

    return {"parsed": [official(answer)[0] for answer in case["inputs"]["answers"]]}


def choices(case):
    from mien.scoring.mvei_readers import official_plus, tagged_part

    letter = {"correct": "A", "incorrect": "B", "abstain": "C"}
    answers = case["inputs"]["answers"]
    return {
        "extracted": [tagged_part(answer) for answer in answers],
        "choice": [letter[official_plus(answer)[0]] for answer in answers],
        "meaning": {"A": "correct", "B": "incorrect", "C": "give up"},
    }


def default_closed(case):
    found = [read_label(answer, case["config"]["labels"]) for answer in case["inputs"]["answers"]]
    for answer, label in case["inputs"].get("must_not", []):
        assert read_label(answer, case["config"]["labels"]).label != label, answer
    return {"label": [read.label for read in found], "status": [read.status for read in found]}


def default_open(case):
    from mien.scoring.answers import read_answer

    held = tables("2026")
    expected = case["expected"]
    assert set(expected) <= {"must_include", "must_not_include"}
    for index, answer in enumerate(case["inputs"]["answers"]):
        labels = read_answer(answer).labels
        bases = {base for label in labels for base in held.bases(label)} | set(labels)
        for word in expected["must_include"][index]:
            assert {word, *held.bases(word)} & bases, (answer, word, labels)
        for word in expected["must_not_include"][index]:
            assert word not in labels and held.group(word, "case1") not in {
                held.group(label, "case1") for label in labels
            }
    return expected


RULES = {
    "bracketed_list": lambda case: {
        "parsed": [outcome(bracketed_list, answer) for answer in case["inputs"]["answers"]]
    },
    "clean_then_list": lambda case: {
        "cleaned": [clean_reply(answer) for answer in case["inputs"]["answers"]],
        "parsed": [outcome(bracketed_list, clean_reply(answer)) for answer in case["inputs"]["answers"]],
    },
    "reference_substring": lambda case: closed_figures(case["inputs"]["rows"], case["config"]["labels"]),
    "alphabetically_last_match": last_match,
    "first_number": first_number_figures,
    "correct_incorrect_substring": verdicts,
    "tagged_choice": choices,
    "before_first_full_stop": lambda case: {"label": [before_full_stop(a) for a in case["inputs"]["answers"]]},
    "nested_list": lambda case: {"groups": [nested_list(answer) for answer in case["inputs"]["answers"]]},
    "default closed-set reader": default_closed,
    "default open-vocabulary reader (offline lexicon)": default_open,
}


def parsing(case):
    rule = case["config"]["rule"]
    assert rule in RULES, f"no reader is known for the rule {rule!r}"
    close(RULES[rule](case), case["expected"], case["tolerance"])


def setlevel(case):
    from mien.scoring.setlevel import set_level

    inputs, config = case["inputs"], case["config"]
    names = [name for name in inputs["reference"] if name in inputs["groups"]]
    groups = [nested_list(inputs["groups"][name]) for name in names]
    found = set_level(
        official_lists(inputs["reference"], names),
        official_lists(inputs["prediction"], names),
        groups,
        strip="no strip" not in config.get("case_fold", "no strip"),
    )
    figures = {"accuracy_s": found.accuracy, "recall_s": found.recall, "average": found.average}
    close(figures, case["expected"], case["tolerance"])


CHECKS = {
    "openset": openset,
    "hit_rate": hits,
    "sentiment_waf": sentiment,
    "answer_parsing": parsing,
    "emer_setlevel": setlevel,
}
