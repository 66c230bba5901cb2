"""Tables of predictions and references: every format, every kind of broken file, and the join of both."""

from __future__ import annotations

import csv
import json
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.errors import DataError, InputError
from mien.scoring import join as joining
from mien.scoring import records
from mien.scoring.records import ANSWER, ID, Rows, join, pick, read_rows, seek

CELL = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00\ufeff"), max_size=12)
ROWS = st.lists(st.fixed_dictionaries({"id": CELL, "answer": CELL, "n": st.integers()}), min_size=1, max_size=8)


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows_of(path: Path) -> list[dict]:
    return [row for _, row in read_rows(path)]


@given(rows=ROWS, mark=st.booleans(), indent=st.sampled_from([None, 1]), ascii=st.booleans())
def test_json_gives_back_what_was_written(tmp_path_factory, rows, mark, indent, ascii):
    folder = tmp_path_factory.mktemp("rows")
    start = "\ufeff" if mark else ""
    listed = put(folder, "a.json", start + json.dumps(rows, indent=indent, ensure_ascii=ascii))
    lined = put(folder, "a.jsonl", start + "".join(json.dumps(row, ensure_ascii=ascii) + "\n" for row in rows))
    assert rows_of(listed) == rows_of(lined) == rows


@given(rows=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8), mark=st.sampled_from(",;\t"))
def test_csv_gives_back_what_was_written(tmp_path_factory, rows, mark):
    path = tmp_path_factory.mktemp("rows") / ("a.tsv" if mark == "\t" else "a.csv")
    with path.open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.writer(stream, delimiter=mark)
        writer.writerows([("id", "answer"), *rows])
    wanted = [{"id": one, "answer": two} for one, two in rows if one.strip() or two.strip()]
    if wanted:
        assert rows_of(path) == wanted
    else:
        with pytest.raises(DataError, match="holds no rows"):
            rows_of(path)


def test_a_long_json_is_read_in_pieces_with_the_same_result(tmp_path):
    rows = [{"id": str(at), "answer": "ä" * (at * 37 % 90_000)} for at in range(40)]
    assert rows_of(put(tmp_path, "a.json", json.dumps(rows, ensure_ascii=False))) == rows


def test_objects_of_ids_and_wrapped_lists_are_rows(tmp_path):
    assert rows_of(put(tmp_path, "a.json", '{"x": "joy", "y": ["a"], "z": {"label": 1}}')) == [
        {"id": "x", "value": "joy"},
        {"id": "y", "value": ["a"]},
        {"id": "z", "label": 1},
    ]
    assert rows_of(put(tmp_path, "b.json", '{"data": [{"id": 1}, {"id": 2}]}')) == [{"id": 1}, {"id": 2}]
    assert rows_of(put(tmp_path, "c.json", '{"id": 1}\n{"id": 2}\n')) == [{"id": 1}, {"id": 2}]


def test_parquet_is_read_where_pyarrow_is(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"id": ["a", "b"], "label": [1, None]}), tmp_path / "a.parquet")
    assert list(read_rows(tmp_path / "a.parquet")) == [(1, {"id": "a", "label": 1}), (2, {"id": "b", "label": None})]
    with pytest.raises(DataError, match="no Parquet"):
        rows_of(put(tmp_path, "b.parquet", "no"))


def test_rows_are_counted_as_a_person_counts_them(tmp_path):
    assert [at for at, _ in read_rows(put(tmp_path, "a.jsonl", '{"id":1}\n\n{"id":2}\n'))] == [1, 3]
    assert [at for at, _ in read_rows(put(tmp_path, "a.csv", 'id\n"a\nb"\nc\n'))] == [1, 2]


@pytest.mark.parametrize(
    ("name", "content", "row", "why"),
    [
        ("a.jsonl", '{"id":1}\n{"id":2', 2, "is no JSON"),
        ("a.jsonl", "3\n", 1, "allowed: an object"),
        ("a.jsonl", '{"a":' + "[" * 100_000 + "\n", 1, "no JSON that can be read"),
        ("a.jsonl", b'{"id":1}\n{"id":"\xff"}\n', 2, "no UTF-8"),
        ("a.json", '[{"id":1},{"id":2', 2, "is the file complete"),
        ("a.json", '[{"id":1},{"id":2}', 2, "is it complete"),
        ("a.json", '[{"id":1} {"id":2}]', 1, "no valid JSON"),
        ("a.json", "[1]", 1, "allowed: a list of objects"),
        ("a.json", '[{"id":1}] more', None, "after the end"),
        ("a.json", '"text"', None, "allowed: a list of objects"),
        ("a.json", b'[{"id":1},\n{"id":"\xff"}]', 1, "byte 19 of the file is no UTF-8"),
        ("a.json", "[]", None, "holds no rows"),
        ("a.json", '{"n": ' + "9" * 5000 + "}", 1, "no JSON that can be read"),
        ("a.csv", "id,label\n1,2,3\n", 1, "3 cells but the header 2 columns"),
        ("a.csv", "id,label\n1,2\n3\n", 2, "1 cells but the header 2 columns"),
        ("a.csv", "id,id\n1,2\n", None, "twice"),
        ("a.csv", 'id,label\n1,"' + "x\n" * 100_000, 1, "is a quote left open"),
        ("a.csv", b"id,label\n1,a\n2,\xe9\n", 2, "no UTF-8"),
        ("a.csv", b"\xff\xfei\x00d\x00", None, "UTF-16"),
        ("a.csv", b"PK\x03\x04rest", None, "zip or Excel"),
        ("a.csv", b"id\x00", None, "zero bytes"),
        ("a.csv", "", None, "holds no rows"),
        ("a.csv", "id,label\n", None, "holds no rows"),
    ],
)
def test_a_broken_file_is_an_error_that_names_the_row(tmp_path, name, content, row, why):
    path = put(tmp_path, name, content)
    with pytest.raises(DataError, match=why) as caught:
        rows_of(path)
    assert caught.value.row == row
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_table_names_what_is_allowed(tmp_path):
    with pytest.raises(InputError, match=r"allowed: \.jsonl, \.ndjson, \.json, \.csv, \.tsv, \.parquet"):
        rows_of(put(tmp_path, "a.xlsx", "x"))
    with pytest.raises(InputError, match="is a folder"):
        rows_of(tmp_path)
    with pytest.raises(InputError, match="No such file"):
        rows_of(tmp_path / "none.csv")


