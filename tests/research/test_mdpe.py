"""The deception task: side inputs, rows, identity codes, and reports that name nobody."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from mien.affect.space import Space  # noqa: E402
from mien.errors import RequestError  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.samples import Data, Sample, Split, grouped_split  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.mdpe.report import accuracy_over_people, report, task_report  # noqa: E402
from mien.research.training.answering import answer  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402

torch.set_num_threads(1)
WIDTHS = {"text": 3, "audio": 4, "face": 2, "personality": 60, "emotion": 128}
CARD = system("mdpe")


def people(n=30, answers=10, seed=0):
    """Each person lies at a rate of their own; no feature but the person's own vectors tells anything."""
    rng = np.random.default_rng(seed)
    samples = []
    for person in range(n):
        sides = {name: rng.normal(size=(1, WIDTHS[name])).astype(np.float32) for name in ("personality", "emotion")}
        rate = rng.choice([0.1, 0.9])
        for place in range(answers):
            noise = {name: rng.normal(size=(place % 3 + 1, WIDTHS[name])) for name in ("text", "audio", "face")}
            features = {name: values.astype(np.float32) for name, values in noise.items()} | sides
            lie = int(rng.random() < rate)
            samples.append(Sample(f"{person}-{place}", f"p{person}", features, lie, speaker=f"p{person}"))
    space = Space("deception2", ("truth", "lie"), "categorical", "tests")
    return Data("people", space, "class", tuple(samples))


def scores(data, split, **settings):
    config = CARD.configure({"hidden": (16,), "rate": 5e-3, "dropout": 0.0, **settings})
    method = assemble(CARD, config, data.shape())
    train, valid, test = ([data.samples[row] for row in part] for part in (split.train, split.valid, split.test))
    fit(method, train, valid, Settings(epochs=15, quiet=True, device="cpu", shared_groups=True))
    method.model.eval()
    with torch.no_grad():
        told = method.model(collate(test, data.shape())).scores.softmax(dim=1)[:, 1].numpy()
    return task_report([bool(s.target) for s in test], told, [s.group for s in test], rounds=100)


def test_identity_passes_for_skill_unless_people_are_apart():
    data = people()
    rows = np.random.default_rng(1).permutation(len(data.samples)).tolist()
    within = Split(tuple(rows[:200]), tuple(rows[200:240]), tuple(rows[240:]))
    apart = grouped_split(data.samples, (0.6, 0.15, 0.25), np.random.default_rng(2))
    leaky, sound = scores(data, within), scores(data, apart)
    assert leaky.auc_interval[0] > 0.6
    assert sound.auc_interval[0] < 0.5 and sound.balanced < 0.6


@pytest.mark.parametrize("modalities", [("text",), ("face", "audio"), ()])
@pytest.mark.parametrize("personality", ["true", "false"])
@pytest.mark.parametrize("emotion", ["true", "false"])
def test_any_subset_is_switched_by_text(modalities, personality, emotion):
    data = people(3, 2)
    given = {"modalities": ",".join(modalities), "personality": personality, "emotion": emotion}
    model = assemble(CARD, CARD.configure(given), data.shape()).model
    assert model.features == (modalities or ("text", "audio", "face"))
    width = sum(WIDTHS[name] for name in model.features) + 60 * (personality == "true") + 128 * (emotion == "true")
    assert model.body[0].in_features == width
    assert model(collate(data.samples, data.shape())).scores.shape == (6, 2)


def test_unknown_modality_is_named():
    with pytest.raises(RequestError, match="no modality scene in the data; it has: text, audio, face"):
        assemble(CARD, CARD.configure({"modalities": "scene"}), people(3, 2).shape())
    with pytest.raises(RequestError, match=r"mean cannot be .last.; allowed: masked, padded"):
        CARD.configure({"mean": "last"})


def test_rows_stay_aligned_unless_released():
    data = people(4, 3)
    for rows, kept in (("aligned", True), ("released", False)):
        method = assemble(CARD, CARD.configure({"rows": rows, "standardise": False}), data.shape())
        method.model.eval()
        batch = collate(data.samples, data.shape())
        whole = method.model(batch).scores
        one = torch.cat([method.model(collate([sample], data.shape())).scores for sample in data.samples])
        assert torch.allclose(whole, one, atol=1e-5) == kept


