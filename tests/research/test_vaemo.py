"""VAEmo beyond what every system keeps to: masking, the toy stages, descriptions, speakers."""

import dataclasses
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.errors import DataError, RequestError  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.samples import Data, Sample  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.vaemo.captions import embeddings, hashed, read_captions  # noqa: E402
from mien.research.systems.vaemo.contrast import info_nce, normalised_target, reconstruction, retrieval  # noqa: E402
from mien.research.systems.vaemo.losses import described as second_stage  # noqa: E402
from mien.research.systems.vaemo.losses import unlabelled  # noqa: E402
from mien.research.systems.vaemo.recipe import one_per_speaker  # noqa: E402
from mien.research.systems.vaemo.tokens import draw_hidden, patches, tubelets  # noqa: E402
from mien.research.training.checkpoint import save_pretrained  # noqa: E402
from mien.research.training.feed import Feed  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402

from .made import made, space  # noqa: E402

torch.set_num_threads(1)
CARD = system("vaemo")
QUIET = Settings(quiet=True, device="cpu")


def method(data, **settings):
    return assemble(CARD, CARD.configure(settings, "tiny"), data.shape())


def batch_of(data):
    return collate(data.samples, data.shape(), range(len(data.samples)))


def clips(n=32):
    """A tone whose pitch is the place of a square that moves: what is heard tells what is seen."""
    rng = np.random.default_rng(0)
    samples = []
    for at in range(n):
        frames = rng.normal(0, 0.1, (4, 32, 32))
        log_mel = rng.normal(0, 0.1, (32, 64))
        row, column = divmod(at % 32, 8)
        for step in range(4):
            frames[step, row * 6 + step : row * 6 + step + 8, column * 3 : column * 3 + 8] += 2
        log_mel[:, 2 * (at % 32)] += 4
        features = {"face": tubelets(frames), "audio": patches(log_mel)}
        samples.append(Sample(f"c{at}", f"g{at}", features, at % 4, speaker=f"p{at}"))
    return Data("clips", space("class", 4), "class", tuple(samples))


def top1(one, data):
    one.model.eval()
    batch = batch_of(data)
    with torch.no_grad():
        return retrieval(one.model.embed(batch, ["face"]), one.model.embed(batch, ["audio"]))


def test_tubelets_and_patches_keep_every_pixel_at_its_place():
    frames = np.arange(4 * 32 * 48).reshape(4, 32, 48)
    found = tubelets(frames)
    assert found.shape == (2 * 2 * 3, 2 * 16 * 16)
    assert (found[4].reshape(2, 16, 16) == frames[:2, 16:32, 16:32]).all()
    assert tubelets(np.zeros((2, 16, 16, 3))).shape == (1, 1536)
    log_mel = np.arange(40 * 128).reshape(40, 128)
    assert (patches(log_mel)[9].reshape(16, 16) == log_mel[16:32, 16:32]).all()
    assert len(patches(log_mel)) == 2 * 8
    with pytest.raises(ValueError, match="no tubelet of 2 x 16 x 16"):
        tubelets(np.zeros((1, 16, 16)))


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75, 0.9])
def test_exactly_the_share_is_hidden(share):
    lengths = torch.tensor([0, 1, 2, 7, 20, 40])
    mask = torch.arange(40) < lengths.unsqueeze(1)
    hidden = draw_hidden(mask, share, torch.Generator().manual_seed(1))
    wanted = [min(int(n * share + 0.5), max(n - 1, 0)) for n in lengths.tolist()]
    assert hidden.sum(dim=1).tolist() == wanted
    assert not (hidden & ~mask).any()


def test_hidden_tokens_are_drawn_evenly():
    mask = torch.ones(4000, 8, dtype=torch.bool)
    share = draw_hidden(mask, 0.5, torch.Generator().manual_seed(0)).float().mean(dim=0)
    assert (share - 0.5).abs().max() < 0.04


def test_visible_patches_get_no_gradient():
    told = torch.randn(2, 4, 3, requires_grad=True)
    hidden = torch.tensor([[True, False, True, False], [False, False, False, True]])
    reconstruction(told, torch.randn(2, 4, 3), hidden).backward()
    assert (told.grad[~hidden] == 0).all() and (told.grad[hidden] != 0).any()


