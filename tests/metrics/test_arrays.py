"""What may be handed to a metric, and what a person is told where it may not."""

import numpy as np
import pytest

from mien.errors import RequestError
from mien.metrics import METRICS
from mien.metrics.arrays import as_labels, as_matrix, as_numbers, coded, paired


def containers(values):
    """The same values in every container that is installed here."""
    yield values
    yield tuple(values)
    yield np.array(values)
    yield np.array(values, dtype=object)
    pandas = pytest.importorskip("pandas")
    yield pandas.Series(values)
    yield pandas.Series(values, index=range(7, 7 + len(values)))
    yield pandas.Series(values).astype("category")


class Column:
    """As polars' Series: no sequence of Python, but it gives NumPy when asked."""

    def __init__(self, values):
        self.values = values

    def __len__(self):
        return len(self.values)

    def to_numpy(self):
        return np.array(self.values)


def test_every_container_gives_the_same_score():
    truth, prediction = ["joy", "fear", "joy", "anger"], ["joy", "joy", "joy", "anger"]
    wanted = METRICS["uar"](truth, prediction)
    for one in [*containers(truth), Column(truth)]:
        for two in [*containers(prediction), Column(prediction)]:
            assert METRICS["uar"](one, two) == wanted


def test_torch_tensors_of_any_precision_and_with_gradient():
    torch = pytest.importorskip("torch")
    truth = torch.tensor([0.0, 1.0, 3.0], requires_grad=True)
    for prediction in (torch.tensor([0.0, 1.0, 2.0]), torch.tensor([0.0, 1.0, 2.0], dtype=torch.bfloat16)):
        assert METRICS["mae"](truth, prediction) == pytest.approx(1 / 3)
    assert METRICS["accuracy"](torch.tensor([1, 2]), [1, 2]) == 1
    assert as_numbers([torch.tensor(1.0), torch.tensor(2.0)]).tolist() == [1, 2]


def test_polars_columns():
    polars = pytest.importorskip("polars")
    assert METRICS["accuracy"](polars.Series(["a", "b"]), polars.Series(["a", "a"])) == 0.5
    assert METRICS["mae"](polars.Series([1, 2]), polars.Series([1.0, 3.0])) == 0.5


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("joy", "found str"),
        (None, "found NoneType"),
        (3, "found int"),
        ({"a": 1}, "found dict"),
        ({"a"}, "found set"),
        ([], "empty"),
        (["a", 1], "text mixed with int"),
        (["a", None], "missing label at item 1"),
        (["a", float("nan")], "missing label at item 1"),
        (["a", "  "], "blank label at item 1"),
        ([1.0, float("nan")], "missing label"),
        ([1.0, 0.5], "fraction"),
        ([[1], [2]], "shape (2, 1)"),
        ([["a", "b"], ["c"]], "unequal lengths"),
        ([b"a"], "type |S1"),
        ([1j], "complex128"),
    ],
)
def test_labels_that_cannot_be_read(values, told):
    with pytest.raises(RequestError) as error:
        as_labels(values, name="truth")
    assert str(error.value).startswith("truth: ")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["1.5"], "found text; numbers are needed"),
        ([1, None], "missing value at item 1"),
        ([1.0, float("nan"), float("inf")], "NaN or infinity at item 1 (2 in all)"),
        ([[1, 2], [3]], "unequal lengths"),
        ([[1, 2]], "expected 1 dimension"),
        ([1, "a"], "found 'a' (str)"),
        ([], "empty"),
        ([1j], "complex128"),
    ],
)
def test_numbers_that_cannot_be_read(values, told):
    with pytest.raises(RequestError, match="prediction: ") as error:
        as_numbers(values, name="prediction")
    assert told in str(error.value)


def test_masked_and_missing_table_cells_are_told():
    pandas = pytest.importorskip("pandas")
    with pytest.raises(RequestError, match="masked value at item 1"):
        as_numbers(np.ma.masked_array([1, 2], mask=[False, True]))
    for values in (pandas.Series([1, None], dtype="Int64"), pandas.Series(["a", None], dtype="string")):
        with pytest.raises(RequestError, match=r"missing|NaN"):
            as_labels(values)


def test_lengths_and_sorts_must_agree():
    with pytest.raises(RequestError, match="truth has 2 items, prediction 1"):
        paired([1, 2], [1])
    with pytest.raises(RequestError, match="truth holds numbers, prediction text"):
        paired([1, 2], ["1", "2"])
    with pytest.raises(RequestError, match="named twice"):
        coded(["a"], ["a"], labels=["a", "a"])
    with pytest.raises(RequestError, match="expected 2 dimensions"):
        as_matrix([1, 2])


def test_case_and_blanks_of_labels_count():
    assert METRICS["accuracy"](["Joy", "joy "], ["joy", "joy"]) == 0


def test_whole_numbers_however_written_are_one_label():
    assert METRICS["accuracy"]([1.0, 0.0], np.array([True, False])) == 1
    assert METRICS["accuracy"](np.array([1, 2], dtype=np.uint8), np.array([1, 2], dtype=np.int64)) == 1
