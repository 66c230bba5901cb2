"""Compound emotion two ways: the four fusions, the sentence of a clip, pooled frames, folds that keep videos apart."""

from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.affect.dimensions import Dimensions  # noqa: E402
from mien.errors import DataError, RequestError  # noqa: E402
from mien.metrics import METRICS  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.samples import Data, Sample  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.textualized_compound.clip import _levels  # noqa: E402
from mien.research.systems.textualized_compound.folds import Fold, released_folds, video_folds, video_of  # noqa: E402
from mien.research.systems.textualized_compound.fusions import ChannelAttention, JointTransformer  # noqa: E402
from mien.research.systems.textualized_compound.lfan import LeaderFollower  # noqa: E402
from mien.research.systems.textualized_compound.recipe import recipe  # noqa: E402
from mien.research.systems.textualized_compound.temporal import Temporal  # noqa: E402
from mien.research.systems.textualized_compound.textualize import (  # noqa: E402
    ACTION_UNITS,
    decide,
    seconds,
    sentence,
    strongest,
)
from mien.research.systems.textualized_compound.windows import centred, chunks, main_faces  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402

from .made import made, space  # noqa: E402

torch.set_num_threads(1)
CARD = system("textualized-compound")
FUSIONS = ("lfan", "can", "jmt", "mt", "text")


def method_of(data, **settings):
    return assemble(CARD, CARD.configure(settings, "tiny"), data.shape())


def clips(n=2, steps=30, seed=0):
    rng = np.random.default_rng(seed)
    widths = {"face": 6, "audio": 4, "text": 5}
    samples = [
        Sample(str(i), f"g{i}", {m: rng.normal(size=(steps, w)).astype(np.float32) for m, w in widths.items()}, i % 2)
        for i in range(n)
    ]
    return Data("clips", space("class", 7), "class", tuple(samples))


@pytest.mark.parametrize("fusion", FUSIONS)
def test_fusions_run_and_take_what_is_missing(fusion):
    data = clips()
    method = method_of(data, fusion=fusion)
    method.model.eval()
    batch = collate(data.samples, data.shape())
    whole = method.model(batch)
    assert whole.scores.shape == (2, 7)
    if fusion != "text":
        assert whole.extras["frames"].shape == (2, 30, 7)
    for name in batch.inputs:
        lost = batch.without(name)
        spoilt = {m: v + 1000 * (~lost.masks[m]).unsqueeze(-1) for m, v in lost.inputs.items()}
        found = method.model(lost).scores
        assert torch.isfinite(found).all()
        assert torch.allclose(found, method.model(lost.__class__(**{**vars_of(lost), "inputs": spoilt})).scores)
        reads = (fusion != "text" and not (fusion in ("jmt", "mt") and name == "text")) or fusion == name
        assert torch.allclose(found, whole.scores, atol=1e-6) != reads, name


def vars_of(batch):
    return {name: getattr(batch, name) for name in batch.__slots__}


@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize("weighing", ["clips", "frames"])
def test_fusions_train_and_do_not_depend_on_neighbours(fusion, weighing):
    data = made(n=8)
    method = method_of(data, fusion=fusion, weighing=weighing)
    fit(method, data.samples[:4], data.samples[4:], Settings(epochs=2, quiet=True, device="cpu"))
    method.model.eval()
    whole = method.model(collate(data.samples, data.shape())).scores
    alone = torch.cat([method.model(collate([sample], data.shape())).scores for sample in data.samples])
    assert torch.allclose(whole, alone, atol=1e-5)


def test_released_stack_mixes_clips():
    data = made(n=4)
    for stack, apart in (("elements", True), ("released", False)):
        model = method_of(data, fusion="jmt", stack=stack).model.eval()
        whole = model(collate(data.samples, data.shape())).scores
        alone = torch.cat([model(collate([sample], data.shape())).scores for sample in data.samples])
        assert torch.allclose(whole, alone, atol=1e-5) == apart


def test_a_frame_knows_no_later_frame():
    data = clips()
    model = method_of(data).model.eval()
    batch = collate(data.samples, data.shape())
    later = {name: values.clone() for name, values in batch.inputs.items()}
    for values in later.values():
        values[:, 20:] += 5
    changed = batch.__class__(**{**vars_of(batch), "inputs": later})
    one, other = model(batch).extras["frames"], model(changed).extras["frames"]
    assert torch.allclose(one[:, :20], other[:, :20], atol=1e-6) and not torch.allclose(one[:, 20:], other[:, 20:])


