"""EmotionTalk's baseline: frames, padding in front, one modality three times, the drawn settings, agreement."""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.errors import RequestError  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.protocols import protocol  # noqa: E402
from mien.research.protocols.bench import Line, bench  # noqa: E402
from mien.research.protocols.trial import How  # noqa: E402
from mien.research.samples import Sample  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.emotiontalk import report as told  # noqa: E402
from mien.research.systems.emotiontalk.agreement import agreement  # noqa: E402
from mien.research.systems.emotiontalk.encoders import compressed, pushed_back  # noqa: E402
from mien.research.systems.emotiontalk.search import CHOICES, draw  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402

from .made import made  # noqa: E402

torch.set_num_threads(1)
CARD = system("emotiontalk")


def model_of(data, **settings):
    return assemble(CARD, CARD.configure({"hidden": 8, **settings}), data.shape()).model.eval()


def test_compressed_keeps_the_mean_of_each_chunk():
    values = torch.arange(7.0).reshape(1, 7, 1).repeat(2, 1, 1)
    mask = torch.ones(2, 7, dtype=torch.bool)
    mask[1, 4:] = False
    found, real = compressed(values, mask, 3)
    assert real.tolist() == [[True, True, True], [True, True, False]]
    assert found[0].flatten().tolist() == [0.0, 2.0, 5.0]
    assert found[1, :2].flatten().tolist() == [0.5, 2.5]


def test_pushed_back_puts_zeros_in_front():
    values = torch.tensor([[[1.0], [2.0], [9.0]]])
    found, real = pushed_back(values, torch.tensor([[True, True, False]]), 4)
    assert found.flatten().tolist() == [0, 0, 1, 2] and real.all()


@pytest.mark.parametrize("settings", [{}, {"softmax": True}, {"level": "utterance"}, {"compress": 2}])
def test_absent_modality_has_no_weight(settings):
    data = made()
    batch = collate(data.samples, data.shape()).without("text")
    output = model_of(data, **settings)(batch)
    assert (output.extras["weights"][:, 1] == 0).all() and torch.isfinite(output.scores).all()
    if settings.get("softmax"):
        assert torch.allclose(output.extras["weights"].sum(dim=1), torch.ones(12))


def test_front_padding_changes_what_the_network_reads():
    data = made()
    batch = collate(data.samples, data.shape())
    states = model_of(data).state_dict()
    padded = model_of(data, front_padding=True)
    padded.load_state_dict(states)
    whole = padded(batch).scores
    alone = padded(collate(data.samples[:1], data.shape())).scores
    assert not torch.allclose(whole, model_of(data)(batch).scores)
    assert torch.allclose(whole[:1], alone, atol=1e-6), "padded to the longest of the data, not of the batch"


def test_one_modality_three_times():
    data = made(modalities=("audio",))
    assert len(model_of(data, thrice=True).encoders) == 3 and len(model_of(data).encoders) == 1
    with pytest.raises(RequestError, match="compress cannot be 0; allowed: 1 or more"):
        CARD.configure({"compress": 0})


@pytest.mark.parametrize("name", CHOICES)
def test_draws_are_the_same_for_a_seed(name):
    few, many = draw(1, 3, name), draw(1, 8, name)
    assert few == many[:3] and draw(2, 8, name) != many
    for settings in many:
        assemble(system(name), system(name).configure(settings), made().shape())


def test_draws_need_published_choices():
    with pytest.raises(RequestError, match="no published choices for 'linear'; there are some for: emotiontalk, mfn"):
        draw(1, 1, "linear")


def test_emotiontalk_4_the_report_splits_scores_by_agreement():
    data = made(n=6, outputs=3)
    said = [(0, 0, 0), (1, 1, 1), (2, 2, 2), (0, 1, 2), (1, 1, 0), (2, 2, 2)]
    samples = [
        dataclasses.replace(sample, labels=dict(zip(("audio", "face", "text"), labels, strict=True)))
        for sample, labels in zip(data.samples, said, strict=True)
    ]
    answers = np.eye(3)[[0, 1, 2, 1, 1, 0]]
    text = told.report(assemble(CARD, CARD.configure({"hidden": 8}), data.shape()), samples, answers)
    lines = {line.split("  ")[0]: line.split() for line in text.splitlines() if line}
    assert lines["agreement"][1:] == ["joint", "audio", "face", "text"]
    assert lines["joint"][1:] == ["1.000", "1.000", "0.833", "0.667"]
    assert lines["modalities agree"][2:4] == ["4", "0.750"] and lines["modalities conflict"][2:4] == ["2", "0.500"]


def test_agreement_of_labels():
    rows = [(0, 0, 0, 0), (1, 1, 0, 1), (2, 0, 1, 1), (1, 1, 1, 1)]
    samples = [
        Sample(str(place), "g", {}, joint, labels={"audio": audio, "text": text, "face": face})
        for place, (joint, audio, text, face) in enumerate(rows)
    ]
    found = agreement([*samples, Sample("x", "g", {}, 1, labels={"audio": 1})])
    assert found.names == ("joint", "audio", "face", "text")
    assert found.matrix[0, 1] == pytest.approx(4 / 5) and found.matrix[0, 3] == pytest.approx(2 / 4)
    assert found.all_equal == 0.5 and found.joint_alone == 0.25
    assert found.conflict.tolist() == [False, True, True, False, False]
    assert found.agree.tolist() == [True, False, False, True, False]
    assert np.allclose(found.matrix, found.matrix.T)
    with pytest.raises(RequestError, match="labels of single modalities"):
        agreement([Sample("x", "g", {}, 1)])


def test_emotiontalk_5_every_set_of_modalities_is_asked_of_a_tiny_model():
    data = made(n=60, inputs="vector", signal=1.0)
    data = dataclasses.replace(data, samples=tuple(dataclasses.replace(s, speaker=s.group) for s in data.samples))
    how = How(epochs=2, device="cpu")
    result = bench(protocol("modalities")(), Line("emotiontalk@tiny").entrants(), data, seeds=(0,), how=how, rounds=0)
    asked = {row.condition for row in result.rows if row.system == "emotiontalk@tiny" and np.isfinite(row.mean)}
    sets = [
        {"text"},
        {"audio"},
        {"face"},
        {"text", "audio"},
        {"text", "face"},
        {"audio", "face"},
        set(data.shape().widths),
    ]
    there = [set(condition.split("+")) for condition in asked]
    assert all(one in there for one in sets)


@pytest.mark.parametrize("level", ["vector", "sequence"])
@pytest.mark.parametrize("name", [*CHOICES, "tfn", "lmf", "misa", "mmim", "mult"])
def test_emotiontalk_7_all_ten_fusion_models_take_one_step_on_vectors_and_frames(name, level):
    data = made(n=8, inputs=level)
    card = system(name)
    level_set = {"level": "utterance" if level == "vector" else "frames"} if name == "emotiontalk" else {}
    method = assemble(card, card.configure(level_set, "tiny"), data.shape())
    run = fit(method, data.samples, (), Settings(epochs=1, batch=8, quiet=True, device="cpu"))
    assert all(np.isfinite(row["loss"]) for row in run.rows)
