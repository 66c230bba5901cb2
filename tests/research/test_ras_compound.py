"""RAS: windows and frames, fusion with branches missing, compounds with a reason, training without a look at the test."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from mien.affect.space import SPACES  # noqa: E402
from mien.errors import RequestError  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.samples import Data, Sample  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.ras_compound.card import Fuse  # noqa: E402
from mien.research.systems.ras_compound.compounds import tell  # noqa: E402
from mien.research.systems.ras_compound.frames import (  # noqa: E402
    Video,
    frame_labels,
    frame_scores,
    segment_spans,
)
from mien.research.systems.ras_compound.fusion import Fusion  # noqa: E402
from mien.research.systems.ras_compound.pfsa import prototypes  # noqa: E402
from mien.research.systems.ras_compound.search import search, subsets  # noqa: E402
from mien.research.systems.ras_compound.windows import windows  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402

from .made import made  # noqa: E402

torch.set_num_threads(1)
CARD = system("ras-compound")
KINDS = Fuse.__args__
ORDER = SPACES["basic7"].labels


@given(st.floats(0, 500), st.floats(0.5, 8), st.floats(0.25, 4), st.floats(0, 3))
def test_windows_cover_all_but_a_short_tail(duration, window, hop, least):
    found = windows(duration, window=window, hop=min(hop, window), least=least)
    assert found[0][0] == 0 and found[-1][1] >= duration - max(least, 0) - 1e-9
    assert all(0 <= start <= end <= duration for start, end in found)
    assert all(later[0] <= earlier[1] for earlier, later in pairwise(found))


def test_impossible_windows_are_refused():
    for bad in (-1.0, float("nan"), float("inf")):
        with pytest.raises(RequestError, match="duration must be 0 or more"):
            windows(bad)


def test_sound_spans_end_with_the_clip():
    video = Video(5.0, 5.0)
    assert segment_spans("a.mp4", video) == {"a___0000.mp4": (1, 20), "a___0001.mp4": (11, 25)}
    assert segment_spans("a.mp4", video, official=True)["a___0001.mp4"] == (11, 26)


def test_fill_stays_inside_a_video():
    videos = {"a.mp4": Video(1.0, 2.0), "b.mp4": Video(1.0, 2.0)}
    scores = frame_scores(videos, {"a___0000.mp4": [0, 1], "b___0000.mp4": [1, 0]})
    wanted = ["a/00001.jpg", "a/00002.jpg", "a/00003.jpg", "b/00000.jpg", "b/00001.jpg"]
    assert list(frame_labels(wanted, scores).values()) == [1, 1, 1, 0, 0]
    assert list(frame_labels(wanted, scores, fill="official").values()) == [1, 1, 1, 1, 0]
    with pytest.raises(RequestError, match=r"no segment gives a label to c/00001\.jpg"):
        frame_labels([*wanted, "c/00001.jpg"], scores)
    with pytest.raises(RequestError, match=r"no video has the segment z___0000\.mp4; videos: a\.mp4, b\.mp4"):
        frame_scores(videos, {"z___0000.mp4": [1, 0]})


@pytest.mark.parametrize("kind", KINDS)
def test_weights_are_shared_by_the_branches_present(kind):
    torch.manual_seed(0)
    model = Fusion(3, 8, kind)
    answers = torch.rand(5, 3, 8).softmax(dim=2)
    present = torch.tensor([[1, 1, 1], [0, 1, 1], [0, 0, 1], [1, 0, 0], [0, 0, 0]], dtype=torch.bool)
    fused, weights = model(answers, present)
    assert (weights[~present] == 0).all()
    assert torch.allclose(weights[:4].sum(dim=1), torch.ones(4, 8), atol=1e-6)
    assert torch.allclose(fused[2], answers[2, 2]) and torch.allclose(fused[3], answers[3, 0])
    assert (fused[4] == 0).all()
    changed = torch.where(present.unsqueeze(-1), answers, torch.full_like(answers, float("nan")))
    assert torch.allclose(model(changed, present)[0], fused)


def test_only_dynamic_weights_depend_on_the_input():
    torch.manual_seed(0)
    present = torch.ones(2, 3, dtype=torch.bool)
    for kind in KINDS:
        weights = Fusion(3, 8, kind)(torch.rand(2, 3, 8), present)[1]
        assert torch.allclose(weights[0], weights[1]) == (kind != "dynamic"), kind


@pytest.mark.parametrize("settings", [{"branch": "recurrent"}, {"fuse": "dynamic"}, {"fuse": "mean"}])
def test_variants_train(settings):
    data = made(n=12, signal=2.0)
    method = assemble(CARD, CARD.configure(settings, "tiny"), data.shape())
    for precision in ("bf16", "float32"):
        how = Settings(epochs=2, quiet=True, device="cpu", precision=precision)
        fit(method, data.samples[:8], data.samples[8:], how)
    scores = method.model(collate(data.samples, data.shape())).scores
    assert torch.allclose(scores.exp().sum(dim=1), torch.ones(12), atol=1e-5)


def branches(n=200, seed=0):
    """Three random branches that answer in eight basics: the first is right, the second half of the time."""
    rng = np.random.default_rng(seed)
    samples = []
    for place in range(n):
        label = int(rng.integers(8))
        features = {}
        for name, right in (("face", 0.9), ("audio", 0.5), ("text", 0.125)):
            values = rng.random(8) * 0.5
            values[label if rng.random() < right else rng.integers(8)] += 1
            features[name] = (values / values.sum())[None].astype(np.float32)
        samples.append(Sample(str(place), f"g{place}", features, label))
    return Data("branches", SPACES["basic7"], "class", tuple(samples))


def test_fusion_learns_whom_to_believe():
    data = branches()
    shape = data.shape().__class__(data.shape().widths, "class", 8)
    config = CARD.configure({"branch": "given", "rate": 0.05, "standardise": False})
    method = assemble(CARD, config, shape)
    seen = set()
    method.model.register_forward_pre_hook(lambda _, given: seen.update(given[0].ids))
    run = fit(method, data.samples[:120], data.samples[120:160], Settings(epochs=30, quiet=True, device="cpu"))
    assert run.held == 40 and np.isfinite(run.rows[-1]["valid"]) and seen == {str(at) for at in range(160)}
    table = {name: float(np.mean(row)) for name, row in method.model.table().items()}
    assert table["face"] > table["audio"] > table["text"]
    test = data.samples[160:]
    told = method.model(collate(test, shape)).scores.argmax(dim=1).numpy()
    assert (told == [s.target for s in test]).mean() > 0.85
    alone = method.model(collate(test, shape).without("face"))
    assert torch.isfinite(alone.scores).all() and (alone.extras["weights"][:, 0] == 0).all()


def test_classes_weigh_alike_and_absent_ones_nothing():
    """n / (classes there x count) from the training part, as scikit-learn's "balanced"."""
    data = made(n=10, outputs=3)
    aims = [0] * 6 + [1] * 2 + [0] * 2
    samples = tuple(replace(s, target=aim) for s, aim in zip(data.samples, aims, strict=True))
    for settings, wanted in (({}, [10 / 16, 10 / 4, 0.0]), ({"balanced": False}, [1.0, 1.0, 1.0])):
        method = assemble(CARD, CARD.configure(settings, "tiny"), data.shape())
        fit(method, samples, (), Settings(epochs=1, quiet=True, device="cpu"))
        torch.testing.assert_close(method.model.class_weights, torch.tensor(wanted))


