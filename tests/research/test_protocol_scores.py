"""Rows: what is printed is what the metric says, over seeds, with intervals and floors (no torch)."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from mien.errors import InputError, RequestError
from mien.metrics import METRICS
from mien.page.tables import FORMATS
from mien.research.protocols.conflict import Conflict, subset
from mien.research.protocols.corpora import Corpora, join
from mien.research.protocols.fairness import Fairness
from mien.research.protocols.measures import Measure, measures
from mien.research.protocols.page import html
from mien.research.protocols.plan import Ask, Figure, Plan, Trial
from mien.research.protocols.rates import MissingRates, Modalities
from mien.research.protocols.result import Result, facts, read_result
from mien.research.protocols.scores import scored
from mien.research.protocols.seeds import Seeds
from mien.research.protocols.speakers import GroupFolds
from mien.research.protocols.tables import overview, stands, table
from mien.research.samples import Sample

from .made import made


def answers(data, plan, right, seeds=(0, 1), rng=None):
    """Answers that are right for a share of the items, by trial and seed."""
    rng = rng or np.random.default_rng(0)
    count = len(data.space.labels)
    found = {}
    for at, trial in enumerate(plan.trials):
        for seed in seeds:
            found[at, seed] = {}
            for ask in trial.asks:
                truth = np.array([int(data.samples[row].target) for row in ask.rows])
                given = np.where(rng.random(len(truth)) < right, truth, (truth + 1) % count)
                found[at, seed][ask.condition] = np.eye(count)[given]
    return found


def rows_of(rows, **wanted):
    return [row for row in rows if all(getattr(row, name) == value for name, value in wanted.items())]


def test_a_row_is_the_metric_over_pooled_folds_and_seeds():
    data = made(n=48)
    plan = GroupFolds(k=4).plan(data)
    found = answers(data, plan, 0.7)
    rows, _ = scored(plan, data, {"a": found}, rounds=50)
    (row,) = rows_of(rows, system="a", metric="uar")
    by_seed = []
    for seed in (0, 1):
        truth, given = [], []
        for at, trial in enumerate(plan.trials):
            truth += [int(data.samples[r].target) for r in trial.asks[0].rows]
            given += found[at, seed]["complete"].argmax(axis=1).tolist()
        by_seed.append(METRICS["uar"](truth, given))
    assert row.values == pytest.approx(by_seed) and row.mean == pytest.approx(np.mean(by_seed))
    assert row.std == pytest.approx(np.std(by_seed, ddof=1)) and row.n == 48 and row.groups == 12
    assert row.interval[0] <= row.mean <= row.interval[1]


def test_the_floor_stands_beside_every_score_and_as_a_row_of_its_own():
    data = made(n=48)
    plan = Seeds().plan(data)
    rows, _ = scored(plan, data, {"a": answers(data, plan, 1.0)}, rounds=20)
    (row,) = rows_of(rows, system="a", metric="uar")
    assert row.mean == 1 and row.floor == pytest.approx(1 / 3) and row.floor_name == "always the commonest"
    assert rows_of(rows, system="floor: always the commonest", metric="uar")[0].mean == row.floor


@pytest.mark.parametrize(("task", "names"), [
    ("labels", {"always every label", "always the commonest", "each label's share"}),
    ("value", {"always the mean", "always the median"}),
])  # fmt: skip
def test_floors_of_other_tasks(task, names):
    data = made(task, n=48)
    plan = Seeds().plan(data)
    count = len(data.space.labels)
    given = {(0, 0): {"complete": np.array([np.ravel(data.samples[r].target) for r in plan.trials[0].asks[0].rows])}}
    rows, _ = scored(plan, data, {"a": given}, rounds=20)
    assert {row.system.removeprefix("floor: ") for row in rows if row.system != "a"} == names
    assert rows[0].mean == pytest.approx(1.0) and count == given[0, 0]["complete"].shape[1]
    told = {row.metric for row in rows}
    assert ("acc2_non0" in told) == (task == "value") and measures(data)[0].name in told


def test_equal_answers_differ_by_nothing_and_better_ones_clearly():
    data = made(n=120)
    plan = GroupFolds(k=3).plan(data)
    weak = answers(data, plan, 0.5)
    found = {"a": weak, "same": weak, "b": answers(data, plan, 0.95, rng=np.random.default_rng(9))}
    _, differences = scored(plan, data, found, rounds=200)
    same, better = (next(one for one in differences if one.system == name) for name in ("same", "b"))
    assert same.value == 0 and same.interval == (0, 0)
    assert better.value > 0.2 and better.interval[0] > 0


def test_two_conditions_of_the_same_people_meet_the_same_draws():
    """Half of the people are read, the others are not, under both conditions alike: nothing lies between these."""
    data = made(n=48)
    halves = {"one": tuple(range(0, 48, 2)), "other": tuple(range(1, 48, 2))}
    asks = tuple(Ask(name, rows) for name, rows in halves.items())
    gap = Figure("gap", {"one": 1.0, "other": -1.0}, "zero", ("accuracy",))
    plan = Plan((Trial("all", halves["one"], (), asks),), (Measure("accuracy", "accuracy", "top"),), (gap,))
    read = set(sorted({sample.group for sample in data.samples})[::2])
    found = {name: np.eye(3)[[(int(data.samples[row].target) + (data.samples[row].group not in read)) % 3
                              for row in rows]] for name, rows in halves.items()}  # fmt: skip
    rows, _ = scored(plan, data, {"a": {(0, 0): found}}, rounds=200)
    low, high = rows_of(rows, system="a", condition="one")[0].interval
    assert high - low > 0.3 and rows_of(rows, system="a", condition="gap")[0].interval == (0, 0)


def test_a_seed_of_which_one_fold_failed_does_not_count():
    data = made(n=48)
    plan = GroupFolds(k=4).plan(data)
    found = answers(data, plan, 0.7)
    del found[2, 1]
    rows, _ = scored(plan, data, {"a": found}, rounds=20)
    (row,) = rows_of(rows, system="a", metric="uar")
    assert len(row.values) == 1 and math.isnan(row.std) and row.note == "1 of 2 seeds failed"


def test_the_area_under_a_flat_curve_over_all_rates_is_its_height():
    data = made(n=48)
    plan = MissingRates(rates=tuple(round(0.1 * step, 1) for step in range(11))).plan(data)
    truth = {(0, 0): {}}
    for ask in plan.trials[0].asks:
        truth[0, 0][ask.condition] = np.eye(3)[[0] * len(ask.rows)]
    rows, _ = scored(plan, data, {"a": truth}, rounds=20)
    (area,) = rows_of(rows, system="a", metric="accuracy", condition="AUILC 0-1")
    (first,) = rows_of(rows, system="a", metric="accuracy", condition="rate 0")
    assert area.mean == pytest.approx(first.mean) and area.kind == "figure"
    assert rows_of(rows, system="a", metric="accuracy", condition="rate 1 minus rate 0")[0].mean == 0


def test_several_ways_of_missing_are_asked_of_one_training():
    data = made(n=48)
    plan = MissingRates("rmfm,smm,rmm", rates=(0.0, 0.5)).plan(data)
    (trial,) = plan.trials
    names = [ask.condition for ask in trial.asks]
    assert names[:2] == ["complete", "rmfm 0.5"] and names[-1] == "rmm 0.5" and "text+face" in names
    assert len(names) == len(set(names)) and trial.asks[0].change is None
    truth = {(0, 0): {ask.condition: np.eye(3)[[0] * len(ask.rows)] for ask in trial.asks}}
    rows, _ = scored(plan, data, {"a": truth}, rounds=20)
    told = {row.condition for row in rows_of(rows, system="a", metric="accuracy") if row.kind == "figure"}
    assert {"rmfm AUILC 0-0.5", "rmm AUILC 0-0.5", "rmm 0.5 minus complete", "without text minus all"} == {
        name for name in told if name.startswith(("rm", "without text"))
    } - {"rmfm 0.5 minus complete"}


@pytest.mark.parametrize("mode", ["", "rmm,rmm", "rmm,all"])
def test_unknown_ways_of_missing_are_refused(mode):
    with pytest.raises(RequestError, match="rmfm"):
        MissingRates(mode).plan(made(n=48))


def test_every_set_of_modalities_is_asked():
    data = made(n=48)
    plan = Modalities().plan(data)
    asks = {ask.condition: ask for ask in plan.trials[0].asks}
    assert list(asks) == ["text", "audio", "face", "text+audio", "text+face", "audio+face", "text+audio+face"]
    assert all(set(one.features) == {"audio"} for one in asks["audio"].change(data.samples))
    with pytest.raises(RequestError, match=r"one modality only \(audio\)"):
        Modalities().plan(made(n=48, modalities=("audio",)))


def clip(place, true, audio, face):
    values = np.zeros((1, 2), np.float32)
    return Sample(
        f"c{place}", f"g{place}", {"audio": values, "face": values}, true, labels={"audio": audio, "face": face}
    )


def twelve():
    """Four consistent, three of the voice, three of the face, two of neither."""
    told = [(at % 2, at % 2, at % 2) for at in range(4)]
    told += [(0, 0, 1), (1, 1, 0), (0, 0, 1), (0, 1, 0), (1, 0, 1), (1, 0, 1), (0, 1, 1), (1, 0, 0)]
    samples = tuple(clip(place, *one) for place, one in enumerate(told))
    more = tuple(clip(100 + at, at % 2, at % 2, at % 2) for at in range(4))
    parts = {"train": tuple(range(12, 16)), "test": tuple(range(12))}
    return replace(made(n=12, outputs=2), samples=samples + more, parts=parts)


def test_twelve_clips_in_conflict():
    data = twelve()
    kinds = [subset(one, ("audio", "face"), "class") for one in data.samples[:12]]
    assert kinds == ["consistent"] * 4 + ["audio-aligned"] * 3 + ["face-aligned"] * 3 + ["neither"] * 2
    plan = Conflict(valid=0.0).plan(data)
    asks = {ask.condition: ask.rows for ask in plan.trials[0].asks}
    assert asks["audio-aligned"] == (4, 5, 6) and asks["follows face"] == (4, 5, 6, 7, 8, 9)
    heard = {ask.condition: np.eye(2)[[int(data.samples[row].labels["audio"]) for row in ask.rows]]
             for ask in plan.trials[0].asks}  # fmt: skip
    rows, _ = scored(plan, data, {"ears": {(0, 0): heard}}, rounds=50)
    told = {row.condition: row.mean for row in rows_of(rows, system="ears", metric="accuracy")}
    assert told["consistent"] == 1 and told["audio-aligned"] == 1 and told["face-aligned"] == 0
    assert told["gap: audio-aligned minus face-aligned"] == 1 and told["drop under conflict"] == 0.5
    assert told["follows audio"] == 1 and told["follows face"] == 0 and told["leans on audio over face"] == 1
    assert "neither 2" in plan.notes[0] and "fewer than 30" in plan.notes[1]


def test_conflicts_need_labels_of_two_modalities():
    with pytest.raises(RequestError, match="labelled alone are: none"):
        Conflict().plan(made(n=48))


def test_corpora_meet_in_the_classes_they_share():
    one, other = made(n=24), replace(made(n=24, outputs=4, seed=1), name="other")
    data = join([one, other])
    assert data.space.labels == ("l0", "l1", "l2") and len({s.id for s in data.samples}) == len(data.samples)
    assert data.notes == ("other: 6 of 24 items have a class not all corpora have",)
    said = [
        replace(one, space=replace(one.space, labels=labels))
        for one, labels in (
            (one, ("angry", "joy", "calm")),
            (replace(other, samples=other.samples[:3]), ("happiness", "anger", "fear", "x")),
        )
    ]
    assert join(said).space.labels == ("anger", "happiness")
    assert [int(s.target) for s in join(said).samples if s.id.startswith("other")] == [1, 0]
    plan = Corpora().plan(data)
    assert [ask.condition for trial in plan.trials for ask in trial.asks] == [
        "made -> made", "made -> other", "other -> other", "other -> made",
    ]  # fmt: skip
    for trial in plan.trials:
        trial.split.check(data.samples)
    out = Corpora(mode="out").plan(data)
    assert [trial.asks[0].condition for trial in out.trials] == ["others -> made", "others -> other"]
    with pytest.raises(RequestError, match="two or more data sets of different names"):
        join([one, one])
    with pytest.raises(RequestError, match="fewer than two classes in common"):
        join([one, replace(other, space=replace(other.space, labels=("w", "x", "y", "z")))])


def test_fairness_by_a_table_and_by_speaker(tmp_path):
    data = made(n=120)
    sheet = tmp_path / "people.csv"
    sheet.write_text("speaker,sex\np0,f\np1,m\n")
    plan = Fairness(groups=str(sheet), split="folds:3", least=10).plan(data)
    biased = {}
    for at, trial in enumerate(plan.trials):
        biased[at, 0] = {}
        for ask in trial.asks:
            truth = np.array([int(data.samples[row].target) for row in ask.rows])
            right = np.array([data.samples[row].speaker == "p0" for row in ask.rows])
            biased[at, 0][ask.condition] = np.eye(3)[np.where(right, truth, (truth + 1) % 3)]
    rows, _ = scored(plan, data, {"a": biased}, rounds=50)
    assert rows_of(rows, system="a", metric="uar", condition="f minus m")[0].mean == 1
    assert rows_of(rows, system="a", metric="false alarms l0", condition="f minus m")[0].mean < 0
    many = Fairness(split="folds:3", least=10).plan(replace(data, samples=tuple(
        replace(one, speaker=f"v{at // 40}") for at, one in enumerate(data.samples))))  # fmt: skip
    assert "v1 minus others" in [figure.name for figure in many.figures]
    with pytest.raises(RequestError, match="fewer than two groups have 500 test items"):
        Fairness(least=500).plan(data)


def result(conditions=("rate 0", "rate 0.5"), systems=("a", "b")):
    data, test = made(n=48), tuple(range(24, 48))
    first, *_, last = conditions
    plan = Plan(
        (Trial("cut", tuple(range(24)), (), tuple(Ask(one, test) for one in conditions)),), measures(data),
        (Figure("loss", {last: 1, first: -1}, "neither"),), ("a note",),
    )  # fmt: skip
    found = {name: answers(data, plan, 0.6 + 0.3 * (at > 0)) for at, name in enumerate(systems)}
    rows, differences = scored(plan, data, found, rounds=50)
    return Result({"name": "missing"}, {"name": "made & <b>"}, {}, (0, 1), {}, tuple(rows), tuple(differences),
                  notes=plan.notes, run=facts(["mien", "bench"]))  # fmt: skip


def test_a_result_is_written_read_and_shown_in_every_format(tmp_path):
    made_one = result()
    made_one.save(tmp_path / "result.json")
    again = read_result(tmp_path / "result.json")
    assert again.to_json() == made_one.to_json() and again.rows[0].values == made_one.rows[0].values
    for format in FORMATS:
        assert "rate 0.5" in overview(again, format) and "floor" in table(again, format)
    assert "differs" in stands(again) and " yes" in stands(again)
    shown = html(again)
    assert "made &amp; &lt;b&gt;" in shown and "<polyline" in shown and shown.count("<svg") == 2
    assert "http" not in shown.replace("http-equiv", "")


def test_curves_of_several_ways_of_missing_begin_where_all_is_there():
    shown = html(result(("complete", "rmm 0.5", "tmfm 0.5", "speaker 03")))
    assert shown.count("<polyline") == 4 and "missing rate, rmm" in shown and "missing rate, tmfm" in shown
    assert all('class="floor"' in one for one in shown.split("<section>") if "<polyline" in one)
    starts = re.findall(r'<polyline points="([\d.]+),([\d.]+) ', shown)
    assert starts[0] == starts[2] and starts[1] == starts[3] and starts[0][0] == starts[1][0]
    assert [one for one in ("complete", "rmm 0.5", "speaker 03", "loss") if f"<h2>{one}</h2>" in shown] == [
        "complete", "speaker 03", "loss",
    ]  # fmt: skip


def test_names_of_systems_stand_whole_beside_their_marks():
    long = "a-system-whose-name-is-long@and-a-preset"
    shown = html(result(systems=("a", long)))
    for end in map(float, re.findall(rf'<text x="([\d.]+)" y="[\d.]+" text-anchor="end">{long}', shown)):
        assert end > 6.5 * len(long)


def test_the_overview_is_longer_than_wide():
    many = tuple("abcde")
    lines = overview(result(systems=many), "csv").splitlines()
    assert [line.split(",")[0] for line in lines] == ["uar", *many, "best floor"]
    lines = overview(result(tuple(f"rate 0.{at}" for at in range(6)), many[:2]), "csv").splitlines()
    assert lines[0] == "uar,a,b,best floor" and len(lines) == 8


def test_another_schema_is_refused(tmp_path):
    path = tmp_path / "r.json"
    path.write_text('{"schema": "mien-bench/9"}')
    with pytest.raises(InputError, match="'mien-bench/9'; this Mien reads 'mien-bench/1'"):
        read_result(path)
    path.write_text('{"schema": "mien-bench/1"}')
    with pytest.raises(InputError, match="is no result of mien bench"):
        read_result(path)
