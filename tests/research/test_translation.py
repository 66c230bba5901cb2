"""MCTN: text alone answers, translations are learnt with it; MAG: what is heard and seen shifts words, within bounds."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from mien.errors import RequestError  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.mag.gate import Gate  # noqa: E402
from mien.research.systems.mctn.model import translation_order  # noqa: E402
from mien.research.systems.mctn.translator import Translator  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402

from .made import made, without  # noqa: E402

torch.set_num_threads(1)


def method_of(name, data, **settings):
    card = system(name)
    return assemble(card, card.configure(settings, "tiny"), data.shape())


def batch_of(data):
    return collate(data.samples, data.shape())


def terms_of(method, batch):
    method.model.eval()
    with torch.no_grad():
        return method.losses(method.model, batch, method.model(batch), method.config)


def test_order_of_translation():
    assert translation_order(["audio", "text", "face"]) == ("text", "face", "audio")
    assert translation_order(["audio", "face"]) == ("face", "audio")
    assert translation_order(["signal", "audio", "text"], "audio") == ("audio", "signal", "text")
    with pytest.raises(RequestError, match="no modality 'voice' to read; it has: audio, text"):
        translation_order(["audio", "text"], "voice")


def test_the_source_alone_answers():
    data = made()
    method = method_of("mctn", data)
    method.model.eval()
    batch = batch_of(data)
    torch.testing.assert_close(method.model(batch).scores, method.model(batch.without("audio", "face")).scores)
    assert not torch.allclose(method.model(batch).scores, method.model(batch.without("text")).scores)


def test_an_absent_target_is_not_translated_into():
    data = without(made(), lambda place, modality: modality == "face" and place % 2 == 0)
    method = method_of("mctn", data)
    batch = batch_of(data)
    loud = dataclasses.replace(batch, inputs={**batch.inputs, "face": batch.inputs["face"].clone()})
    loud.inputs["face"][::2] = 1e3
    one, other = terms_of(method, batch), terms_of(method, loud)
    assert set(one) == {"task", "into/face", "into/audio", "back"}
    assert all(torch.allclose(one[name], other[name]) for name in one)
    assert terms_of(method, batch.without("face"))["into/face"] == 0
    assert terms_of(method, batch.without("text"))["back"] == 0


def test_one_modality_is_read_and_not_translated():
    data = made(modalities=("audio",))
    assert set(terms_of(method_of("mctn", data), batch_of(data))) == {"task"}


def test_a_translation_is_learnt():
    """Faces that say what the words say are told far better than by their mean, which costs 1."""
    data = made(n=24, modalities=("text", "face"))
    rng = np.random.default_rng(1)
    turn = rng.normal(size=(7, 6)).astype(np.float32)
    samples = [dataclasses.replace(s, features={**s.features, "face": s.features["text"] @ turn}) for s in data.samples]
    data = dataclasses.replace(data, samples=tuple(samples))
    method = method_of("mctn", data, hidden=24, translation=1.0, rate=2e-2, batch=8)
    fit(method, data.samples, (), Settings(epochs=80, quiet=True, device="cpu"))
    assert terms_of(method, batch_of(data))["into/face"] < 0.6


def test_the_decoder_is_taught_in_training_only():
    """With the truth at hand its steps follow the truth; without, what is true does not matter."""
    torch.manual_seed(0)
    translator = Translator(3, 2, 4, 0.0)
    mask = torch.ones(2, 5, dtype=torch.bool)
    joint, start = translator.encode(torch.randn(2, 5, 3), mask)
    truth, other = torch.randn(2, 4, 2), torch.randn(2, 4, 2)
    told = [translator.decode(joint, mask, start, 4, one, 1.0) for one in (truth, other)]
    torch.testing.assert_close(told[0][:, 0], told[1][:, 0])
    assert not torch.allclose(told[0][:, 1:], told[1][:, 1:])
    alone = [translator.decode(joint, mask, start, 4, one, 0.0) for one in (truth, other, None)]
    assert torch.equal(alone[0], alone[1]) and torch.equal(alone[0], alone[2])
    data = made()
    method = method_of("mctn", data, teacher=1.0)
    batch = batch_of(data)
    assert torch.equal(terms_of(method, batch)["into/face"], terms_of(method, batch)["into/face"])


def test_a_word_is_shifted_by_no_more_than_its_own_length():
    torch.manual_seed(0)
    gate = Gate(4, {"audio": 3}, 0.5, 0.0)
    gate.norm = torch.nn.Identity()
    words, audio = torch.randn(2, 5, 4), 100 * torch.randn(2, 5, 3)
    mask = torch.ones(2, 5, dtype=torch.bool)
    mask[1] = False
    shift = gate(words, {"audio": audio}, {"audio": mask}) - words
    length, longest = shift.norm(dim=-1), 0.5 * words.norm(dim=-1)
    assert (length <= longest * (1 + 1e-5)).all() and length[0].max() > 0
    assert (shift[1] == 0).all(), "what is not there shifts nothing"


def test_a_small_shift_is_taken_whole():
    torch.manual_seed(0)
    gate = Gate(4, {"audio": 3}, 1.0, 0.0)
    gate.norm = torch.nn.Identity()
    words, audio = torch.randn(1, 2, 4), 1e-2 * torch.randn(1, 2, 3)
    with torch.no_grad():
        gate.move["audio"].bias.zero_()
        weight = gate.weigh["audio"](torch.cat([audio, words], dim=-1)).relu()
        expected = words + weight * gate.move["audio"](audio)
    found = gate(words, {"audio": audio}, {"audio": torch.ones(1, 2, dtype=torch.bool)})
    torch.testing.assert_close(found, expected)


def test_a_word_is_normalised_after_it_is_shifted():
    torch.manual_seed(0)
    gate = Gate(4, {"audio": 3}, 1.0, 0.0).eval()
    words, audio, mask = torch.randn(1, 2, 4), torch.randn(1, 2, 3), torch.ones(1, 2, dtype=torch.bool)
    norm, gate.norm = gate.norm, torch.nn.Identity()
    shifted = gate(words, {"audio": audio}, {"audio": mask})
    gate.norm = norm
    torch.testing.assert_close(gate(words, {"audio": audio}, {"audio": mask}), norm(shifted))


@pytest.mark.parametrize("settings", [{"before": 1, "after": 1}, {"after": 0}])
def test_mag_layers_before_and_after_the_gate(settings):
    data = made()
    model = method_of("mag", data, **settings).model
    assert torch.isfinite(model(batch_of(data)).scores).all()
    assert (model.before is None) == (not settings.get("before")) and (model.after is None) == (not settings["after"])


def test_mag_options():
    with pytest.raises(RequestError, match="mag needs text; the data has no text"):
        method_of("mag", made(modalities=("audio",)))
    with pytest.raises(RequestError, match="width 9 must be a multiple of heads 2"):
        method_of("mag", made(), width=9)