def test_branches_learn_first_and_then_stay_as_they_are():
    """In the fusion's stage they answer as they will be asked to: no dropout, no step, no gradient."""
    data = made(n=12)
    shape, quiet = data.shape(), Settings(quiet=True, device="cpu")
    config = CARD.configure({"dropout": 0.5, "branch_epochs": 1, "epochs": 0}, "tiny")
    method = assemble(CARD, config, shape, seed=1)
    start = {name: values.clone() for name, values in method.model.named_parameters()}
    fit(method, data.samples, (), quiet)
    learnt = {name: values.clone() for name, values in method.model.named_parameters()}
    assert {name.split(".")[0] for name in start if not torch.equal(start[name], learnt[name])} == {"branches"}
    both = assemble(CARD, replace(config, epochs=2, rate=0.1), shape, seed=1)
    fit(both, data.samples, (), quiet)
    after = dict(both.model.named_parameters())
    assert {name.split(".")[0] for name in after if not torch.equal(after[name], learnt[name])} == {"fuse"}
    batch = collate(data.samples, shape)
    output = both.model.train()(batch)
    assert torch.equal(output.scores, both.model(batch).scores), "no dropout in branches that are done"
    output.scores.logsumexp(dim=1).sum().backward()
    assert not any(output.extras[f"alone/{name}"].requires_grad for name in both.model.branches)


@pytest.mark.parametrize("loss", ["nll", "official"])
def test_the_loss_of_the_fusion_is_the_option(loss):
    assert CARD.configure().loss == "nll"
    data = made(n=8)
    method = assemble(CARD, CARD.configure({"loss": loss}, "tiny"), data.shape())
    batch = collate(data.samples, data.shape())
    output = method.model.eval()(batch)
    fused = output.extras["fused"]
    logits = fused if loss == "official" else (fused / fused.sum(dim=1, keepdim=True)).log()
    wanted = torch.nn.functional.cross_entropy(logits, batch.target)
    torch.testing.assert_close(method.losses(method.model, batch, output, method.config)["task"], wanted)


