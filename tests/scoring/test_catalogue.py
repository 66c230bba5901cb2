import re

import pytest

from mien.errors import DataError, RequestError
from mien.page.tables import render
from mien.scoring.benchmarks import BENCHMARKS
from mien.scoring.catalogue import benchmarks, catalogue, columns, datasets, find, models, order, select
from mien.scoring.catalogue.entries import MODALITIES, PER_RATER, TASKS, Dataset
from mien.scoring.catalogue.query import cells
from mien.scoring.catalogue.reader import KINDS, parse
from mien.scoring.catalogue.terms import CLASSES

EVERY = [entry for kind in KINDS for entry in catalogue(kind)]


def test_the_tables_are_large_enough_and_checked():
    assert len(datasets()) >= 60
    assert len(models()) >= 40
    assert len(benchmarks()) >= 15
    for entry in EVERY:
        assert 1990 <= entry.year <= 2030
        assert bool(entry.arxiv) == (entry.arxiv_seen is not None)
        assert entry.source


def test_every_entry_has_a_modality_and_every_value_an_entry():
    assert [entry.name for entry in EVERY if not entry.modalities] == []
    assert {name for entry in EVERY for name in entry.modalities} == set(MODALITIES)
    assert {name for entry in EVERY for name in entry.tasks} == set(TASKS)
    assert {entry.licence_class for entry in datasets()} == set(CLASSES)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("IEMOCAP", "on request"),
        ("RAVDESS", "non-commercial"),
        ("nEMO", "open"),
        ("MELD", "unknown"),
        ("EMOVOME", "unknown"),
        ("EmotionTalk", "non-commercial"),
        ("MDPE", "on request"),
        ("CREMA-D", "open"),
        ("SAVEE", "on request"),
        ("BEAT", "non-commercial"),
    ],
)
def test_a_licence_class_is_the_strictest_that_the_words_allow(name, expected):
    assert find(datasets(), name)[0].licence_class == expected


def test_no_non_commercial_or_contract_licence_is_called_open():
    for entry in (*datasets(), *models()):
        if re.search(r"NC|research|EULA|request|agreement|restricted|see ", entry.licence):
            assert entry.licence_class != "open", entry.name


def test_filters_must_all_fit():
    found = select(datasets(), modality=["A", "text"], task=["conversation"], language="chinese")
    assert {"M3ED", "EmotionTalk"} <= {entry.name for entry in found}
    assert all({"audio", "text"} <= set(entry.modalities) for entry in found)
    assert select(datasets(), modality=["physiology"]) == select(datasets(), modality=["signal"])
    assert {entry.licence for entry in select(datasets(), licence="cc by 4.0")} >= {"CC BY 4.0"}
    assert {entry.family for entry in select(models(), task=["fusion"])} == {"fusion"}
    assert [entry.name for entry in select(datasets(), text="Marathi")] == ["L3Cube-MahaEmotions"]


@pytest.mark.parametrize(
    ("request_", "allowed"),
    [
        ({"modality": ["smell"]}, "audio, video, image, text, physiology, music, motion, 3d"),
        ({"task": ["cooking"]}, "emotion, dimensions, sentiment"),
        ({"licence": "WTFPL"}, "open, non-commercial, on request, unknown"),
        ({"language": "Klingon"}, "Amharic, Arabic"),
    ],
)
def test_an_unknown_value_lists_what_is_allowed(request_, allowed):
    with pytest.raises(RequestError, match=allowed):
        select(datasets(), **request_)


def test_questions_a_table_cannot_answer():
    with pytest.raises(RequestError, match="no licence of their own"):
        select(benchmarks(), licence="open")
    with pytest.raises(RequestError, match="only data sets have a language"):
        select(models(), language="English")
    with pytest.raises(RequestError, match="datasets, models, benchmarks"):
        catalogue("papers")
    with pytest.raises(RequestError, match=r"with the same first letter: .*WRIME"):
        find(datasets(), "wrme")


def test_names_are_found_without_case_and_signs():
    assert [entry.name for entry in find(datasets(), "iemocap")] == ["IEMOCAP"]
    assert [entry.name for entry in find(datasets(), "cmu mosei")] == ["CMU-MOSEI"]
    assert len(find(datasets(), "MER-Caption")) == 1


def test_sorting():
    years = [entry.year for entry in order(datasets(), "-year")]
    assert years == sorted(years, reverse=True)
    names = [entry.name for entry in order(datasets())]
    assert names.index("AESDD") < names.index("nEMO") < names.index("WRIME")
    assert order(reversed(datasets())) == order(datasets())
    with pytest.raises(RequestError, match="allowed: name, year"):
        order(datasets(), "stars")


@pytest.mark.parametrize("kind", KINDS)
def test_csv_and_back_is_the_same(kind):
    entries = order(catalogue(kind))
    text = render(columns(KINDS[kind]), [list(cells(entry).values()) for entry in entries], "csv")
    assert parse(text, KINDS[kind]) == entries


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["csv", "md", "json", "latex"])
def test_every_export_says_what_is_verified(kind, form):
    assert "verified" in render(columns(KINDS[kind]), [list(cells(catalogue(kind)[0]).values())], form)


def test_links_lead_somewhere():
    names = {entry.name for entry in EVERY}
    assert {entry.scorer for entry in benchmarks()} - {""} <= set(BENCHMARKS)
    assert names >= PER_RATER
    assert {other for entry in EVERY for other in entry.overlaps_with} <= names


ROW = dict.fromkeys(columns(Dataset)[:13], "") | {"name": "X", "year": "2020", "modality": "A", "verified": "yes"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "name is empty"),
        ({"year": "soon"}, "a number is needed"),
        ({"year": "1890"}, "allowed: 1990 to 2030"),
        ({"verified": "maybe"}, "allowed: yes, no"),
        ({"arxiv": "cs/0101"}, "arXiv id 'cs/0101'"),
        ({"arxiv": "2001.00001"}, "arxiv_seen"),
        ({"arxiv_seen": "yes"}, "arxiv_seen"),
    ],
)
def test_a_wrong_row_is_named(change, words):
    with pytest.raises(DataError, match=f"row 1: .*{words}"):
        parse(render(list(ROW), [list((ROW | change).values())], "csv"), Dataset)


def test_tables_are_checked_as_wholes():
    with pytest.raises(DataError, match="row 2: the name 'X' stands twice"):
        parse(render(list(ROW), [list(ROW.values())] * 2, "csv"), Dataset)
    with pytest.raises(DataError, match=r"lacks the columns .*size"):
        parse("name,year\nX,2020\n", Dataset)
