"""The report as text: what must stand in it, what must never, and its size."""

import json
import re
from pathlib import Path

import makers
import pytest

from mien.analysis.report.html import beside, embedded, to_html, to_notebook
from mien.analysis.report.html.accuracy import accuracy
from mien.analysis.result import Analysis, Facts

SMALL = sorted(set(makers.STATES) - {"two_hours"})


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {name: to_html(make()) for name, make in makers.STATES.items()}


def data_of(page: str) -> dict:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found is not None
    return json.loads(found[1])


@pytest.mark.parametrize("name", makers.STATES)
def test_every_state_says_its_sentence_its_limits_and_how_it_was_made(pages: dict[str, str], name: str) -> None:
    page = pages[name]
    assert page.startswith("<!DOCTYPE html>") and page.rstrip().endswith("</html>")
    for words in ('class="headline"', "How to read this", "What must not be concluded", "2024/1689", "mien analyze"):
        assert words in page
    data_of(page)


@pytest.mark.parametrize("name", SMALL)
def test_equal_inputs_give_equal_bytes(pages: dict[str, str], name: str) -> None:
    assert to_html(makers.STATES[name]()) == pages[name]


@pytest.mark.parametrize("name", makers.STATES)
def test_nothing_is_fetched_from_elsewhere(pages: dict[str, str], name: str) -> None:
    page = re.sub(r'<script type="application/json".*?</script>', "", pages[name], flags=re.S)
    markup = re.sub(r"<script>.*?</script>", "", page, flags=re.S)
    assert not re.search(r"(?:src|href|action|poster|data)\s*=\s*[\"']?\s*(?:https?:)?//", markup)
    assert not re.search(r"url\(|@import|https?://", markup)
    code = re.search(r"<script>(.*?)</script>", page, re.S)
    assert code is not None and not re.search(r"fetch\(|XMLHttpRequest|WebSocket|import\(|eval\(|innerHTML", code[1])


def test_a_clip_stays_small_and_two_hours_under_five_megabytes(pages: dict[str, str]) -> None:
    assert len(pages["conflict"].encode()) < 300_000
    assert len(pages["interview"].encode()) < 300_000
    assert len(pages["two_hours"].encode()) < 5_000_000


def test_names_and_words_cannot_become_code(pages: dict[str, str]) -> None:
    page = pages["hostile"]
    assert page.count("<script") == 2 and page.count("</script") == 2
    assert "<img src=x" not in page
    text = json.dumps(data_of(page), ensure_ascii=False)
    assert "</script><script>" in text  # carried whole, as text


def test_hidden_faces_leave_no_picture(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"0" * 100)
    shown, hidden = makers.interview(name=str(film)), makers.interview(hidden=True, name=str(film))
    assert "data:image/jpeg" in to_html(shown)
    page = to_html(hidden, media="film.mp4")
    assert "data:image" not in page and "<video" not in page and "<img" not in page
    assert not [one for one in makers.picture_bytes(hidden) if one in page]
    assert beside(hidden, tmp_path / "report.html") is None and embedded(hidden) is None
    assert "Faces were hidden" in page


def test_the_recording_is_linked_relative_to_the_page(tmp_path: Path) -> None:
    film = tmp_path / "in put" / "a#b?.mp4"
    film.parent.mkdir()
    film.write_bytes(b"0" * 100)
    analysis = makers.interview(name=str(film))
    link = beside(analysis, tmp_path / "out" / "report.html")
    assert link == "./../in%20put/a%23b%3F.mp4"
    assert f'src="{link}"' in to_html(analysis, media=link)


def test_a_small_recording_can_be_embedded_and_a_large_one_not(tmp_path: Path) -> None:
    sound = tmp_path / "a.wav"
    sound.write_bytes(b"RIFF" + b"0" * 96)
    whole = makers.podcast()
    facts = Facts(str(sound), "audio", "seconds", 600.0, "00" * 32, whole.recording.streams)
    analysis = Analysis(facts, whole.space, whole.persons, whole.affects)
    uri = embedded(analysis)
    assert uri is not None and uri.startswith("data:audio/wav;base64,UklGRj")
    assert f'<audio id="media" src="{uri}"' in to_html(analysis, media=uri)
    assert embedded(analysis, limit=50) is None


def test_the_data_holds_every_span_with_its_numbers() -> None:
    analysis = makers.interview()
    data = data_of(to_html(analysis))
    first = [affect for affect in analysis.affects if affect.span.person == "P1"]
    person = data["people"][0]
    assert person["id"] == "P1" and len(person["start"]) == len(first) == len(person["sure"])
    size = len(data["spaces"][person["fused"]["space"]]["labels"])
    answered = sum(affect.distribution is not None for affect in first)
    assert len(person["fused"]["p"]) == answered * size + (len(first) - answered)
    assert {lane["word"] for lane in person["lanes"]} == {"voice", "face", "words"}


def test_cues_come_back_word_for_word() -> None:
    analysis = makers.interview()
    data = data_of(to_html(analysis))
    lane = next(lane for lane in data["people"][0]["lanes"] if lane["word"] == "voice")
    pattern, *numbers = lane["cues"][0][0]
    pieces = data["cues"][pattern].split("\0")
    told = "".join(piece + str(number) for piece, number in zip(pieces, [*numbers, ""], strict=True))
    texts = [cue.text for affect in analysis.affects for item in affect.evidence for cue in item.cues]
    assert told in texts


def test_stress_has_a_lane_of_its_own() -> None:
    data = data_of(to_html(makers.wearable()))
    (lane,) = data["people"][0]["lanes"]
    assert lane["stress"] and lane["word"] == "stress" and data["people"][0]["fused"]["space"] == -1


def test_what_could_not_be_read_is_said_and_not_filled_in(pages: dict[str, str]) -> None:
    data = data_of(pages["insufficient"])
    person = data["people"][0]
    assert person["fused"] == {"space": -1, "p": []}
    assert "too noisy" in data["texts"][person["why"][0]]
    assert "Nobody was found" in pages["nobody"]


@pytest.mark.parametrize("name", SMALL)
def test_a_notebook_gets_a_small_summary_without_script(name: str) -> None:
    summary = to_notebook(makers.STATES[name]())
    assert len(summary) < 120_000 and "<script" not in summary and "<img" not in summary


@pytest.mark.parametrize("model", ["speech-3", "face-3", "text-2", "stress-1"])
def test_the_cards_of_the_shipped_models_give_their_figures(model: str) -> None:
    analysis = makers.photo()
    used = Analysis(analysis.recording, "basic7", analysis.persons, analysis.affects, versions=((model, "terms"),))
    told = accuracy(used)
    assert told.figures and all(any(sign.isdigit() for sign in row.figure) for row in told.figures)
    assert told.failures and told.failures[0][0] == model
    page = to_html(used)
    assert told.figures[0].where in page and "Known failures of " + model in page


def test_a_model_without_a_card_is_survived() -> None:
    analysis = makers.photo()
    used = Analysis(analysis.recording, "basic7", analysis.persons, analysis.affects, versions=(("../../etc-9", "x"),))
    assert accuracy(used).figures == () and "How often it is right" in to_html(used)


def test_a_trained_system_is_named_with_what_it_is(pages: dict[str, str]) -> None:
    page = pages["guest"]
    for text in (
        "Beside the answer: linear",
        "emodb, 312 samples, seed 0",
        "loses boredom",
        "CC BY 4.0",
        "absent here",
    ):
        assert text in page, text
    assert "not part of the answer" in page and "Beside the answer" not in pages["interview"]
