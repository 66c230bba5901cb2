import csv
import io
import json
import os
import xml.etree.ElementTree as ET
from dataclasses import replace
from importlib import resources

import pytest
from makers import STATES

from mien.affect.distribution import Distribution
from mien.affect.space import Space
from mien.analysis.report.eaf import to_eaf
from mien.analysis.report.emotionml import check, to_emotionml
from mien.analysis.report.table import columns, rows, to_csv, to_frame, to_parquet
from mien.analysis.report.vtt import clock, to_vtt
from mien.analysis.report.write import FORMATS, render
from mien.analysis.senses.evidence import Evidence
from mien.errors import RequestError

SCHEMA = json.loads(resources.files("mien.analysis.report").joinpath("schema.json").read_text())
timed = [name for name in STATES if name != "two_hours" and STATES[name]().recording.clock == "seconds"]


@pytest.fixture(params=[name for name in STATES if name != "two_hours"])
def analysis(request):
    return STATES[request.param]()


def test_json_follows_the_published_schema(analysis):
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(analysis.to_json()))


def test_equal_analyses_give_equal_bytes_in_every_format(request, analysis):
    again = STATES[request.node.callspec.params["analysis"]]()
    for form in FORMATS:
        if form in ("eaf", "vtt") and analysis.recording.clock != "seconds":
            continue
        assert render(analysis, form) == render(again, form)


def test_csv_has_one_row_per_span_and_the_same_columns_for_every_recording(analysis):
    read = list(csv.DictReader(io.StringIO(to_csv(analysis), newline="")))
    assert len(read) == len(analysis.affects)
    if read:
        assert list(read[0]) == columns(analysis)
    for row, affect in zip(read, analysis.affects, strict=True):
        assert (row["top"] == "") == (affect.distribution is None)
        assert bool(row["insufficient"]) == (affect.insufficient is not None)


def test_frames_and_parquet_hold_what_the_csv_holds(analysis):
    pq = pytest.importorskip("pyarrow.parquet")
    frame = to_frame(analysis)
    assert len(frame) == len(analysis.affects)
    table = pq.read_table(io.BytesIO(to_parquet(analysis)))
    assert table.num_rows == len(analysis.affects)
    assert table.column_names == columns(analysis)


def test_emotionml_is_sound_by_the_recommendation(analysis):
    text = to_emotionml(analysis)
    assert check(text) == []
    root = ET.fromstring(text)
    answers = sum(affect.insufficient is None for affect in analysis.affects)
    assert len(root.findall("{http://www.w3.org/2009/10/emotionml}emotion")) >= answers


def test_emotionml_follows_the_schema_of_the_w3c_where_a_user_gives_it():
    where = os.environ.get("MIEN_EMOTIONML_XSD")
    if not where:
        pytest.skip("set MIEN_EMOTIONML_XSD to the W3C's emotionml.xsd to check against it")
    xmlschema = pytest.importorskip("xmlschema")
    schema = xmlschema.XMLSchema(where)
    for make in STATES.values():
        schema.validate(to_emotionml(make()).decode())


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (b"<emotionml", "not XML"),
        (b"<emotionml/>", "root"),
        (b'<emotionml version="1.0" xmlns="http://www.w3.org/2009/10/emotionml"><emotion/></emotionml>', "holds none"),
        (
            b'<emotionml version="1.0" xmlns="http://www.w3.org/2009/10/emotionml"><emotion><category name="x"/>'
            b"</emotion></emotionml>",
            "category-set",
        ),
        (
            b'<emotionml version="1.0" xmlns="http://www.w3.org/2009/10/emotionml">'
            b'<emotion category-set="u"><category name="x" value="2"/></emotion></emotionml>',
            "in [0, 1]",
        ),
    ],
)
def test_the_check_of_emotionml_finds_what_is_wrong(broken, said):
    assert any(said in problem for problem in check(broken))


@pytest.mark.parametrize("name", timed)
def test_elan_files_open_in_pympi(name, tmp_path):
    pympi = pytest.importorskip("pympi")
    analysis = STATES[name]()
    path = tmp_path / "x.eaf"
    path.write_bytes(to_eaf(analysis))
    opened = pympi.Elan.Eaf(str(path))
    for person in analysis.persons:
        tier = f"{person.id} {person.name} affect" if person.name else f"{person.id} affect"
        answers = [a for a in analysis.affects if a.span.person == person.id and a.distribution is not None]
        assert len(opened.get_annotation_data_for_tier(tier)) == len(answers)


@pytest.mark.parametrize("name", timed)
def test_webvtt_reads_back_through_our_own_reader(name, tmp_path):
    from mien.analysis.media.captions import read_captions

    analysis = STATES[name]()
    path = tmp_path / "x.vtt"
    path.write_text(to_vtt(analysis))
    answers = [affect for affect in analysis.affects if affect.distribution is not None]
    if not answers:
        return
    lines, _ = read_captions(path)
    assert len(lines) == len(answers)
    assert lines[0].start == pytest.approx(min(affect.span.start for affect in answers), abs=0.001)


def test_captions_of_a_text_are_refused_with_what_to_use_instead():
    text = next(STATES[name]() for name in STATES if name not in timed)
    with pytest.raises(RequestError, match="use json, csv or html"):
        render(text, "eaf")
    with pytest.raises(RequestError, match="json, csv, parquet, emotionml, eaf, vtt, html"):
        render(text, "docx")


