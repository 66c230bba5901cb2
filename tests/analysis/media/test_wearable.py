"""Wearable exports are read as they come: real ones, faulty ones, hostile ones, and tables of any shape."""

from __future__ import annotations

import builtins
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.analysis.media.wearable import is_wearable, open_wearable, read_wearable
from mien.errors import InputError, MienError, MissingExtra

E4 = ("ACC", "EDA", "TEMP", "HR", "IBI")


@pytest.fixture
def export(tmp_path: Path, examples: Path) -> Path:
    """A copy of the example that a test may spoil."""
    target = tmp_path / "session"
    shutil.copytree(examples / "wearable", target)
    for file in target.iterdir():
        file.chmod(0o644)
    return target


def zipped(folder: Path, target: Path, inside: str = "") -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.glob("*.csv")):
            archive.write(file, inside + file.name)
    return target


def channels(path: Path, **options):
    found, notices = read_wearable(path, **options)
    return {signal.name: signal for signal in found.signals}, found, {notice.code for notice in notices}


def table(tmp_path: Path, text: str, name: str = "t.csv", **options):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return channels(path, **options)


# ---- Empatica E4 -----------------------------------------------------------------------------------------------------


def test_the_example_is_read_on_one_clock(examples: Path) -> None:
    found, wearable, codes = channels(examples / "wearable")
    assert list(found) == ["acc_x", "acc_y", "acc_z", "eda", "temperature", "heart_rate", "ibi"]
    assert found["eda"].rate == 4 and found["eda"].unit == "uS" and len(found["eda"].values) == 6480
    assert found["heart_rate"].start == 10 and found["heart_rate"].rate == 1
    assert found["ibi"].rate is None and (np.diff(found["ibi"].times) > 0).all()
    assert wearable.marks == (420.0, 748.0, 1089.0) and wearable.device == "Empatica E4"
    assert codes == {"missing-channel"}  # the example has no BVP


def test_a_recording_of_a_wearable(examples: Path) -> None:
    recording = open_wearable(examples / "wearable")
    assert recording.kind == "wearable" and recording.duration == 1620 and recording.has("signal")
    eda = next(stream for stream in recording.streams if ("name", "eda") in stream.facts)
    assert ("start_utc", "2022-02-21T09:19:26+00:00") in eda.facts
    assert not list(recording.audio()) and not list(recording.frames()) and not list(recording.cues())


@pytest.mark.parametrize("inside", ["", "S12/"])
def test_zip_and_folder_give_the_same(export: Path, tmp_path: Path, inside: str) -> None:
    archive = zipped(export, tmp_path / "s.zip", inside)
    assert is_wearable(archive) and is_wearable(export)
    packed, unpacked = channels(archive)[0], channels(export)[0]
    assert packed.keys() == unpacked.keys()
    assert all(np.array_equal(packed[name].values, unpacked[name].values) for name in packed)


@pytest.mark.parametrize("lost", E4)
def test_a_missing_file_is_named_and_the_rest_is_read(export: Path, lost: str) -> None:
    (export / f"{lost}.csv").unlink()
    _, notices = read_wearable(export)
    assert any(f"{lost}.csv is missing" in notice.text for notice in notices)


def test_presses_empty_absent_and_twelve_hours_off(export: Path) -> None:
    start = 1645435166
    (export / "tags.csv").write_text("")
    assert channels(export)[1].marks == ()
    (export / "tags.csv").rename(export / "tags_S12.csv")
    (export / "tags_S12.csv").write_text(f"{start + 60 - 43200}.00\n{start + 5}\n{start + 10**6}\nnonsense\n")
    _, found, codes = channels(export)
    assert found.marks == (5.0, 60.0) and "clock" in codes


