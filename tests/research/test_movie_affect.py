"""Evoked affect: windows that stay in their film, scaling, classes of a curve, released heads by shape."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from mien.analysis.media.recording import AudioBlock, Recording  # noqa: E402
from mien.errors import DataError, InputError, RequestError  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.layers.align import aligned  # noqa: E402
from mien.research.protocols.folds import folds  # noqa: E402
from mien.research.samples import Data, Sample, Shape  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.movie_affect.released import from_released  # noqa: E402
from mien.research.systems.movie_affect.rows import _bands, film_rows  # noqa: E402
from mien.research.systems.movie_affect.scaling import fit_scales, per_recording  # noqa: E402
from mien.research.systems.movie_affect.windows import (  # noqa: E402
    class_of,
    value_of,
    window_samples,
    windows,
)
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402

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
    assert class_of(np.array([-0.7, -0.2, 0.1, 0.6, 0.9])).tolist() == [1, 2, 3, 5, 6], "the nearest class"


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


class Film:
    """A made-up source: a bright square that moves to the right, and a tone."""

    def __init__(self, seconds=4.0, pictures=True, sound=True, fps=25, step=1):
        self.seconds, self.pictures, self.sound, self.fps, self.step = seconds, pictures, sound, fps, step

    def audio(self, rate):
        count = int(self.seconds * rate) if self.sound else 0
        wave = np.sin(2 * np.pi * 440 * np.arange(count) / rate).astype(np.float32) / 2
        for start in range(0, count, rate):
            yield AudioBlock(start / rate, wave[start : start + rate])

    def frames(self, fps):
        yield from (Picture(n / self.fps, n * self.step) for n in range(int(self.seconds * self.fps) * self.pictures))


class Picture:
    def __init__(self, time, shift):
        self.time, self.shift = time, shift

    def rgb(self, width=None):
        across = np.arange(64)
        wave = 120 + 100 * np.sin(2 * np.pi * (across - self.shift) / 16)
        return np.repeat(np.repeat(wave[None, :, None], 36, axis=0), 3, axis=2).astype(np.uint8)


def film(**options):
    return Recording("film.mp4", "video", 4.0, (), Film(**options))


def test_rows_of_a_film_stand_beside_each_other():
    found = film_rows(film())
    assert len(found.times) == 100 and found.times[1] == pytest.approx(0.04) and found.notes == ()
    assert {name: rows.shape for name, rows in found.streams.items()} == {
        "scene": (100, 192), "flow": (100, 128), "audio": (100, 128)
    }  # fmt: skip
    assert all(np.isfinite(rows).all() for rows in found.streams.values())
    along = found.streams["flow"][1:, ::2]
    assert np.median(along) == pytest.approx(1, abs=0.3) and abs(np.median(found.streams["flow"][1:, 1::2])) < 0.1


def test_slow_films_and_missing_streams_are_told():
    slow = film_rows(film(fps=5))
    assert len(slow.times) == 100 and (slow.streams["flow"][:, 0] != 0).sum() <= 20
    assert "flow is not available: there is one picture only" in film_rows(film(fps=0.25)).notes
    deaf, blind = film_rows(film(sound=False)), film_rows(film(pictures=False))
    assert set(deaf.streams) == {"scene", "flow"} and "no sound" in deaf.notes[0]
    assert set(blind.streams) == {"audio"} and "no picture" in blind.notes[0]
    with pytest.raises(InputError, match="no picture and no sound"):
        film_rows(film(sound=False, pictures=False))


def test_the_held_out_film_never_stops_the_training():
    """Leave one film out: a recorder sees every clip that training or validation reads."""
    rng = np.random.default_rng(0)
    films = {name: {"scene": rng.normal(size=(9, 4)), "audio": rng.normal(size=(9, 3))} for name in "ABCD"}
    samples, _ = window_samples(films, {name: rng.uniform(-1, 1, 9) for name in films})
    data = Data("films", space("class", 7), "class", samples)
    splits = folds(data, "speakers", valid=0.34)
    assert len(splits) == 4
    for name, split in splits:
        method = assemble(CARD, CARD.configure(preset="tiny"), data.shape())
        seen = set()
        method.model.register_forward_pre_hook(lambda _, given, seen=seen: seen.update(given[0].ids))
        train, valid = ([samples[row] for row in part] for part in (split.train, split.valid))
        assert valid
        fit(method, train, valid, Settings(epochs=2, quiet=True, device="cpu"))
        assert {identity[0] for identity in seen} == set("ABCD") - {name.removeprefix("without ")}


@pytest.mark.parametrize("published", [False, True])
def test_the_lstm_learns_from_few_samples_by_default_and_not_as_published(published):
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 2, 400)
    rows = (rng.normal(size=(400, 10)) + 2 * targets[:, None]).astype(np.float32)
    samples = tuple(Sample(f"s{at}", f"g{at}", {"audio": rows[at : at + 1]}, int(targets[at])) for at in range(400))
    config = CARD.configure({"scaler": "training"}, "replicate" if published else None)
    method = assemble(CARD, config, Shape({"audio": 10}, "class", 2, longest={"audio": 1}))
    run = fit(method, samples, (), Settings(epochs=25, batch=16, quiet=True, device="cpu"))
    loss = run.rows[-1]["loss"]
    assert loss > 0.6 if published else loss < 0.3


def test_sound_is_heard_over_the_400_ms_that_begin_with_a_row():
    """One click at 1 s: rows from .6 s to 1 s hear it, each 40 ms after the one before."""
    sound = np.full(2 * 16000, 1e-4, np.float32)
    sound[16000:16016] = 0.9
    times = np.arange(50) / 25
    found = _bands(sound, times)
    assert found.shape == (50, 128)
    heard = times[np.abs(found - found[0]).max(axis=1) > 0.5]
    assert heard.min() == pytest.approx(0.6, abs=0.045) and heard.max() == pytest.approx(1.0, abs=0.045)
    assert len(heard) in (10, 11, 12)