def test_the_encoder_never_sees_hidden_tokens():
    data = made("class", n=4)
    model = method(data).model.eval()
    batch = batch_of(data)
    hidden, visible = model.mask(batch)
    other = dataclasses.replace(
        batch, inputs={k: torch.where(hidden[k].unsqueeze(-1), v + 100, v) for k, v in batch.inputs.items()}
    )
    for name, told in model.reconstruct(batch, visible).items():
        torch.testing.assert_close(told, model.reconstruct(other, visible)[name])


def test_nothing_hidden_is_loss_zero():
    told = torch.randn(2, 4, 3, requires_grad=True)
    loss = reconstruction(told, torch.randn(2, 4, 3), torch.zeros(2, 4, dtype=torch.bool))
    loss.backward()
    assert loss.item() == 0 and torch.isfinite(told.grad).all()


def test_a_patch_of_one_number_is_its_own_target():
    assert torch.equal(normalised_target(torch.ones(2, 3, 1)), torch.ones(2, 3, 1))


def test_a_clip_alone_teaches_nothing():
    assert info_nce(torch.randn(1, 4), torch.randn(1, 4)).item() == 0
    with pytest.raises(RequestError, match="needs batch=2"):
        method(made(), batch=1)
    data = made(n=6)
    with pytest.raises(RequestError, match="2 at least, got 1"):
        fit(method(data), data.samples, (), dataclasses.replace(QUIET, batch=1))


@pytest.fixture(scope="module")
def taught():
    data = clips()
    one = method(
        data,
        hidden=32,
        heads=4,
        decoder_hidden=16,
        contrast=1.0,
        temperature=0.1,
        pretrain_epochs=200,
        epochs=0,
        rate=2e-3,
        text_width=64,
    )
    fit(one, data.samples, (), dataclasses.replace(QUIET, batch=32))
    return one, data


def test_what_is_seen_finds_what_is_heard_without_labels(taught):
    one, data = taught
    assert top1(method(data, hidden=32, heads=4), data) <= 3 / 32
    assert top1(one, data) > 3 / 32