def test_wrong_requests_are_named():
    with pytest.raises(RequestError, match="jmt reads two modalities besides text"):
        method_of(made(modalities=("text", "audio")), fusion="jmt")
    with pytest.raises(RequestError, match="no modality 'signal' to lead"):
        method_of(made(), leader="signal")
    with pytest.raises(RequestError, match='fusion="text" reads text'):
        method_of(made(modalities=("audio",)), fusion="text")
    with pytest.raises(RequestError, match="heads 3 do not divide modal 8"):
        method_of(made(), heads=3)


def test_published_schedule_falls_every_fifty_epochs():
    stage = recipe(CARD.configure(preset="replicate-lfan")).stages[0]
    assert stage.groups[0].kind == "sgd" and stage.epochs == 1000
    assert stage.groups[0].options == {"momentum": 0.9, "nesterov": True}
    assert [stage.schedule(at / 1000) for at in (0, 49, 50, 100)] == pytest.approx([1, 1, 0.9, 0.81])
    assert stage.schedule(1.0) * stage.groups[0].rate >= 1e-7


UNITS = dict.fromkeys(ACTION_UNITS, 0.1)
FACES = {"anger": 0.1, "happiness": 0.9, "neutral": 0.4, "surprise": 0.4}


@pytest.mark.parametrize("modalities", ["T", "V", "A", "TV", "TA", "VA", "TVA"])
def test_sentence_of_any_modalities(modalities):
    told = decide({**UNITS, "AU12": 0.8}, FACES, {"Valence": 0.7, "Arousal": 0.2}, [(0.5, "Joy"), (0.3, "Doubt")])
    text = sentence(told, "so good", modalities=modalities)
    assert ("so good" in text) == ("T" in modalities)
    assert ("lip corner puller; looks like happiness, neutral, surprise" in text) == ("V" in modalities)
    assert ("high joy, low doubt; valence high, arousal low" in text) == ("A" in modalities)
    assert "valence 0.7" in sentence(told, modalities="A", as_levels=False)
    with pytest.raises(RequestError, match="modalities must be letters of T"):
        sentence(told, modalities="X")


def test_a_still_face_is_still_a_face():
    told = decide(UNITS, FACES)
    assert not told.no_face and told.emotions[0] == "happiness"
    assert sentence(told, modalities="V").startswith("Face: no active muscle; looks like happiness")
    assert decide(UNITS, FACES, no_au_as_no_face=True).no_face
    assert sentence(decide(None, None), modalities="VA") == "Face: none seen. Voice: no speech."
    unmeasured = sentence(decide(None, FACES), modalities="V")
    assert unmeasured == "Face: looks like happiness, neutral, surprise.", "no action is made up"


def test_prosody_near_a_clip():
    heard = [(0.0, 1.0, 0.9, "far"), (3.5, 5.0, 0.2, "before"), (6.0, 7.0, 0.4, "in"), (9.5, 11.0, 0.3, "after")]
    assert strongest(heard, 6.0, 8.0) == ((0.4, "in"), (0.3, "after"), (0.2, "before"))
    assert strongest(heard, 6.0, 8.0, count=1) == ((0.4, "in"),)


def test_times():
    assert seconds("00:01:02") == 62 and seconds("00:10:59.9") == pytest.approx(659.9)
    with pytest.raises(RequestError, match="a time must be"):
        seconds("1.5 s")


def test_pooled_frames():
    frames = np.arange(7.0)[:, None]
    assert chunks(frames, 3).ravel().tolist() == [2, 5, 6] and centred(frames, 4).ravel().tolist() == [
        2,
        3,
        4,
        5,
        6,
        6,
        6,
    ]
    assert main_faces(np.array([0, 0, 1, 1]), np.array([0.2, 0.9, 0.5, 0.5])).tolist() == [1, 2]
    with pytest.raises(RequestError, match="frames must be"):
        chunks(np.zeros((0, 3)))