def test_minus_zero_not_worn_and_different_lengths(export: Path) -> None:
    lines = (export / "EDA.csv").read_text().splitlines()
    (export / "EDA.csv").write_text("\n".join([*lines[:2], *["-0.00"] * 400, *lines[402:]]))
    (export / "TEMP.csv").write_text("\n".join((export / "TEMP.csv").read_text().splitlines()[:3002]))
    found, _, _ = channels(export)
    assert not np.signbit(found["eda"].values).any() and (found["eda"].values[:400] == 0).all()
    assert len(found["temperature"].values) == 3000 and len(found["eda"].values) == 6480


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("EDA.csv", "soon\n4\n1\n", "line 1"),
        ("EDA.csv", "1645435166\nfast\n1\n", "line 2"),
        ("TEMP.csv", "1645435166\n-4\n1\n", "0.001 to 10000"),
        ("TEMP.csv", "1645435166\nnan\n1\n", "line 2"),
        ("HR.csv", "1645435166\n1e99\n70\n", "0.001 to 10000"),
        ("HR.csv", "1e300\n1\n70\n", "line 1"),
        ("IBI.csv", "start, IBI\n1,1\n", "line 1"),
    ],
)
def test_a_broken_channel_is_left_out_with_its_reason(export: Path, name: str, text: str, says: str) -> None:
    (export / name).write_text(text)
    found, notices = read_wearable(export)
    (notice,) = (notice for notice in notices if notice.code == "bad-channel")
    assert name in notice.text and says in notice.text
    assert len(found.signals) == 7 - 1


def test_words_among_numbers_are_gaps(export: Path) -> None:
    (export / "EDA.csv").write_text("1645435166\n4\n1.0\nERR\ninf\n\n2.0\n")
    found, notices = read_wearable(export)
    eda = next(signal for signal in found.signals if signal.name == "eda")
    assert np.isnan(eda.values[1:3]).all() and eda.values[[0, 3]].tolist() == [1.0, 2.0]
    assert any(notice.text == "EDA.csv: 2 cells are no numbers and count as gaps" for notice in notices)


def test_channels_of_another_day_are_left_out(export: Path) -> None:
    (export / "TEMP.csv").write_text("1745435166\n4\n30\n30\n")
    found, _, codes = channels(export)
    assert "temperature" not in found and "clock" in codes


def test_a_folder_with_nothing_says_what_it_looked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ACC\.csv, BVP\.csv, EDA\.csv"):
        read_wearable(tmp_path)
    assert not is_wearable(tmp_path) and not is_wearable(tmp_path / "absent")


# ---- hostile zips ----------------------------------------------------------------------------------------------------


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("EDA.csv", b"0\n" * (8 << 20))
    with pytest.raises(InputError, match=r"zip bomb .*allowed: 256 MiB, 250 times"):
        read_wearable(path)


def test_a_zip_that_lies_about_its_size_is_no_danger(export: Path, tmp_path: Path) -> None:
    data = bytearray(zipped(export, tmp_path / "s.zip").read_bytes())
    size = (export / "EDA.csv").stat().st_size.to_bytes(4, "little")
    for at in [i for i in range(len(data)) if data.startswith(size, i)]:
        data[at : at + 4] = (100).to_bytes(4, "little")
    (tmp_path / "lie.zip").write_bytes(data)
    _, found, codes = channels(tmp_path / "lie.zip")
    assert len(found.signals) == 6 or "bad-channel" in codes


@pytest.mark.parametrize("name", ["../EDA.csv", "/EDA.csv", "a/../../EDA.csv", "..\\EDA.csv", "C:\\EDA.csv"])
def test_paths_out_of_the_zip_are_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        archive.writestr(name, "1645435166\n4\n1\n")
    with pytest.raises(InputError, match="points outside"):
        read_wearable(tmp_path / "p.zip")


def test_two_sessions_many_entries_and_no_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a/EDA.csv", "1645435166\n4\n1\n")
        archive.writestr("b/EDA.csv", "1645435166\n4\n1\n")
    with pytest.raises(InputError, match="one session at a time"):
        read_wearable(tmp_path / "two.zip")
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for i in range(1001):
            archive.writestr(f"{i}.csv", "")
    with pytest.raises(InputError, match="1001 entries"):
        read_wearable(tmp_path / "many.zip")
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(InputError, match="no readable zip"):
        read_wearable(tmp_path / "no.zip")


