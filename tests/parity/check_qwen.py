"""Scorers of Emotion-Qwen (DFEW, MER2024) and the recalls of Omni-Emotion's relative: released beside sound."""

import pytest

from mien.metrics.classification import accuracy, macro_recall, uar, weighted_f1
from mien.scoring.closed import last_alphabetical, reference_substring, whole_word


def approx(case, value):
    return pytest.approx(value, rel=case["tolerance"]["rtol"], abs=case["tolerance"]["atol"])


def agree(case, found):
    assert set(found) >= set(case["expected"]), "an expected value that no one computes"
    for name, wanted in case["expected"].items():
        for key, value in wanted.items():
            assert found[name][key] == (value if key == "pred" else approx(case, value)), (name, key)


def figures(truth, pred, recall):
    return {
        "pred": pred,
        "war": accuracy(truth, pred),
        "accuracy": accuracy(truth, pred),
        "uar": recall(truth, pred),
        "weighted_f1": weighted_f1(truth, pred),
    }


def dfew(case):
    truth, labels = case["inputs"]["truth"], case["config"]["labels"]
    pairs = list(zip(case["inputs"]["response"], truth, strict=True))
    released = [reference_substring(answer, labels, true).label or "none" for answer, true in pairs]
    sound = [whole_word(answer, labels).label or "none" for answer, _ in pairs]
    agree(case, {"released": figures(truth, released, macro_recall), "sound": figures(truth, sound, uar)})


def mer2024(case):
    truth, labels = case["inputs"]["truth"], case["config"]["labels"]
    answers = case["inputs"]["response"]
    released = [last_alphabetical(answer, labels).label for answer in answers]
    sound = [whole_word(answer, labels).label or "none" for answer in answers]
    agree(case, {"released": figures(truth, released, macro_recall), "sound": figures(truth, sound, uar)})


def omni(case):
    truth, pred = case["inputs"]["truth"], case["inputs"]["pred"]
    scale = {"percent": 100, "fraction": 1}[case["config"].get("unit", "percent")]
    found = {
        "released_uar": macro_recall(truth, pred),
        "released_war": accuracy(truth, pred),
        "sound_uar": uar(truth, pred),
        "sound_war": accuracy(truth, pred),
    }
    assert case["expected"]
    for key, wanted in case["expected"].items():
        assert scale * found[key] == approx(case, wanted), key


CHECKS = {"emotion-qwen-dfew-scorer": dfew, "emotion-qwen-mer2024-scorer": mer2024, "omni-emotion-recall": omni}