def test_released_folds_tell_what_they_share(tmp_path):
    folder = tmp_path / "split-0"
    folder.mkdir()
    (folder / "train.txt").write_text("Sadly-Fearful/12_Sadly-Fearful_1,5\nX/26_X_3,0\n")
    for name in ("val", "test"):
        (folder / f"{name}.txt").write_text("Y/12_Y_0,2\nY/13_Y_0,2\n")
    fold = released_folds(tmp_path)[0]
    assert fold.train == {"Sadly-Fearful/12_Sadly-Fearful_1": 5, "X/26_X_3": 0}
    told = fold.overlap.sentence
    assert told == "0 clips and 1 of 2 validation videos are also in training; the test part is the validation part"
    (folder / "val.txt").write_text("nonsense\n")
    with pytest.raises(DataError, match="expected clip,class"):
        released_folds(tmp_path)
    with pytest.raises(DataError, match="no folds"):
        released_folds(folder)


def test_video_folds_keep_videos_apart():
    names = {f"C/{video:02d}_C_{clip}": clip % 3 for video in range(12) for clip in range(video % 3 + 1)}
    folds = video_folds(names, seed=1)
    tested = [clip for fold in folds for clip in fold.test]
    assert sorted(tested) == sorted(names)
    for fold in folds:
        assert isinstance(fold, Fold) and fold.overlap.shared_videos == 0 and not fold.overlap.same_test
        assert not {video_of(c) for c in fold.test} & {video_of(c) for c in (*fold.train, *fold.valid)}
    with pytest.raises(RequestError, match="allowed 3 to 12"):
        video_folds(names, count=13)


def test_textualized_rows_are_learnt_through_a_random_bert():
    """Twenty sentences, the vectors of a tiny untrained text model, the text branch on top."""
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    bert = transformers.BertModel(
        transformers.BertConfig(
            vocab_size=128, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
        )
    ).eval()
    rng = np.random.default_rng(0)
    samples = []
    for place in range(20):
        label = place % 2
        told = decide(
            {**UNITS, "AU12" if label else "AU04": 0.9}, {"happiness" if label else "anger": 0.8, "neutral": 0.2}
        )
        text = sentence(told, f"word {rng.integers(9)}")
        ids = torch.tensor([[ord(letter) % 128 for letter in text[:64]]])
        with torch.no_grad():
            vectors = bert(ids).last_hidden_state[0].numpy()
        samples.append(Sample(str(place), f"v{place}", {"text": vectors}, label, words=text))
    data = Data("rows", space("class", 2), "class", tuple(samples))
    method = method_of(data, fusion="text", width=16, rate=3e-3)
    fit(method, samples[:12], samples[12:16], Settings(epochs=30, quiet=True, device="cpu"))
    told = method.model.eval()(collate(samples[16:], data.shape())).scores.argmax(dim=1).tolist()
    assert METRICS["weighted_f1"]([sample.target for sample in samples[16:]], told) == 1


def test_released_networks_have_their_own_widths_and_dropout():
    """LFAN by its own table; CAN, JMT and MT by tcn_settings, with the blocks' default dropout (configs.py @ead10a7)."""
    data = made(modalities=("face", "audio"), n=4)
    widths = {"lfan": ([256, 256, 128, 128], [64, 64, 32, 32], 0.1), "can": ([256, 256, 128, 128], None, 0.2)}
    widths |= dict.fromkeys(("jmt", "mt"), ([256, 256, 128, 128, 128], None, 0.2))
    for fusion, (face, audio, dropout) in widths.items():
        model = assemble(CARD, CARD.configure(preset=f"replicate-{fusion}"), data.shape()).model
        for name, wanted in (("face", face), ("audio", audio or [128, 128, 64, 64])):
            blocks = model.temporal[name].blocks
            assert [block.second.out_channels for block in blocks] == wanted
            assert {block.drop.p for block in blocks} == {dropout}


def test_temporal_convolutions_are_their_equations():
    """Dilation 1, 2, 4; two convolutions cut at the right, LeakyReLU after each and after the sum with the shortcut."""
    torch.manual_seed(0)
    net = Temporal(5, (6, 6, 4), 3, 0.1).eval()
    conv, leaky = torch.nn.functional.conv1d, torch.nn.functional.leaky_relu
    x = torch.randn(2, 20, 5)
    told = x.transpose(1, 2)
    for at, block in enumerate(net.blocks):
        found = told
        for layer in (block.first, block.second):
            whole = conv(found, layer.weight, layer.bias, padding=2 * 2**at, dilation=2**at)
            found = leaky(whole[..., : -2 * 2**at])
        short = told if at == 1 else conv(told, block.shortcut.weight, block.shortcut.bias)
        told = leaky(found + short)
    wanted = net.norm(told.transpose(1, 2).flatten(0, 1), torch.ones(40, dtype=torch.bool)).view(2, 20, 4)
    torch.testing.assert_close(net(x, torch.ones(2, 20, dtype=torch.bool)), wanted)


