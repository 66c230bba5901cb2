"""Votes are read from every table people have, and what is wrong in one is named with its row."""

import numpy as np
import pytest

from mien.errors import DataError, RequestError
from mien.raters import Votes

LONG = [
    {"item": "a", "rater": "r1", "label": "joy"},
    {"item": "a", "rater": "r2", "label": "fear"},
    {"item": "a", "rater": "r2", "label": "joy"},
    {"item": "b", "rater": "r1", "label": None},
    {"item": "b", "rater": "r2", "label": "other"},
    {"item": "c", "rater": "r1", "label": float("nan")},
]


def columns(rows):
    return {name: [row[name] for row in rows] for name in rows[0]}


@pytest.fixture(params=["rows", "columns", "numpy", "pandas", "polars"])
def long(request):
    if request.param == "rows":
        return LONG
    if request.param == "columns":
        return columns(LONG)
    if request.param == "numpy":
        return {name: np.array(values, dtype=object) for name, values in columns(LONG).items()}
    library = pytest.importorskip(request.param)
    rows = [{**row, "label": None if row["label"] != row["label"] else row["label"]} for row in LONG]
    return library.DataFrame(columns(rows))


def test_a_long_table_in_any_container_gives_the_same_votes(long):
    votes = Votes.from_table(long, labels=["fear", "joy"], outside=["other"])
    assert votes.items == ("a", "b", "c") and votes.raters == ("r1", "r2")
    assert votes.all_counts.tolist() == [[1, 2, 0], [0, 0, 1], [0, 0, 0]]
    assert votes.counts.tolist() == [[1, 2], [0, 0], [0, 0]]
    assert votes.missing == 2 and len(votes) == 3
    assert "3 items" in repr(votes)


def test_columns_may_have_other_names():
    table = {"clip": [1, 1], "who": ["x", "y"], "emotion": ["joy", "joy"]}
    votes = Votes.from_table(table, item="clip", rater="who", label="emotion")
    assert votes.items == ("1",) and votes.labels == ("joy",)
    with pytest.raises(RequestError, match=r"no column 'item'; it has: clip, who, emotion"):
        Votes.from_table(table)


def test_labels_may_be_a_space_and_unknown_ones_are_named_with_their_row():
    with pytest.raises(DataError, match=r"row 2: unknown label 'bliss'; allowed: neutral, anger"):
        Votes.of([["anger", "bliss"]], labels="basic7")
    with pytest.raises(DataError, match=r"row 2: unknown label"):
        Votes.from_table({"item": [1, 2], "rater": [1, 1], "label": ["a", "b"]}, labels=["a"])
    assert Votes.of([["anger", "bliss"]], labels="basic7", outside="any").outside == ("bliss",)


def test_a_repeated_vote_is_an_error_unless_it_is_said_what_it_means():
    table = {"item": [1, 1, 1], "rater": ["x", "x", "y"], "label": ["a", "a", "b"]}
    with pytest.raises(DataError, match=r"row 2: rater 'x' chose 'a' twice for item 1; .* keep or once"):
        Votes.from_table(table)
    assert Votes.from_table(table, repeats="keep").counts.tolist() == [[2, 1]]
    assert Votes.from_table(table, repeats="once").counts.tolist() == [[1, 1]]
    with pytest.raises(RequestError, match="allowed: error, keep, once"):
        Votes.from_table(table, repeats="maybe")


@pytest.mark.parametrize("column", ["item", "rater"])
def test_a_vote_without_item_or_rater_is_named(column):
    table = {"item": [1, 2], "rater": ["x", "y"], "label": ["a", "b"], column: [1, None]}
    with pytest.raises(DataError, match=f"row 2: no {column}"):
        Votes.from_table(table)


def test_empty_votes_need_labels_and_then_hold_nothing():
    with pytest.raises(RequestError, match="at least one label"):
        Votes.of([[], []])
    votes = Votes.of([[], [None]], labels=["a", "b"])
    assert votes.counts.tolist() == [[0, 0], [0, 0]] and votes.missing == 1
    assert np.isnan(votes.targets("all").distribution).all()


def test_a_wide_table_of_labels_names_raters_by_its_columns():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"ann": ["joy", None], "bob": ["fear", "joy"]}, index=["x", "y"])
    votes = Votes.from_matrix(frame)
    assert votes.items == ("x", "y") and votes.raters == ("ann", "bob") and votes.missing == 1
    assert votes.matrix().tolist() == [[1, 0], [-1, 1]]
    assert votes.by("ann").counts.tolist() == [[0, 1], [0, 0]]
    with pytest.raises(RequestError, match="no rater 'eve'; there are: ann, bob"):
        votes.by("eve")


def test_whole_numbers_are_one_label_however_they_are_stored():
    assert Votes.from_matrix([[1, 2.0], [1.0, None]]).labels == ("1", "2")


def test_counts_come_without_raters():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"joy": [2, 0], "nf": [1, 3]})
    votes = Votes.from_counts(frame, outside=["nf"])
    assert votes.labels == ("joy",) and votes.raters == () and votes.all_counts.tolist() == [[2, 1], [0, 3]]
    assert Votes.from_counts([[2, 1], [0, 3]], labels=["joy"], outside=["nf"]).all_counts.tolist() == [[2, 1], [0, 3]]
    with pytest.raises(RequestError, match="needs to know who voted"):
        votes.matrix()


@pytest.mark.parametrize("bad", [-1, 0.5, None, float("nan")])
def test_a_count_that_is_none_is_named_with_its_row(bad):
    with pytest.raises(DataError, match="row 2: a count must be a whole number"):
        Votes.from_counts([[1, 2], [3, bad]], labels=["a", "b"])


def test_counts_must_fit_their_labels_and_items():
    with pytest.raises(RequestError, match="3 columns, labels and outside are 2"):
        Votes.from_counts([[1, 2, 3]], labels=["a", "b"])
    with pytest.raises(RequestError, match="need labels="):
        Votes.from_counts([[1, 2, 3]])
    with pytest.raises(RequestError, match="name each of the 2 rows once"):
        Votes.from_counts([[1], [2]], labels=["a"], items=["x", "x"])


def test_several_labels_do_not_fit_a_matrix():
    with pytest.raises(RequestError, match="several labels"):
        Votes.of([[["a", "b"], "a"]]).matrix()


def test_picked_items_keep_their_votes():
    votes = Votes.of([["a", "b"], ["b", "b"], ["a", None]])
    some = votes.pick(np.array([False, True, True]))
    assert some.items == ("2", "3") and some.counts.tolist() == votes.counts[1:].tolist()
    with pytest.raises(RequestError, match=r"shape \(3,\)"):
        votes.pick(np.array([True]))


@pytest.mark.parametrize("bad", ["text", ["text"], [1, 2]])
def test_votes_that_are_not_nested_lists_are_refused(bad):
    with pytest.raises((RequestError, DataError)):
        Votes.of(bad)