def test_a_cell_that_a_spreadsheet_would_run_is_defused(analysis):
    for row in csv.DictReader(io.StringIO(to_csv(analysis), newline="")):
        assert not any((row[name] or "")[:1] in ("=", "@") for name in ("words", "name", "recording"))
    assert all(set(row) == set(columns(analysis)) for row in rows(analysis))


@pytest.mark.parametrize(("seconds", "text"), [(0, "00:00:00.000"), (3661.5, "01:01:01.500"), (-1, "00:00:00.000")])
def test_times_are_written_as_webvtt_wants(seconds, text):
    assert clock(seconds) == text


def test_what_a_trained_system_says_stands_beside_and_is_never_fused():
    told = json.loads(STATES["guest"]().to_json())
    assert told["guests"][0]["system"] == "linear" and told["guests"][0]["caution"]
    first, second = (told["affects"][at]["beside"][0] for at in (0, 1))
    assert first["distribution"] is None and first["insufficient"].startswith("too short")
    assert second["distribution"]["space"] == "emodb7" and second["weight"] == second["quality"] == 0
    assert all(item["model"] != "linear-0123abcd" for affect in told["affects"] for item in affect["evidence"])
    assert b"beside: linear" in to_eaf(STATES["guest"]())
    plain = json.loads(STATES["interview"]().to_json())
    assert "guests" not in plain and "beside" not in plain["affects"][0]


def test_tables_hold_what_a_trained_system_says_under_its_name():
    told, alone = STATES["guest"](), without_guests(STATES["guest"]())
    first, second = list(csv.DictReader(io.StringIO(to_csv(told), newline="")))[:2]
    assert first["beside_linear_top"] == "" and first["beside_linear_insufficient"].startswith("too short")
    assert second["beside_linear_top"] == "boredom" and second["beside_linear_modalities"] == "audio"
    given = told.affects[1].beside[0].distribution
    assert float(second["beside_linear_probability"]) == pytest.approx(given["boredom"], abs=1e-6)
    assert float(second["beside_linear_anger"]) == pytest.approx(given["anger"], abs=1e-6)
    added = [name for name in columns(told) if name not in columns(alone)]
    assert all(name.startswith("beside_linear_") for name in added) and len(added) == 4 + 7
    for row, plain in zip(rows(told), rows(alone), strict=True):
        assert {name: row[name] for name in plain} == plain
    pq = pytest.importorskip("pyarrow.parquet")
    table = pq.read_table(io.BytesIO(to_parquet(told)))
    assert table["beside_linear_top"].to_pylist()[:2] == [None, "boredom"]
    assert table["beside_linear_anger"].to_pylist()[1] == pytest.approx(given["anger"], abs=1e-6)


def without_guests(told):
    return replace(told, guests=(), affects=tuple(replace(one, beside=()) for one in told.affects))


def test_two_models_of_one_system_are_told_apart():
    told = STATES["guest"]()
    twin = replace(told.guests[0], model="linear-89abcdef")
    both = [replace(one, beside=(*one.beside, replace(one.beside[0], model=twin.model))) for one in told.affects]
    told = replace(told, guests=(*told.guests, twin), affects=tuple(both))
    assert rows(told)[1]["beside_linear-0123abcd_top"] == rows(told)[1]["beside_linear-89abcdef_top"] == "boredom"
    assert check(to_emotionml(told)) == []


def test_a_dimensional_answer_beside_has_numbers_and_no_top():
    told = STATES["guest"]()
    scores = Space("points", ("valence", "odd label!"), "dimensional", "made up", 1.0, 9.0)
    said = Evidence("text+audio", told.affects[1].span, Distribution(scores, [3.0, 9.0]), 0.0, told.guests[0].model)
    told = replace(told, affects=(told.affects[0], replace(told.affects[1], beside=(said,))))
    row = rows(told)[1]
    assert row["beside_linear_valence"] == 3.0 and row["beside_linear_odd label!"] == 9.0
    assert row["beside_linear_top"] is None and row["beside_linear_modalities"] == "text+audio"
    text = to_emotionml(told)
    assert check(text) == []
    guest = emotions(text)[-1]
    assert guest.get("dimension-set") == "#beside-linear" and guest.get("expressed-through") == "text voice"
    assert [(one.get("name"), one.get("value")) for one in guest[:2]] == [
        ("valence", "0.2500"),
        ("odd-label-", "1.0000"),
    ]


def test_emotionml_marks_what_a_trained_system_says():
    told = STATES["guest"]()
    marked = [one for one in emotions(to_emotionml(told)) if one.get("category-set") == "#beside-linear"]
    assert len(marked) == sum(one.beside[0].distribution is not None for one in told.affects) > 0
    for one in marked:
        assert "beside the answer, not fused: linear" in one.find(f"{EMOTIONML}info").text
        assert all(child.get("confidence") is None for child in one)
    assert len(emotions(to_emotionml(told))) == len(emotions(to_emotionml(without_guests(told)))) + len(marked)


EMOTIONML = "{http://www.w3.org/2009/10/emotionml}"


def emotions(text):
    return ET.fromstring(text).findall(f"{EMOTIONML}emotion")
