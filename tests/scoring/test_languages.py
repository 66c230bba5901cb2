import json

import numpy as np
import pytest
from sklearn.metrics import f1_score

from mien.errors import DataError, RequestError
from mien.scoring.benchmarks import score
from mien.scoring.parallel import read_parallel

NOISE = {"en": 0.1, "de": 0.2, "fr": 0.3, "zh": 0.4, "hi": 0.5}


def experiment(size=300, seed=0):
    """The same posts in five languages: text suffers by language, images do not, both together suffer less."""
    draw = np.random.default_rng(seed)
    truth = draw.integers(0, 4, size)
    other = (truth + draw.integers(1, 4, size)) % 4
    image = np.where(draw.random(size) < 0.3, other, truth)
    answers = {"text": {}, "image": {}, "text+image": {}}
    for name, noise in NOISE.items():
        text = np.where(draw.random(size) < noise, other, truth)
        answers["text"][name] = text
        answers["image"][name] = image
        answers["text+image"][name] = np.where((text != truth) & (draw.random(size) < 0.6), image, text)
    return truth, answers


def lines(truth, answers, label=True):
    for system, by_language in answers.items():
        for name, given in by_language.items():
            for at, code in enumerate(given):
                row = {"id": f"p{at}", "language": name, "system": system, "prediction": f" C{code}"}
                yield row | ({"label": f"c{truth[at]}"} if label else {})


def write(path, rows):
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    return write(tmp_path_factory.mktemp("languages") / "answers.jsonl", lines(*experiment()))


def scores(result, system):
    return {one.metric: one for one in next(part for part in result.parts if part.name == system).scores}


def test_f1_by_language_is_that_of_scikit_learn(answers):
    truth, given = experiment()
    result = score("languages", answers, rounds=0)
    for system, by_language in given.items():
        found = scores(result, system)["macro_f1"].per_class
        assert found == {name: pytest.approx(f1_score(truth, by_language[name], average="macro")) for name in NOISE}


def test_images_narrow_the_gap_and_alone_have_none(answers):
    result = score("languages", answers, rounds=200)
    text, both, image = (scores(result, name)["language_gap"] for name in ("text", "text+image", "image"))
    assert image.value == 0
    assert 0 < both.value < text.value
    reduction = next(one for one in result.overall if one.metric == "gap_reduction")
    assert reduction.per_class == {"image": 1.0, "text+image": pytest.approx(1 - both.value / text.value)}
    assert result.settings["reference"] == "en"


def test_the_interval_covers_the_planted_gap(tmp_path):
    planted, covered = 0.1, 0
    for seed in range(20):
        draw = np.random.default_rng(seed)
        truth = draw.integers(0, 2, 400)
        given = {
            "x": {name: np.where(draw.random(400) < p, 1 - truth, truth) for name, p in (("en", 0.1), ("de", 0.2))}
        }
        path = write(tmp_path / f"{seed}.jsonl", lines(truth, given))
        low, high = scores(score("languages", path, rounds=200), "x")["language_gap"].interval
        covered += low <= planted <= high
    assert covered >= 16


def test_a_collapsed_language_is_flagged(tmp_path):
    truth, given = experiment(60)
    given["text"]["hi"] = np.full(60, 2)
    result = score("languages", write(tmp_path / "a.jsonl", lines(truth, given)), rounds=0)
    assert any("text, hi: one answer (c2) for all 60 items" in text for text in result.warnings)


def test_the_reference_may_be_a_file_of_its_own_and_columns_may_be_languages(tmp_path):
    truth, given = experiment(40)
    reference = write(tmp_path / "labels.jsonl", ({"id": f"p{at}", "label": f"c{one}"} for at, one in enumerate(truth)))
    long = write(tmp_path / "long.jsonl", lines(truth, {"text": given["text"]}, label=False))
    wide = write(
        tmp_path / "wide.jsonl",
        ({"id": f"p{at}", **{f"prediction_{k}": f"c{v[at]}" for k, v in given["text"].items()}} for at in range(40)),
    )
    one, other = score("languages", long, reference, rounds=0), score("languages", wide, reference, rounds=0)
    assert scores(one, "text")["macro_f1"].per_class == scores(other, "all")["macro_f1"].per_class


def test_posts_that_lack_a_language_are_an_error_or_left_out_and_counted(tmp_path):
    truth, given = experiment(50)
    rows = [row for row in lines(truth, given) if not (row["language"] == "hi" and row["id"] in ("p3", "p4"))]
    path = write(tmp_path / "short.jsonl", rows)
    with pytest.raises(DataError, match="hi \\(text\\) has 48 of 50 items \\(first without answer: 'p3'\\)"):
        score("languages", path, rounds=0)
    result = score("languages", path, rounds=0, unreadable="skip")
    assert result.settings["items"] == 48
    assert "2 of 50 items lack a language" in result.warnings[0]


def test_order_of_the_rows_changes_nothing(tmp_path):
    rows = list(lines(*experiment(40)))
    first = score("languages", write(tmp_path / "a.jsonl", rows), rounds=0)
    shuffled = [rows[at] for at in np.random.default_rng(1).permutation(len(rows))]
    second = score("languages", write(tmp_path / "b.jsonl", shuffled), rounds=0)
    for name in ("text", "image", "text+image"):
        assert scores(first, name)["macro_f1"].per_class == scores(second, name)["macro_f1"].per_class


def test_groups_are_read(tmp_path):
    rows = [row | {"speaker": row["id"][:2]} for row in lines(*experiment(40))]
    assert len(set(read_parallel(write(tmp_path / "g.jsonl", rows), None).groups)) == 10


GOOD = {"id": "a", "language": "en", "label": "joy", "prediction": "joy"}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (GOOD, "row 2.*second answer to 'a'"),
        (GOOD | {"language": "de", "label": "fear"}, "row 2.*has the label 'fear', before 'joy'"),
        (GOOD | {"id": ""}, "row 2.*id is empty"),
        (GOOD | {"language": ""}, "row 2.*language"),
        (GOOD | {"label": None}, "row 2.*label"),
        ({"id": "b", "label": "joy"}, "row 2.*has no language"),
    ],
)
def test_wrong_rows_are_named(tmp_path, row, words):
    with pytest.raises(DataError, match=words):
        score("languages", write(tmp_path / "a.jsonl", [GOOD, row]))


def test_a_gap_needs_two_languages_and_items_with_labels(tmp_path):
    one = write(tmp_path / "a.jsonl", [GOOD])
    with pytest.raises(RequestError, match="one language only"):
        score("languages", one)
    other = write(tmp_path / "b.jsonl", [{"id": "z", "label": "joy"}])
    with pytest.raises(DataError, match="1 items have no label in the reference \\(first: 'a'\\)"):
        score("languages", one, other)
    with pytest.raises(RequestError, match="edition"):
        score("languages", one, edition="2024")