def test_a_tail_of_just_a_second_is_kept():
    assert windows(7.0)[-1] == (4.0, 7.0) and windows(5.0) == [(0.0, 4.0), (2.0, 5.0)]
    assert windows(9.0, hop=4.0) == [(0.0, 4.0), (4.0, 8.0), (8.0, 9.0)]
    assert windows(8.9, hop=4.0) == [(0.0, 4.0), (4.0, 8.0)]


def test_frames_in_two_segments_have_the_mean_of_both():
    scores = frame_scores({"a.mp4": Video(5.0, 1.0)}, {"a___0000.mp4": [1.0, 0.0], "a___0001.mp4": [0.0, 0.5]})
    assert {frame: row.tolist() for frame, row in scores.items()} == {
        "a/00001.jpg": [1.0, 0.0], "a/00002.jpg": [1.0, 0.0], "a/00003.jpg": [0.5, 0.25], "a/00004.jpg": [0.5, 0.25],
        "a/00005.jpg": [0.0, 0.5],
    }  # fmt: skip


def test_given_answers_need_the_width_of_the_classes():
    with pytest.raises(RequestError, match='branch="given" needs 3 numbers a step, one an output; text has 7'):
        assemble(CARD, CARD.configure({"branch": "given"}), made().shape())


def test_a_compound_comes_with_its_reason():
    happy = {"face": np.array([0.0, 0, 0, 0, 0.7, 0, 0.3]), "audio": np.array([0.2, 0, 0, 0, 0.1, 0, 0.7])}
    told = tell(happy, ORDER)
    assert told.compound == SPACES["cexpr7"].labels[1] and set(told.basics) == {"happiness", "surprise"}
    assert sum(told.shares.values()) == pytest.approx(1) and told.shares["face"] > told.shares["audio"]
    assert not told.abstain
    alone = tell({"audio": happy["audio"]}, ORDER, weights={"face": np.ones(7), "audio": np.full(7, 0.2)})
    assert alone.shares == {"audio": 1.0} and alone.compound == told.compound


def test_a_neutral_face_names_no_compound():
    told = tell({"face": np.array([1.0, 0, 0, 0, 0, 0, 0])}, ORDER)
    assert told.mass == 0 and told.abstain
    for neutral, abstain in ((0.6, True), (0.4, False)):
        rest = (1 - neutral) / 6
        told = tell({"face": np.array([neutral] + [rest] * 6)}, ORDER)
        assert told.mass == pytest.approx(1 - neutral) and told.abstain == abstain
        louder = tell({"face": np.array([neutral] + [rest] * 6)}, ORDER, weights={"face": np.full(7, 3.0)})
        np.testing.assert_allclose(louder.scores, told.scores)
    with pytest.raises(RequestError, match="no branch gives an answer"):
        tell({}, ORDER)


def test_prototypes_need_every_class():
    with pytest.raises(RequestError, match="no feature of fear"):
        prototypes(
            np.eye(6), [0, 1, 2, 4, 5, 6], ["neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise"]
        )


def test_groups_of_branches():
    assert len(list(subsets("abcdef"))) == 57 and len(set(subsets("abcdef"))) == 57
    assert list(subsets("abc")) == [("a", "b"), ("a", "c"), ("b", "c"), ("a", "b", "c")]


def test_search_finds_the_branches_worth_fusing():
    data = branches()
    shape = data.shape().__class__(data.shape().widths, "class", 8)
    config = CARD.configure({"branch": "given", "rate": 0.05, "standardise": False})
    settings = Settings(epochs=20, quiet=True, device="cpu", select="uar")
    found = search(data.samples[:120], data.samples[120:], shape, config, settings)
    assert {one.modalities for one in found} == set(subsets(tuple(shape.widths)))
    assert "face" in found[0].modalities and "face" not in found[-1].modalities
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    with pytest.raises(RequestError, match="needs samples to select on"):
        search(data.samples, (), shape, config, settings)
    with pytest.raises(RequestError, match="nothing to train"):
        search(data.samples[:120], data.samples[120:], shape, replace(config, fuse="mean"), settings)
    with pytest.raises(RequestError, match="needs 2 modalities or more; there are: face"):
        search(data.samples[:120], data.samples[120:], shape, replace(config, modalities=("face",)), settings)


def test_branches_left_out_are_not_read():
    data = made()
    method = assemble(CARD, CARD.configure({"modalities": "text,face"}, "tiny"), data.shape())
    batch = collate(data.samples, data.shape())
    assert list(method.model.table()) == ["text", "face"]
    method.model.eval()
    torch.testing.assert_close(method.model(batch).scores, method.model(batch.without("audio")).scores)
    with pytest.raises(RequestError, match="the data has no voice to fuse; it has: text, audio, face"):
        assemble(CARD, CARD.configure({"modalities": ("voice",)}, "tiny"), data.shape())