def test_followers_attend_to_what_is_seen_alone():
    torch.manual_seed(0)
    net = LeaderFollower({"face": 4, "audio": 3, "text": 3}, 6, 2).eval()
    values = {"face": torch.randn(2, 5, 4), "audio": torch.randn(2, 5, 3), "text": torch.randn(2, 5, 3)}
    seen = {name: torch.ones(2, 5, dtype=torch.bool) for name in values} | {
        "audio": torch.zeros(2, 5, dtype=torch.bool)
    }
    net.out, net.norm = torch.nn.Identity(), torch.nn.Identity()

    def others(given):
        return net(given, seen).view(2, 5, 2, 3, 3)[:, :, :, [0, 2]]

    torch.testing.assert_close(others(values), others(values | {"audio": values["audio"] + 5}))


def test_channel_attention_is_one_softmax_over_modalities_and_channels():
    torch.manual_seed(0)
    net = ChannelAttention({"face": 4, "audio": 3}, 5)
    values = {"face": torch.randn(2, 3, 4), "audio": torch.randn(2, 3, 3)}
    told = torch.cat([net.project[name](one) for name, one in values.items()], dim=-1)
    weights = net.weigh(told).softmax(dim=-1)
    torch.testing.assert_close(net(values, {}), weights * told)
    torch.testing.assert_close(weights.sum(dim=-1), torch.ones(2, 3))


def test_the_released_stack_keeps_its_last_element():
    """Joint stream asks audio: what the other pairs say does not matter."""
    torch.manual_seed(0)
    values, seen = {}, {}
    for name, width in (("face", 4), ("audio", 3)):
        values[name], seen[name] = torch.randn(2, 3, width), torch.ones(2, 3, dtype=torch.bool)
    for stack, counts in (("released", [5]), ("elements", [0, 1, 2, 3, 4, 5])):
        net = JointTransformer({"face": 4, "audio": 3}, 6, joint=True, stack=stack).eval()
        usual, matters = net(values, seen), []
        for at, attend in enumerate(net.cross):
            kept = attend.out.bias.data.clone()
            attend.out.bias.data += torch.randn(6)
            if not torch.allclose(net(values, seen), usual, atol=1e-6):
                matters.append(at)
            attend.out.bias.data = kept
        assert matters == counts


def test_clips_weigh_alike_unless_frames_do():
    data = made(modalities=("face", "audio"), n=8)
    for weighing in ("clips", "frames"):
        method = method_of(data, weighing=weighing)
        batch = collate(data.samples, data.shape())
        output = method.model.eval()(batch)
        frames, steps = output.extras["frames"], output.extras["steps"]
        each = torch.nn.functional.cross_entropy(
            frames.transpose(1, 2), batch.target[:, None].expand(steps.shape), reduction="none"
        )
        clips = torch.stack([row[real].mean() for row, real in zip(each, steps, strict=True)]).mean()
        wanted = clips if weighing == "clips" else each[steps].mean()
        torch.testing.assert_close(method.losses(method.model, batch, output, method.config)["task"], wanted)
        assert not torch.isclose(clips, each[steps].mean())


def test_shared_videos_are_counted_of_those_of_validation():
    train = {f"Sadly-Angry/{video}_Sadly-Angry_1": 6 for video in (1, 2, 3, 4)}
    fold = Fold(train, {"Sadly-Angry/4_Sadly-Angry_2": 6, "Sadly-Angry/5_Sadly-Angry_1": 6}, {})
    assert (fold.overlap.clips, fold.overlap.shared_videos, fold.overlap.videos, fold.overlap.same_test) == (
        0,
        1,
        2,
        False,
    )
    assert fold.overlap.sentence == "0 clips and 1 of 2 validation videos are also in training"


def test_valence_and_arousal_of_a_clip_are_told_from_nought_to_one():
    heard = SimpleNamespace(dimensions=Dimensions(-0.5, 0.2, None, ()))
    assert _levels(heard) == pytest.approx({"valence": 0.25, "arousal": 0.6})
    assert decide(None, None, _levels(heard)).levels == {"valence": "low", "arousal": "high"}
