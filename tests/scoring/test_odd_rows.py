"""Rows of any shape: every scorer of judged and closed answers gives a result or one line that says what is wrong."""

import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mien.errors import DataError, MienError
from mien.scoring.benchmarks import score
from mien.scoring.held import held_rows
from mien.scoring.mvei_build import build

KEYS = [
    *(
        "id",
        "video_id",
        "image_id",
        "label",
        "ground_truth",
        "prediction",
        "predict",
        "score",
        "model_response",
        "step",
    ),
    *(
        "statement_list",
        "class",
        "subclass",
        "statement",
        "generations",
        "other_info",
        "subset",
        "video_label",
        "groups",
    ),
    *("audio_label", "true_label", "openset", "label_set", "frames", "audio_clue", "fold", "dataset", "task", "word"),
    *("polarity", "category", "cause", "similar", "model", "value"),
]
WORDS = ["happy", "sad", "neutral", "correct", "Incorrect", "ER-Lab", "consistent", "audio-aligned", "1", "", "FG-SA"]
CELLS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 9), st.floats(), st.sampled_from(WORDS), st.text(max_size=12)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)),
    max_leaves=6,
)
ROWS = st.lists(st.dictionaries(st.sampled_from(KEYS), CELLS, max_size=7), max_size=4)
BASE = {"id": "a", "image_id": "a", "label": "correct", "prediction": "x", "true_label": "happy"}
NAMES = ["mvei", "mme-emotion", "ca-mer", "emotion-qwen"]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, whole=st.booleans())
@example(rows=[{"statement_list": [{"label": "correct", "predict": ["Correct", 3]}]}], whole=True)
@example(rows=[{"generations": 3, "other_info": {"statement_meta": 1}, "label": "correct"}], whole=True)
@example(rows=[{"score": "<score>Step 1: 1/1</score>", "label": [["a"], None]}], whole=True)
@example(rows=[{"subset": "consistent", "openset": {"a": 1}}], whole=True)
def test_any_rows(tmp_path, name, rows, whole):
    path = tmp_path / "rows.jsonl"
    full = [{**BASE, "id": str(n), "image_id": str(n), **row} if whole else row for n, row in enumerate(rows)]
    path.write_text("\n".join(map(json.dumps, full)), encoding="utf-8")
    for options in ({"rounds": 0, "keep": True}, {"rounds": 3, "readers": "all"}):
        try:
            result = score(name, path, **options)
        except MienError as error:
            assert str(error) and "\n" not in str(error)
        else:
            assert result.parts and json.loads(result.to_json())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_any_labels(tmp_path, rows):
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(json.dumps({"image_id": "a", "word": "sad", **row}) for row in rows), encoding="utf-8")
    try:
        made = build(path)
    except MienError as error:
        assert str(error)
    else:
        assert made.statements


def test_tables_are_bounded(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps({"id": n, "text": "x" * 1000}) for n in range(1000)), encoding="utf-8")
    assert len(held_rows(path)) == 1000
    with pytest.raises(DataError, match=r"row \d+: the rows up to here take more than 1 MiB; split the file"):
        held_rows(path, limit=1 << 20)