def test_a_damaged_zip_gives_what_can_be_read(export: Path, tmp_path: Path) -> None:
    path = zipped(export, tmp_path / "s.zip")
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("EDA.csv").header_offset + 2000
    data = bytearray(path.read_bytes())
    data[at : at + 50] = bytes(50)
    path.write_bytes(data)
    found, _, codes = channels(path)
    assert "bad-channel" in codes and "eda" not in found and "temperature" in found
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match="no readable zip"):
        read_wearable(path)


# ---- tables ----------------------------------------------------------------------------------------------------------


def test_the_three_ways_to_say_a_rate(tmp_path: Path) -> None:
    by_name, _, _ = table(tmp_path, "eda_4hz,bvp_64Hz,HR (1 Hz)\n1,2,70\n1,3,\n,4,\n")
    assert [(s.name, s.rate, len(s.values)) for s in by_name.values()] == [
        ("eda", 4, 2),
        ("bvp", 64, 3),
        ("heart_rate", 1, 1),
    ]
    by_line, _, _ = table(tmp_path, "# rate=4\nGSR [uS]\tMine\n1\t2\n3\t4\n", "t.tsv")
    assert by_line["eda"].rate == 4 and by_line["mine"].values.tolist() == [2, 4]
    by_hand, _, _ = table(tmp_path, "temp\n30\n31\n", rate=2.0)
    assert by_hand["temperature"].rate == 2
    with pytest.raises(InputError, match=r"no time column and no rate; .*# rate=4.*eda_4hz"):
        table(tmp_path, "eda\n1\n2\n")
    with pytest.raises(InputError, match=r"0\.001 to 10000"):
        table(tmp_path, "eda\n1\n2\n", rate=1e9)


def test_times_in_seconds_milliseconds_and_dates(tmp_path: Path) -> None:
    for text in (
        "time,eda\n10,1\n10.25,2\n10.5,3\n",
        "time_ms;eda\n10000;1\n10250;2\n10500;3\n",
        "timestamp,eda\n1645435166000,1\n1645435166250,2\n1645435166500,3\n",
        "datetime,eda\n2022-02-21T09:19:26Z,1\n2022-02-21T09:19:26.25Z,2\n2022-02-21T10:19:26.5+01:00,3\n",
    ):
        found, wearable, codes = table(tmp_path, text)
        assert found["eda"].rate == 4 and found["eda"].start == 0 and not codes, text
        assert found["eda"].values.tolist() == [1, 2, 3]
        assert wearable.origin in (None, 1645435166.0)


def test_gaps_disorder_repeats_and_missing_times(tmp_path: Path) -> None:
    found, _, codes = table(tmp_path, "time,eda\n0,1\n1,2\n4,5\n5,6\n3,4\n3,9\n,7\n")
    assert codes == {"time-order", "time-twice", "no-time"}
    assert found["eda"].rate == 1
    assert np.array_equal(found["eda"].values, [1, 2, np.nan, 4, 5, 6], equal_nan=True)
    uneven, _, _ = table(tmp_path, "time,rr\n0,.8\n.8,.9\n1.9,1.1\n2.7,.8\n")
    assert uneven["ibi"].rate is None and uneven["ibi"].times.tolist() == [0, 0.8, 1.9, 2.7]


def test_decimal_commas_units_byte_order_mark_and_words(tmp_path: Path) -> None:
    found, _, codes = table(tmp_path, "\ufefftime;EDA (nS);RR (ms);note\n0,0;500,5;800;a\n1,0;600;x;b\n2,0;;900;c\n")
    assert found["eda"].values[:2].tolist() == pytest.approx([0.5005, 0.6]) and np.isnan(found["eda"].values[2])
    assert found["ibi"].values[[0, 2]].tolist() == pytest.approx([0.8, 0.9])
    assert codes == {"not-a-number", "empty-channel"}


