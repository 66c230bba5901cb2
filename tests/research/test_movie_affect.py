"""Evoked affect: windows that stay in their film, scaling, classes of a curve, released heads by shape."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from mien.errors import DataError, RequestError  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.layers.align import aligned  # noqa: E402
from mien.research.samples import Data, Sample, Shape  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.movie_affect.released import from_released  # noqa: E402
from mien.research.systems.movie_affect.scaling import fit_scales, per_recording  # noqa: E402
from mien.research.systems.movie_affect.windows import (  # noqa: E402
    class_of,
    value_of,
    window_samples,
    windows,
)

from .made import made, space  # noqa: E402

torch.set_num_threads(1)
CARD = system("movie-affect")


@given(st.lists(st.integers(0, 12), max_size=5), st.integers(1, 6), st.integers(1, 3))
def test_windows_stay_in_their_film(lengths, length, hop):
    for window in windows(lengths, length, hop):
        assert len({film for film, _ in window}) == 1 and len(window) == length
    total = sum(max((count - length) // hop + 1, 0) for count in lengths)
    assert len(windows(lengths, length, hop)) == total
    assert len(windows(lengths, length, hop, cross=True)) >= (total if hop == 1 else 0)
    with pytest.raises(RequestError, match="length and hop"):
        windows(lengths, 0)


def test_classes_and_values_are_inverse():
    assert class_of(value_of(np.arange(7))).tolist() == list(range(7))
    assert class_of(np.array([-1.0, 0.0, 1.0, 1.4])).tolist() == [0, 3, 6, 6]


def test_window_samples_are_cut_to_the_shortest_stream():
    films = {"BMI": {"scene": np.zeros((8, 3)), "audio": np.ones((7, 2))}}
    samples, notes = window_samples(films, {"BMI": np.linspace(-1, 1, 9)})
    assert [sample.id for sample in samples] == ["BMI-4", "BMI-5", "BMI-6"]
    assert samples[0].target == 3 and samples[0].group == "BMI" and samples[2].place == pytest.approx(6 / 25)
    assert notes == ("BMI: cut to 7 frames; scene 8, audio 7, curve 9",)


def test_scales_come_from_training_alone():
    data = made(n=8)
    method = assemble(CARD, CARD.configure(preset="tiny"), data.shape())
    batch = collate(data.samples[:4], data.shape())
    fit_scales(method.model, [batch])
    for name, values in batch.inputs.items():
        real = method.model.scale(values, name)[batch.masks[name]]
        assert real.min() == pytest.approx(0, abs=1e-6) and real.max() == pytest.approx(1, abs=1e-6)
    assert (method.model.scale(torch.full((1, 5), 99.0), "audio") > 1).all()


def test_published_scaling_is_within_each_film():
    rng = np.random.default_rng(0)
    samples = [
        Sample(f"{film}{at}", film, {"audio": rng.normal(size=(3, 2)) * 9 + len(film)}, 0)
        for film in ("a", "bb")
        for at in range(4)
    ]
    for film in ("a", "bb"):
        rows = np.concatenate([s.features["audio"] for s in per_recording(samples) if s.group == film])
        assert rows.min(axis=0) == pytest.approx([0, 0]) and rows.max(axis=0) == pytest.approx([1, 1])


def test_fc_head_is_linear_unless_asked():
    data = made(inputs="vector")
    shape = data.shape()
    one, two = (collate([sample], shape) for sample in data.samples[:2])
    both = collate([_sum(*data.samples[:2])], shape)
    for activation, linear in (("none", True), ("relu", False)):
        method = assemble(CARD, CARD.configure({"head": "fc", "activation": activation}), shape)
        found = method.model(one).scores + method.model(two).scores
        assert torch.allclose(found, method.model(both).scores, atol=1e-4) == linear


def _sum(one, other):
    features = {name: values + other.features[name] for name, values in one.features.items()}
    return Sample("sum", "g", features, 0)


def test_lstm_answers_for_the_last_step():
    rng = np.random.default_rng(0)
    samples = [Sample(str(n), "g", {"audio": rng.normal(size=(5, 3)).astype(np.float32)}, n % 7) for n in range(4)]
    data = Data("toy", space("class", 7), "class", tuple(samples))
    model = assemble(CARD, CARD.configure(), data.shape()).model
    batch = collate(samples, data.shape())
    cut = batch.keep({"audio": torch.arange(5) < 4})
    assert not torch.allclose(model(batch).scores, model(cut).scores)


def test_aligned_reads_the_same_share():
    inputs = {"a": torch.arange(6.0).reshape(1, 6, 1), "b": torch.arange(3.0).reshape(1, 3, 1)}
    masks = {"a": torch.tensor([[True] * 4 + [False] * 2]), "b": torch.tensor([[True, True, False]])}
    values, seen = aligned(inputs, masks, ["a", "b"])
    assert values["a"].flatten().tolist() == [0, 1, 2, 3] and values["b"].flatten().tolist() == [0, 0, 1, 1]
    assert seen["a"].all() and seen["b"].all()
    masks["a"] = torch.tensor([[True, False, True, False, False, False]])
    values, seen = aligned(inputs, masks, ["a", "b"])
    assert seen["a"].tolist() == [[True, False, True]] and values["a"].flatten().tolist() == [0, 0, 2]


@pytest.mark.parametrize("name", ["reduced_audio", "reduced_rgb"])
def test_released_head_goes_by_shape(name):
    """The released sound head calls its first layer a picture's."""
    torch.manual_seed(0)
    state = {f"{name}.weight": torch.randn(128, 1582), "class_dim.weight": torch.randn(7, 64)}
    state |= {"fc1.weight": torch.randn(64, 128), "fc2.weight": torch.randn(64, 64)}
    model = from_released(state)
    assert model.order == ("audio",)
    x = torch.rand(3, 1582)
    sample = [Sample(str(n), "g", {"audio": row[None].numpy()}, 0) for n, row in enumerate(x)]
    found = model(collate(sample, Shape({"audio": 1582}, "class", 7))).scores
    wanted = x @ state[f"{name}.weight"].T @ state["fc1.weight"].T @ state["fc2.weight"].T @ state["class_dim.weight"].T
    assert torch.allclose(found, wanted, rtol=1e-3, atol=1e-2 * float(wanted.abs().max()))
    with pytest.raises(DataError, match=r"reads 77 features; allowed: scene 2048, flow 2048, audio 1582"):
        from_released({**state, f"{name}.weight": torch.randn(128, 77)})
    with pytest.raises(DataError, match=r"extra .* has no place"):
        from_released({**state, "extra": torch.zeros(1)})
