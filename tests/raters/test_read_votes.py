"""Vote files: long and wide tables, and each thing that can be wrong in one with its line."""

import pytest

from mien.errors import DataError, InputError, RequestError
from mien.raters import read_votes


@pytest.fixture
def file(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "votes.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_long_tables(file, mark, encoding):
    rows = [["item", "rater", "label"], ["a", "x", "joy"], ["a", "y", "Überraschung"], [], ["b", "x", ""]]
    rows.append([f'"c{mark} d"', "x", "joy"])
    votes = read_votes(file("\r\n".join(mark.join(row) for row in rows), encoding))
    assert votes.labels == ("joy", "Überraschung") and votes.counts.tolist() == [[1, 1], [0, 0], [1, 0]]
    assert votes.missing == 1 and votes.items[2] == f"c{mark} d"


def test_wide_tables(file):
    path = file("clip,joy,fear,nf\nx,2,1,0\ny,0,0,3\n")
    votes = read_votes(path, item="clip", rater=None, outside=["nf"])
    assert votes.labels == ("joy", "fear") and votes.items == ("x", "y") and votes.raters == ()
    assert votes.all_counts.tolist() == [[2, 1, 0], [0, 0, 3]]
    assert read_votes(file("joy,fear\n1,2\n"), rater=None).items == ("1",)


@pytest.mark.parametrize(
    ("text", "options", "error", "why"),
    [
        ("", {}, InputError, "is empty"),
        ("item,rater,label\n", {}, RequestError, "at least one label"),
        ("item,rater,emotion\na,x,joy\n", {}, RequestError, "no column 'label'; it has: item, rater, emotion"),
        ("item,rater,label\n\na,x,joy\na,x,joy\n", {}, DataError, r"votes.csv: row 4: rater 'x' chose 'joy' twice"),
        ("item,rater,label\na,x,joy\nb,x\n", {}, DataError, "row 3: 2 cells, the header has 3"),
        ("item,rater,label\na,x,joy\n,x,joy\n", {}, DataError, "row 3: no item"),
        (
            "item,rater,label\na,x,bliss\n",
            {"labels": "basic7"},
            DataError,
            "row 2: unknown label 'bliss'; allowed: neutral",
        ),
        ("item,rater,item\na,x,joy\n", {}, InputError, "line 1: column 'item' stands twice"),
        ("joy,fear\n1,-2\n", {"rater": None}, DataError, "row 2: a count must be a whole number"),
        ("joy,fear\n1,many\n", {"rater": None}, DataError, "row 2: 'many' is no number"),
        ("joy,fear\n", {"rater": None}, RequestError, "not empty"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(file, text, options, error, why):
    with pytest.raises(error, match=why):
        read_votes(file(text), **options)


def test_files_that_are_none(file, tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_votes(tmp_path / "absent.csv")
    with pytest.raises(InputError, match=r"byte 1.*is not UTF-8; save the file as UTF-8"):
        read_votes(file("xä,b\n", "latin-1"))
