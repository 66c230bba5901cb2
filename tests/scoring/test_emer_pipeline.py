"""EMER's annotation: what is offered to people, what goes on after their checks, and that a run can stop anywhere."""

import csv
import io
import json

import pytest
from tests.scoring.endpoint_server import FakeEndpoint

from mien.errors import DataError, RequestError
from mien.scoring import emer_machine
from mien.scoring.emer_pipeline import annotate
from mien.scoring.lists import bracketed_list
from mien.scoring.result import Options

CLIPS = """id,subtitle,visual,acoustic
a,"I had no idea, really.",He smiles broadly and is happy.,A light voice.
b,,She frowns; she is angry.,
c,"“Go away!”",,A loud voice.
"""


@pytest.fixture
def clips(tmp_path):
    path = tmp_path / "clips.csv"
    path.write_text(CLIPS, encoding="utf-8")
    return path


def sheet(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        text = stream.read()
    return list(csv.DictReader(io.StringIO(text), delimiter=";" if text.startswith("id;") else ","))


def edit(folder, name, ids=None, by="ann", **cells):
    """What a person does in a spreadsheet: change cells of some rows and sign them."""
    rows = sheet(folder, name)
    for row in rows:
        if ids is None or row["id"] in ids:
            row.update(cells, checked=by)
    with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        table = csv.DictWriter(stream, list(rows[0]), delimiter=";")
        table.writeheader()
        table.writerows(rows)


def step(progress, name):
    return next(one for one in progress.steps if one.name == name)


def test_it_waits_for_people_and_goes_on_after_them(clips, tmp_path):
    folder = tmp_path / "work"
    first = annotate(clips, folder)
    assert [one.name for one in first.steps] == ["clues", "check-1", "check-2", "merge", "labels", "check-labels"]
    assert step(first, "check-1").waiting == ("a", "b", "c") and not first.finished
    assert "3 wait for a person to sign the rows of check-1.csv" in first.to_text() and first.process.startswith(
        "rule: "
    )
    edit(folder, "check-1", ids=["a", "c"], visual="He smiles and is joyful.")
    second = annotate(clips, folder)
    assert step(second, "check-1").waiting == ("b",) and step(second, "check-2").waiting == ("a", "c")
    assert step(second, "check-1").note == "people changed 2 of 2"
    edit(folder, "check-2", ids=["a"], by="bob")
    edit(folder, "check-2", ids=["c"], by="drop")
    third = annotate(clips, folder)
    assert step(third, "check-labels").waiting == ("a",) and step(third, "check-2").note.endswith("1 struck out")
    (row,) = sheet(folder, "check-labels")
    assert "joyful" in row["labels"] and row["english"].startswith("In the video: He smiles and is joyful.")
    edit(folder, "check-labels", labels="glad, relieved")
    edit(folder, "check-1", ids=["b"])
    annotate(clips, folder)
    edit(folder, "check-2", ids=["b"], by="bob")
    annotate(clips, folder)
    edit(folder, "check-labels", ids=["b"])
    last = annotate(clips, folder)
    assert last.finished and "precision" in step(last, "check-labels").note
    with (folder / "check-openset.csv").open(encoding="utf-8") as stream:
        lists = {row["name"]: bracketed_list(row["openset"]) for row in csv.DictReader(stream)}
    assert lists == {"a": ["glad", "relieved"], "b": ["angry"]}
    with (folder / "final-EMER-reason.csv").open(encoding="utf-8") as stream:
        assert [*next(csv.DictReader(stream))] == ["name", "chinese", "english"]


def test_a_run_without_news_changes_no_byte(clips, tmp_path):
    folder = tmp_path / "work"
    annotate(clips, folder)
    edit(folder, "check-1")
    annotate(clips, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    annotate(clips, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_checked_rows_survive_new_clips_and_are_asked_again_when_their_material_changes(clips, tmp_path):
    folder = tmp_path / "work"
    annotate(clips, folder)
    edit(folder, "check-1", ids=["a"], visual="He grins.")
    clips.write_text(CLIPS.replace("A light voice", "A shrill voice") + "d,new,,\n", encoding="utf-8")
    found = step(annotate(clips, folder), "check-1")
    assert found.waiting == ("a", "b", "c", "d") and "1 changed after" in found.note
    rows = {row["id"]: row for row in sheet(folder, "check-1")}
    assert rows["a"]["visual"] == "He grins." and "acoustic is now: A shrill voice." in rows["a"]["note"]
    edit(folder, "check-1", ids=["a"])
    assert step(annotate(clips, folder), "check-1").waiting == ("b", "c", "d")


def test_cells_that_a_person_is_working_on_are_not_written_over(clips, tmp_path):
    folder = tmp_path / "work"
    annotate(clips, folder)
    edit(folder, "check-1", ids=["a"], by="", visual="half do")
    clips.write_text(CLIPS.replace("A light voice", "A shrill voice"), encoding="utf-8")
    annotate(clips, folder)
    rows = {row["id"]: row for row in sheet(folder, "check-1")}
    assert rows["a"]["visual"] == "half do" and "shrill" in rows["a"]["note"]
    clips.write_text(CLIPS.replace("A loud voice", "A hoarse voice"), encoding="utf-8")
    annotate(clips, folder)
    rows = {row["id"]: row for row in sheet(folder, "check-1")}
    assert rows["c"]["acoustic"] == "A hoarse voice." and not rows["c"]["note"]


def test_one_person_twice_is_said_and_one_round_is_enough_if_asked_for(clips, tmp_path):
    annotate(clips, tmp_path / "w")
    edit(tmp_path / "w", "check-1")
    annotate(clips, tmp_path / "w")
    edit(tmp_path / "w", "check-2")
    assert "3 checked by the same person twice" in step(annotate(clips, tmp_path / "w"), "check-2").note
    annotate(clips, tmp_path / "v", rounds=1)
    edit(tmp_path / "v", "check-1")
    assert step(annotate(clips, tmp_path / "v", rounds=1), "merge").done == 3


def reply(content):
    text = content if isinstance(content, str) else content[0]["text"]
    if "Translate" in text:
        return "在视频中，他很高兴，也有一点害怕。"
    if "You see" in text:
        return "He lifts his brows and smiles."
    if "Clues about one person" in text:
        return "In the video he smiles, so he is happy, if a little afraid."
    return "[happy, afraid]"


@pytest.fixture
def server():
    fake = FakeEndpoint(reply)
    yield fake
    fake.close()


def test_with_a_judge_pictures_are_described_texts_merged_translated_and_labelled(server, tmp_path):
    (tmp_path / "1.jpg").write_bytes(b"\xff\xd8\xff picture")
    clips = tmp_path / "clips.jsonl"
    rows = [{"id": "a", "subtitle": "hm", "frames": ["1.jpg"]}, {"id": "b", "subtitle": "hm", "frames": ["none.jpg"]}]
    clips.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    options = Options(judge=server.url, model="m", cache=str(tmp_path / "cache"))
    folder = tmp_path / "work"
    first = annotate(clips, folder, options)
    assert step(first, "clues").done == 1 and "none.jpg" in step(first, "clues").failed["b"]
    assert first.process == f"model: m at {server.url}"
    for name, by in (("check-1", "ann"), ("check-2", "bob")):
        edit(folder, name, by=by)
        annotate(clips, folder, options)
    (row,) = sheet(folder, "check-labels")
    assert row["labels"] == "happy, afraid" and row["chinese"].startswith("在视频中")
    assert [json.loads(line)["by"] for line in (folder / "merge.jsonl").open()] == [first.process]
    asked = len(server.bodies)
    # What a judge made is kept even where the next run names none; so is what people checked.
    annotate(clips, folder)
    annotate(clips, folder, options)
    assert len(server.bodies) == asked and sheet(folder, "check-labels") == [row]


def test_an_interruption_keeps_what_was_made(clips, tmp_path, monkeypatch):
    clips.write_text("id,subtitle\n" + "".join(f"c{n},hm\n" for n in range(45)), encoding="utf-8")
    folder = tmp_path / "work"
    calls, real = [], emer_machine.Makers.see

    def see(self, cells):
        calls.append(len(cells))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(self, cells)

    monkeypatch.setattr(emer_machine.Makers, "see", see)
    with pytest.raises(KeyboardInterrupt):
        annotate(clips, folder)
    assert step(annotate(clips, folder), "clues").done == 45 and calls == [20, 20, 20, 5]


def test_clues_come_from_an_analysis_of_mien(tmp_path):
    cue = {"name": "pitch", "value": 1, "unit": "Hz", "text": "the pitch is raised"}
    evidence = [
        {"modality": "audio", "cues": [cue]},
        {"modality": "face", "cues": [{**cue, "text": "the brows are up"}]},
    ]
    analysis = {"affects": [{"evidence": evidence}, {"evidence": evidence}]}
    (tmp_path / "a.json").write_text(json.dumps(analysis), encoding="utf-8")
    clips = tmp_path / "clips.csv"
    clips.write_text("id,subtitle,analysis\na,hm,a.json\n", encoding="utf-8")
    annotate(clips, tmp_path / "work")
    (row,) = sheet(tmp_path / "work", "check-1")
    assert row["acoustic"] == "the pitch is raised." and row["visual"] == "the brows are up."
    for broken in ("{", "[]", '{"affects": [{}]}', "null"):
        (tmp_path / "a.json").write_text(broken, encoding="utf-8")
        with pytest.raises(DataError, match=r"row 1: .*no JSON of mien analyze"):
            annotate(clips, tmp_path / "work")


def test_no_subtitle_is_a_formula_in_a_spreadsheet(clips, tmp_path):
    folder = tmp_path / "work"
    clips.write_text('id,subtitle\na,"=HYPERLINK(""http://x"")"\nb,- No!\nc,\'s fine\n', encoding="utf-8")
    annotate(clips, folder)
    assert [row["subtitle"][:2] for row in sheet(folder, "check-1")] == ["'=", "'-", "'s"]
    edit(folder, "check-1")
    annotate(clips, folder)
    edit(folder, "check-2", by="bob")
    found = step(annotate(clips, folder), "check-1")
    assert found.done == 3 and found.note == "people changed 0 of 3"
    texts = [json.loads(line)["text"] for line in (folder / "merge.jsonl").open(encoding="utf-8")]
    assert texts[1] == 'In the text, the subtitle is: "- No!"'


def test_a_clip_whose_translation_fails_waits_and_is_asked_again(server, clips, tmp_path):
    options = Options(judge=server.url, model="m", cache=str(tmp_path / "cache"), jobs=1)
    folder = tmp_path / "work"
    for name, by in (("check-1", "ann"), ("check-2", "bob")):
        annotate(clips, folder, options)
        edit(folder, name, by=by)
    server.reply = lambda content: "I'm sorry, no." if "Translate" in content else reply(content)
    found = annotate(clips, folder, options)
    assert step(found, "merge").done == 3 and len(step(found, "translate").failed) == 3
    assert "the judge declined" in found.to_text() and step(found, "labels").reached == 0
    server.reply = reply
    assert step(annotate(clips, folder, options), "check-labels").waiting == ("a", "b", "c")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id,subtitle\na,x\na,y\n", "row 2: the id 'a' is there twice"),
        ("id,subtitle\n,x\n", "row 1: the id '' is empty"),
        ("id,other\na,x\n", "has no column for the subtitle"),
        ("subtitle\nx\n", "has no column for the id"),
    ],
)
def test_clips_that_cannot_be_used(tmp_path, content, said):
    (tmp_path / "clips.csv").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        annotate(tmp_path / "clips.csv", tmp_path / "work")


def test_sheets_and_rows_that_were_damaged_are_named(clips, tmp_path):
    folder = tmp_path / "work"
    annotate(clips, folder)
    sheet_ = (folder / "check-1.csv").read_text(encoding="utf-8-sig")
    (folder / "check-1.csv").write_text(sheet_.replace("checked", "done"), encoding="utf-8")
    with pytest.raises(DataError, match=r"check-1\.csv: row 1: has no column checked"):
        annotate(clips, folder)
    (folder / "clues.jsonl").write_text('{"id": "a"}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"clues.jsonl: row 1: .*delete the file"):
        annotate(clips, folder)


def test_wrong_requests(clips, tmp_path):
    with pytest.raises(RequestError, match="english, chinese"):
        annotate(clips, tmp_path, language="german")
    with pytest.raises(RequestError, match="1 or 2"):
        annotate(clips, tmp_path, rounds=3)