def described(tmp_path, data, **more):
    told = ["calm and slow, at ease", "furious shouting", "trembling, afraid of it", "laughs with joy"]
    path = tmp_path / "captions.jsonl"
    lines = [
        {"id": s.id, "description": told[s.target], "prompt": "Describe the person.", "model": "m", **more}
        for s in data.samples
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return path, told


def test_descriptions_are_learnt_and_pairs_not_forgotten(taught, tmp_path):
    first, data = taught
    path, told = described(tmp_path, data)
    one = method(
        data, hidden=32, heads=4, decoder_hidden=16, contrast=1.0, temperature=0.1, pretrain_epochs=0, descriptions=str(path),
        describe_epochs=30, epochs=0, rate=2e-3, text_width=64, keep=1.0, batch=32,
    )  # fmt: skip
    one.model.load_state_dict(first.model.state_dict(), strict=False)
    text = torch.from_numpy(np.stack([hashed(line, 64) for line in told]))
    aim = torch.tensor([s.target for s in data.samples])

    def found():
        one.model.eval()
        with torch.no_grad():
            seen = torch.nn.functional.normalize(one.model.embed(batch_of(data), ["face"]), dim=1)
            said = torch.nn.functional.normalize(one.model.meet(torch.nn.functional.normalize(text, dim=1)), dim=1)
        return ((seen @ said.T).argmax(dim=1) == aim).float().mean().item()

    fit(one, data.samples, data_like(data), QUIET)
    assert found() > 0.5
    assert top1(one, data) > 3 / 32
    assert not len(one.model.captions), "descriptions do not stay in the model"


def data_like(data):
    """Validation clips, which have no description."""
    return [dataclasses.replace(s, id=f"v{s.id}", group=f"v{s.group}") for s in data.samples[:8]]


def some_without(data):
    """The voice of the first clips is missing, and the face of the last ones."""
    lost = {
        **dict.fromkeys(range(3), "audio"),
        **dict.fromkeys(range(len(data.samples) - 2, len(data.samples)), "face"),
    }
    samples = [
        dataclasses.replace(s, features={k: v for k, v in s.features.items() if k != lost.get(at)})
        for at, s in enumerate(data.samples)
    ]
    return dataclasses.replace(data, samples=tuple(samples))


def test_terms_of_the_first_stage_are_those_of_the_card():
    """L_rec of each modality + .1 L_con, the contrast over the clips that have both."""
    data = some_without(clips(12))
    one = method(data)
    batch = batch_of(data)
    model = one.model.eval()
    terms = unlabelled(model, batch, None, one.config)
    hidden, visible = model.mask(batch)
    told = model.reconstruct(batch, visible)
    for name in ("face", "audio"):
        torch.testing.assert_close(
            terms[f"rebuild/{name}"], reconstruction(told[name], model.targets(batch)[name], hidden[name])
        )
    both = slice(3, 10)
    seen, heard = (model.embed(batch, [name], visible)[both] for name in ("face", "audio"))
    (name,) = [name for name in terms if name.startswith("contrast")]
    torch.testing.assert_close(terms[name], 0.1 * info_nce(seen, heard, 0.07))
    assert set(terms) == {name, "rebuild/face", "rebuild/audio"}


@pytest.mark.parametrize("paths", ["dual", "fused", "both"])
def test_terms_of_the_second_stage_are_those_of_the_card(paths):
    """The mean over paths, each over the clips that have a description and the modality, and a tenth of stage one."""
    data = some_without(clips(12))
    one = method(data, descriptions="unread.jsonl", paths=paths, text_width=16)
    batch = batch_of(data)
    model = one.model.eval()
    captions = torch.nn.functional.normalize(torch.randn(12, 16), dim=1)
    captions[[5, 6]] = 0
    model.captions = captions
    terms = second_stage(model, batch, None, one.config)
    there = {
        "face": [0, 1, 2, 3, 4, 7, 8, 9],
        "audio": [3, 4, 7, 8, 9, 10, 11],
        "fused": [0, 1, 2, 3, 4, 7, 8, 9, 10, 11],
    }
    names = {"dual": ("face", "audio"), "fused": ("fused",), "both": ("face", "audio", "fused")}[paths]
    text = model.meet(captions)
    for name in names:
        own = model.embed(batch, model.names if name == "fused" else [name])[there[name]]
        torch.testing.assert_close(terms[f"text/{name}"], info_nce(own, text[there[name]], 0.07) / len(names))
    for name, value in unlabelled(model, batch, None, one.config).items():
        torch.testing.assert_close(terms[f"kept {name}"], 0.1 * value)


@pytest.mark.parametrize("paths", ["dual", "fused", "both"])
def test_paths_to_the_text(paths, tmp_path):
    data = clips(8)
    path, _ = described(tmp_path, data)
    one = method(data, descriptions=str(path), paths=paths, pretrain_epochs=1, describe_epochs=2, epochs=1)
    rows = [row for row in fit(one, data.samples, (), QUIET).rows if row["stage"] == "described"]
    terms = {name for row in rows for name in row if name.startswith("text/")}
    assert terms == {
        f"text/{name}"
        for name in {"dual": ("face", "audio"), "fused": ("fused",), "both": ("face", "audio", "fused")}[paths]
    }
    assert all(row[name] > 0 for row in rows for name in terms)


def test_vaemo_4_one_state_serves_each_modality_alone_and_both(tmp_path):
    data = clips(8)
    one = method(data, epochs=2)
    fit(one, data.samples, (), QUIET)
    batch = batch_of(data)
    answers = {lost: one.model(batch.without(lost) if lost else batch) for lost in ("", "face", "audio")}
    for lost, output in answers.items():
        assert torch.isfinite(output.scores).all()
        assert {name: bool(used.all()) for name, used in output.extras.items()} == {
            "used/face": lost != "face", "used/audio": lost != "audio",
        }  # fmt: skip
    assert not torch.equal(answers[""].scores, answers["face"].scores)
    save_pretrained(tmp_path / "one", one, data.space)
    count = sum(values.numel() for values in one.model.parameters())
    assert f"{count:,} parameters" in (tmp_path / "one" / "README.md").read_text()


def test_labels_are_not_read_in_the_first_stage():
    data = made()
    one = method(data)
    one.model.eval()
    batch = batch_of(data)
    other = dataclasses.replace(batch, target=(batch.target + 1) % 3)
    for name, term in unlabelled(one.model, batch, None, one.config).items():
        assert torch.equal(term, unlabelled(one.model, other, None, one.config)[name])


def speakers(names):
    base = made(n=len(names))
    samples = [dataclasses.replace(s, speaker=name) for s, name in zip(base.samples, names, strict=True)]
    return Feed(samples, base.shape(), training=True)


@pytest.mark.parametrize("size", [2, 3, 8])
@pytest.mark.parametrize("seed", range(3))
def test_no_batch_holds_two_clips_of_one_speaker(size, seed):
    names = ["a"] * 5 + ["b"] * 3 + ["c", "d", "", "", "e", "e"]
    batches = one_per_speaker(speakers(names), size, np.random.default_rng(seed))
    for rows in batches:
        told = [names[row] for row in rows if names[row]]
        assert len(told) == len(set(told)) and len(rows) <= size
    assert sorted(row for rows in batches for row in rows) == list(range(len(names)))


def test_clips_of_one_speaker_cannot_be_contrasted():
    with pytest.raises(DataError, match="one_speaker=false"):
        one_per_speaker(speakers(["a"] * 6), 4, np.random.default_rng(0))


def test_layers_far_from_the_answer_move_slower():
    data = made()
    groups = method(data, layer_decay=0.5, rate=1.0).recipe.stages[-1].groups
    rates = {group.prefixes: group.rate for group in groups}
    assert rates == {("project.", "kinds."): 0.125, ("encoder.layers.0.",): 0.25, ("encoder.layers.1.",): 0.5, (): 1.0}
    fit(method(data, layer_decay=0.5), data.samples, (), QUIET)


def test_probe_moves_the_answer_layer_alone():
    data = made()
    one = method(data, probe=True, pretrain_epochs=0, standardise=False)
    before = {name: values.clone() for name, values in one.model.named_parameters()}
    fit(one, data.samples, (), QUIET)
    moved = {name for name, values in one.model.named_parameters() if not torch.equal(values, before[name])}
    assert moved == {"head.weight", "head.bias"}


def write(tmp_path, *lines):
    path = tmp_path / "c.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return path


GOOD = {"id": "s0", "description": "a calm voice", "prompt": "p", "model": "m"}


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["nonsense"], "row 1.*id, description, prompt, model"),
        ([GOOD, {**GOOD, "id": "s1", "model": ""}], "row 2.*id, description, prompt, model"),
        ([GOOD, GOOD], "row 2.*second description of 's0'"),
        ([GOOD, {**GOOD, "id": "s1", "prompt": "This clip is angry."}], "one_prompt=false"),
        ([{**GOOD, "embedding": [1, "a"]}], "row 1.*finite numbers"),
        ([{**GOOD, "embedding": [[1.0]]}], "row 1.*finite numbers"),
        ([""], "holds no description"),
    ],
)
def test_descriptions_that_are_refused(lines, why, tmp_path):
    with pytest.raises(DataError, match=f"(?s){why}".replace("row ", "(row|line) ?")):
        read_captions(write(tmp_path, *lines))