@given(st.lists(st.tuples(*[st.integers(1, 7)] * 3), min_size=1, max_size=6))
def test_mdpe_3_every_row_holds_one_item_whatever_the_lengths(lengths):
    """Every feature is the number of its item: what reaches a row's mean is that number in every modality."""
    samples = tuple(
        Sample(str(item), "g", {n: np.full((steps, 2), item, np.float32) for n, steps in zip(WIDTHS, own, strict=False)}, 0)
        for item, own in enumerate(lengths)
    )  # fmt: skip
    data = Data("items", Space("two", ("a", "b"), "categorical", "tests"), "class", samples)
    settings = {"personality": "false", "emotion": "false", "standardise": False}
    model = assemble(CARD, CARD.configure(settings), data.shape()).model.eval()
    seen = []
    model.body[0].register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    model(collate(samples, data.shape()))
    assert torch.equal(seen[0], torch.arange(len(samples)).float().unsqueeze(1).expand(-1, 6))


def test_padded_mean_depends_on_neighbours():
    data = people(4, 3)
    method = assemble(CARD, CARD.configure({"mean": "padded", "standardise": False}), data.shape())
    method.model.eval()
    short = data.samples[0]
    alone = method.model(collate([short], data.shape())).scores
    beside = method.model(collate([short, data.samples[2]], data.shape())).scores[:1]
    assert not torch.allclose(alone, beside, atol=1e-5)


def test_report_has_floor_and_no_names():
    truth = [True, False, False, True, False, False]
    who = ["ann", "ann", "ann", "bob", "bob", "bob"]
    found = task_report(truth, [0.9, 0.2, 0.6, 0.4, 0.1, 0.3], who, rounds=50)
    assert found.majority == pytest.approx(4 / 6) and found.people == 2
    assert found.balanced == pytest.approx((1 / 2 + 3 / 4) / 2)
    assert found.detection_rate == 0.5 and found.false_alarm_rate == 0.25
    assert "no evidence that a person lied" in found.note
    told = str(dataclasses.asdict(found)) + str(accuracy_over_people(truth, [0.9, 0.2, 0.6, 0.4, 0.1, 0.3], who))
    assert "ann" not in told and "bob" not in told
    with pytest.raises(RequestError, match="row 1"):
        task_report(truth, [0.9, np.nan, 0.6, 0.4, 0.1, 0.3], who)


def test_mdpe_5_and_7_the_report_has_the_floor_intervals_and_no_line_on_a_person():
    data = people(6, 5)
    method = assemble(CARD, CARD.configure(), data.shape())
    text = report(method, data.samples, answer(method, data.samples))
    rows = {line.split("  ")[0]: line.split() for line in text.splitlines()}
    assert {"always the commonest answer", "balanced accuracy", "accuracy"} <= set(rows)
    value, low, high = map(float, rows["AUC (people resampled)"][-3:])
    assert low <= value <= high and "30 answers of 6 people" in text and "no evidence that a person lied" in text
    assert not any(sample.group in text.split() for sample in data.samples)


def test_the_interval_of_the_auc_draws_people_not_answers():
    """Each of eight people gives the same answer twenty times: there is as much to draw from as there are people."""
    rng = np.random.default_rng(0)
    lies, scores = np.repeat([0, 1] * 4, 20).astype(bool), np.repeat(rng.random(8) + 0.3 * (np.arange(8) % 2), 20) / 2
    people = np.repeat([f"p{at}" for at in range(8)], 20)
    by_people, by_answer = (
        task_report(lies.tolist(), scores.tolist(), who, rounds=300)
        for who in (people.tolist(), list(map(str, range(160))))
    )
    width = [high - low for low, high in (by_people.auc_interval, by_answer.auc_interval)]
    assert width[0] > 2 * width[1] and by_people.auc == by_answer.auc