def test_a_clock_that_jumps_by_years_does_not_make_a_week_of_it(tmp_path: Path) -> None:
    found, _, codes = table(tmp_path, "time,eda\n0,1\n1,2\n2,3\n1e9,4\n")
    assert "too-long" in codes and len(found["eda"].values) == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no header"),
        ("1,2\n3,4\n", "no header"),
        ("2019-10-16T12:09:01;1\n2019-10-16T12:09:02;2\n", "no header"),
        ("time,eda\n", "no rows"),
        ("time,eda\nx,1\n", "holds no time"),
        ("time,eda\n1,x\n", "no column holds numbers"),
        (",".join(["eda"] * 300) + "\n", "more than 256 columns"),
        ("eda_4hz\n" + "1" * 70_000 + "\n", "longer than 65536 bytes"),
    ],
)
def test_tables_that_cannot_be_read_say_why(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        table(tmp_path, text)


def test_what_is_a_wearable_table(tmp_path: Path) -> None:
    for text, expected in (
        ("time,eda\n0,1\n", True),
        ("# rate=4\n\nEDA (uS)\tTEMP\n1\t30\n", True),
        ("speaker,start,end,text\nA,0,1,hr\n", False),
        ("a,b\n1,2\n", False),
        ("Pulse, they said,\nwas all he had.\n", False),
    ):
        (tmp_path / "x").write_text(text)
        assert is_wearable(tmp_path / "x") is expected, text


def test_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    when = pa.array(1645435166 * 10**9 + np.arange(8) * 250_000_000, pa.timestamp("ns", tz="UTC"))
    columns = {
        "timestamp": when,
        "eda": pa.array([1.0, None, 3, 4, 5, 6, 7, 8]),
        "hr": pa.array(range(70, 78)),
        "who": ["x"] * 8,
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    found, wearable, _ = channels(tmp_path / "t.parquet")
    assert is_wearable(tmp_path / "t.parquet") and set(found) == {"eda", "heart_rate"}
    assert found["eda"].rate == 4 and np.isnan(found["eda"].values[1]) and wearable.origin == 1645435166
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "t.parquet").read_bytes()[:200])
    with pytest.raises(InputError, match="no readable Parquet"):
        read_wearable(tmp_path / "cut.parquet")
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=r'pip install "mien\[table\]"'):
        read_wearable(tmp_path / "t.parquet")


numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: round(v, 6) + 0.0)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(numbers, st.none() | numbers), min_size=1, max_size=40),
    delimiter=st.sampled_from(",;\t"),
    rate=st.sampled_from([0.5, 1.0, 4.0, 32.0, 64.0]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_is_read_again(tmp_path_factory, rows, delimiter, rate, end) -> None:
    path = tmp_path_factory.mktemp("h") / "t.csv"
    lines = [
        delimiter.join(("eda", "my own")),
        *(delimiter.join("" if v is None else repr(v) for v in row) for row in rows),
    ]
    path.write_text(f"# rate={rate}{end}" + end.join(lines), newline="")
    found, _ = read_wearable(path)
    by_name = {signal.name: signal for signal in found.signals}
    assert by_name["eda"].rate == rate and by_name["eda"].values.tolist() == [row[0] for row in rows]
    second = [np.nan if row[1] is None else row[1] for row in rows]
    if np.isfinite(second).any():
        last = int(np.flatnonzero(np.isfinite(second))[-1]) + 1
        assert np.array_equal(by_name["my_own"].values, second[:last], equal_nan=True)


@settings(max_examples=150, deadline=None)
@given(
    data=st.binary(max_size=400) | st.text("time,eda;hr\t0123456789.-#=\n\"'eE+nainf ", max_size=200).map(str.encode)
)
def test_anything_gives_signals_or_one_clear_error(tmp_path_factory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "t"
    path.write_bytes(data)
    is_wearable(path)
    try:
        recording = open_wearable(path, rate=4.0)
    except MienError as error:
        assert "\n" not in str(error)
    else:
        assert 0 <= (recording.duration or 0.0) <= 7 * 86_400 + 1
        assert all(not np.isinf(signal.values).any() for signal in recording.signals())


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from([f"{name}.csv" for name in (*E4, "BVP", "tags")]),
    text=st.text("0123456789.,-\n eEnaif", max_size=120),
)
def test_any_content_of_a_channel_file_is_borne(tmp_path_factory, examples, name: str, text: str) -> None:
    folder = tmp_path_factory.mktemp("e4")
    (folder / "HR.csv").write_text("1645435176\n1\n70\n71\n72\n")
    (folder / name).write_text(text)
    try:
        found, _ = read_wearable(folder)
    except MienError as error:
        assert "\n" not in str(error)
    else:
        assert found.signals