def test_one_absurd_row_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "ROW_LIMIT", 100_000)
    for name in ("a.json", "a.jsonl", "a.csv"):
        path = put(tmp_path, name, '[{"id":"' + "a" * 3_000_000)
        tracemalloc.start()
        with pytest.raises(DataError, match="longer than"):
            rows_of(path)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
        tracemalloc.stop()


def test_a_large_file_is_streamed(tmp_path):
    path = put(tmp_path, "a.json", json.dumps([{"id": at, "text": "x" * 1000} for at in range(5000)]))
    tracemalloc.start()
    assert sum(1 for _ in read_rows(path)) == 5000
    assert tracemalloc.get_traced_memory()[1] < path.stat().st_size / 5
    tracemalloc.stop()


def test_columns_are_found_by_any_usual_name():
    assert pick({"File Name": "a", "Y-pred": "joy"}, ID) == "a"
    assert seek({"Y-pred": 1}, ANSWER) == "Y-pred"
    assert pick({}, ID, default=None) is None
    with pytest.raises(DataError, match=r"r\.csv: row 4: has no column for the id; columns: foo; allowed: id, name"):
        pick({"foo": 1}, ID, what="id", path="r.csv", number=4)


def table(name: str, *rows: dict) -> Rows:
    return Rows(name, list(enumerate(rows, start=1)))


def test_join_keeps_the_order_of_the_reference_and_counts_the_rest():
    given = table("p", {"id": 3, "pred": "a"}, {"id": " 1", "pred": "b"}, {"id": "x", "pred": "c"})
    wanted = table("r", {"name": "1", "label": "a"}, {"name": "2", "label": "b"}, {"name": "3", "label": "c"})
    found = join(given, wanted)
    assert [pair.id for pair in found.pairs] == ["1", "2", "3"]
    assert [pair.prediction and pair.prediction.number for pair in found.pairs] == [2, None, 1]
    assert found.missing == ("2",) and found.extra == 1
    assert found.warnings == (
        "1 of 3 samples have no prediction (2); counted as wrong",
        "1 predictions have ids that the reference lacks (x); not scored",
    )
    left = join(given, wanted, missing="skip")
    assert [pair.id for pair in left.pairs] == ["1", "3"]
    assert "left out" in left.warnings[0]


@pytest.mark.parametrize(
    ("given", "wanted", "why"),
    [
        ([{"id": 1, "pred": 1}, {"id": "1", "pred": 1}], [{"id": 1, "label": 1}], "p: row 2: .*in row 1"),
        ([{"id": 1, "pred": 1}], [{"id": 1, "label": 1}, {"id": 1, "label": 2}], "r: row 2: .*in row 1"),
        ([{"id": "a", "pred": 1}], [{"id": "b", "label": 1}], "p: none of its 1 ids.*reference of another data set"),
        ([{"id": "v/A.mp4", "pred": 1}], [{"id": "a", "label": 1}], "agree without file endings"),
        ([{"id": "", "pred": 1}], [{"id": "b", "label": 1}], "p: row 1: the id .* is empty"),
        ([{"id": None, "pred": 1}], [{"id": "b", "label": 1}], "p: row 1: the id .* is empty"),
        ([{"pred": 1}], [{"id": "b", "label": 1}], "p: row 1: has no column for the id"),
        (
            [{"id": "b", "foo": 1}],
            [{"id": "b", "label": 1}],
            "p: row 1: has no column for the answer; columns: id, foo",
        ),
        ([{"id": "b", "pred": 1}], [{"id": "b", "foo": 1}], "r: row 1: has no column for the label; columns: id, foo"),
    ],
)
def test_join_refuses_what_cannot_be_meant(given, wanted, why):
    with pytest.raises(DataError, match=why):
        join(table("p", *given), table("r", *wanted))


def test_join_refuses_more_rows_than_memory_is_kept_for(monkeypatch):
    monkeypatch.setattr(joining, "KEEP_LIMIT", 10_000)
    many = ({"id": at, "label": "x" * 100} for at in range(sys.maxsize))
    endless = Rows("r", ((at, row) for at, row in enumerate(many, start=1)))
    with pytest.raises(DataError, match=r"r: row 1[0-9]: .* split the file"):
        join(table("p", {"id": 1, "pred": 1}), endless)