def test_embeddings_of_descriptions(tmp_path):
    path = write(tmp_path, {**GOOD, "embedding": [3.0, 4.0]})
    captions = read_captions(path)
    np.testing.assert_allclose(embeddings(captions, ["s9", "s0"], 2, path), [[0, 0], [0.6, 0.8]], rtol=1e-6)
    with pytest.raises(DataError, match="has 2 numbers, text_width is 8"):
        embeddings(captions, ["s0"], 8, path)
    with pytest.raises(DataError, match="none of the 1 training clips; their ids are like 's9'"):
        embeddings(captions, ["s9"], 2, path)
    mixed = read_captions(write(tmp_path, GOOD, {**GOOD, "id": "s1", "embedding": [1.0]}))
    with pytest.raises(DataError, match="1 of 2 lines have no embedding"):
        embeddings(mixed, ["s0"], 8, path)
    assert not hashed("", 8).any() and (hashed("Calm, calm!", 8) == hashed("calm calm", 8)).all()


def test_rare_classes_weigh_more():
    data = made(n=12, outputs=2)
    lone = dataclasses.replace(data, samples=tuple(s for s in data.samples if s.target or s.id in ("s0", "s2")))
    one = method(lone, balanced=True, pretrain_epochs=0)
    fit(one, lone.samples, (), QUIET)
    torch.testing.assert_close(one.model.weigh.weights, torch.tensor([8 / 4, 8 / 12]))
    with pytest.raises(RequestError, match="balanced=true needs the task class"):
        method(made("value"), balanced=True)
