"""MoSEAR's experts and gating beyond what every system keeps to."""

import pytest

torch = pytest.importorskip("torch")

from mien.errors import RequestError  # noqa: E402
from mien.research.batch import collate  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.systems.mosear.mose import Mose, Routing  # noqa: E402
from mien.research.systems.mosear.reallocation import Reallocation, reallocate, reallocating  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402

from .made import made  # noqa: E402
from .test_conformance import garbage, longer  # noqa: E402

torch.set_num_threads(1)
CARD = system("mosear")
QUIET = Settings(quiet=True, device="cpu")


def method(data, **settings):
    return assemble(CARD, CARD.configure(settings, "tiny"), data.shape())


def batch_of(data):
    return collate(data.samples, data.shape(), range(len(data.samples)))


def adapter(names=("face", "audio"), **more):
    """One with experts and gates that say something."""
    torch.manual_seed(0)
    one = Mose(6, 5, names, ("text",), **more)
    with torch.no_grad():
        for values in one.parameters():
            values.normal_()
    return one, torch.nn.Linear(6, 5)


def tokens(*names):
    torch.manual_seed(1)
    x = {name: torch.randn(3, 4, 6) for name in names}
    return x, {name: torch.ones(3, 4, dtype=torch.bool) for name in names}


def test_new_experts_change_nothing():
    layer, one = torch.nn.Linear(6, 5), Mose(6, 5, ("face", "audio"), ("text",), plain_update=True)
    x, masks = tokens("face", "audio", "text")
    for name, y in one(layer, x, masks)[0].items():
        assert torch.equal(y, layer(x[name]))


@pytest.mark.parametrize("top_k", [1, 2, 3])
def test_equals_the_equation_written_out(top_k):
    one, layer = adapter(experts=3, rank=2, alpha=4.0, top_k=top_k)
    x, masks = tokens("face", "audio")
    found, routing = one(layer, x, masks)
    for row in range(3):
        means = {name: values[row].mean(dim=0) for name, values in x.items()}
        w = (one.modality_gate @ torch.cat(list(means.values()))).softmax(dim=0)
        torch.testing.assert_close(routing.weights[row], w)
        for place, name in enumerate(x):
            g = (one.gates[name] @ means[name]).softmax(dim=0)
            best = g.argsort(descending=True)[:top_k]
            update = sum(g[e] * one.experts[name][e] @ one.shared for e in best)
            torch.testing.assert_close(found[name][row], layer(x[name][row]) + 2 * w[place] * x[name][row] @ update.T)


def test_text_goes_through_the_layer_alone_unless_asked():
    for asked in (False, True):
        one, layer = adapter(plain_update=asked)
        x, masks = tokens("face", "audio", "text")
        y = one(layer, x, masks)[0]["text"]
        assert torch.equal(y, layer(x["text"])) != asked


def test_an_absent_modality_weighs_nothing():
    one, layer = adapter()
    x, masks = tokens("face", "audio")
    masks["audio"][0] = False
    masks["face"][1] = masks["audio"][1] = False
    routing = one(layer, x, masks)[1]
    assert routing.weights[0].tolist() == [1, 0] and routing.weights[1].tolist() == [0, 0]
    assert routing.weights[2].sum().item() == pytest.approx(1)
    alone = Mose(6, 5, ("face",))
    assert (alone(layer, {"face": x["face"]}, {"face": masks["face"]})[1].weights[[0, 2]] == 1).all()


def test_the_gate_of_the_chosen_expert_learns():
    one, layer = adapter()
    x, masks = tokens("face", "audio")
    one(layer, x, masks)[0]["face"].sum().backward()
    assert one.gates["face"].grad.abs().sum() > 0


def test_only_the_chosen_expert_learns():
    one, layer = adapter(experts=3)
    x, masks = tokens("face", "audio")
    found, routing = one(layer, x, masks)
    found["face"].sum().backward()
    used = one.experts["face"].grad.flatten(1).abs().sum(dim=1) > 0
    assert used.nonzero().flatten().tolist() == routing.chosen["face"].unique().tolist()


def routing(weights, present=None, gates=None, chosen=None):
    weights = torch.tensor(weights)
    present = torch.ones_like(weights, dtype=torch.bool) if present is None else torch.tensor(present)
    return Routing({"face": gates}, {"face": chosen}, weights, present)


def test_balance_by_hand():
    assert routing([[0.5, 0.5], [1.0, 0.0]]).balance().item() == pytest.approx(0.25)
    assert routing([[1.0, 0.0]], [[True, False]]).balance().item() == 0
    assert routing([[0.0, 0.0]], [[False, False]]).balance().item() == 0


def test_load_by_hand():
    even = routing([[1.0]] * 4, None, torch.full((4, 2), 0.5), torch.tensor([[0], [1], [0], [1]]))
    assert even.load("face").item() == pytest.approx(1)
    one_takes_all = routing([[1.0]] * 4, None, torch.tensor([[1.0, 0.0]] * 4), torch.zeros(4, 1, dtype=torch.int64))
    assert one_takes_all.load("face").item() == pytest.approx(2)
    nowhere = routing([[0.0]], [[False]], torch.tensor([[0.5, 0.5]]), torch.zeros(1, 1, dtype=torch.int64))
    assert nowhere.load("face").item() == 0


def test_base_is_frozen_while_experts_learn():
    data = made("class", n=12, signal=1.0)
    one = method(data, base_epochs=0, epochs=3, rate=1e-2)
    before = {name: values.clone() for name, values in one.model.named_parameters()}
    run = fit(one, data.samples, (), QUIET)
    moved = {name for name, values in one.model.named_parameters() if not torch.equal(values, before[name])}
    assert {name.split(".")[0] for name in moved} == {"experts", "head"}
    assert run.rows[-1]["task"] < run.rows[0]["task"]


def weight(balance, epochs=40):
    """Mean weight of the audio, whose gate starts far from the middle, and the loss before and after."""
    data = made("class", n=12, modalities=("audio", "face"), signal=1.0)
    one = method(data, base_epochs=0, epochs=epochs, rate=1e-2, balance=balance, decay=0.0)
    with torch.no_grad():
        for each in one.model.experts:
            each.modality_gate.normal_(0, 0.3, generator=torch.Generator().manual_seed(0))
    start = one.model(batch_of(data)).extras["weight/audio"]
    rows = fit(one, data.samples, (), QUIET).rows
    end = one.model(batch_of(data)).extras["weight/audio"]
    return [(values - 0.5).abs().mean().item() for values in (start, end)], rows


def test_the_balance_moves_weights_to_the_middle():
    (start, end), rows = weight(balance=1.0)
    free = weight(balance=0.0)[0][1]
    assert start > 0.1 and end < 0.3 * start and end < 0.5 * free
    assert rows[-1]["task"] < 0.5 * rows[0]["task"], "and the task is learnt"


def test_weights_are_told_and_sum_to_one():
    data = made("class", n=12)
    extras = method(data).model(batch_of(data)).extras
    assert "weight/text" not in extras
    torch.testing.assert_close(extras["weight/audio"] + extras["weight/face"], torch.ones(12))


@pytest.mark.parametrize("modalities", [("text",), ("audio",), ("text", "face"), ("audio", "face", "scene", "signal")])
def test_any_modalities(modalities):
    data = made("class", n=8, modalities=modalities, signal=1.0)
    one = method(data, text_lora=True)
    fit(one, data.samples, (), QUIET)
    assert torch.isfinite(one.model(batch_of(data)).scores).all()


def test_settings_that_cannot_be():
    for settings, why in (({"top_k": 3}, "top_k must be 1 to experts=2, got 3"), ({"heads": 3}, "multiple of heads=3")):
        with pytest.raises(RequestError, match=why):
            method(made(), **settings)


def attention(seed=0):
    """Rows of 3 clips, 2 heads, 4 queries over face (2 tokens), audio (3) and text (2); one token of audio unseen."""
    face, audio = torch.zeros(2, 7, dtype=torch.bool).unbind()
    face[:2], audio[2:4] = True, True
    logits = 2 * torch.randn(3, 2, 4, 7, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    logits[..., 4] = -torch.inf
    return logits.softmax(dim=-1), face, audio


def test_mosear_2_reallocation_keeps_rows_and_goes_to_equal_masses():
    before, face, audio = attention()
    same, moved = reallocate(before, face, audio, Reallocation("face", "audio", share=0.0, least=0.0))
    assert torch.equal(same, before) and (moved == 0).all()
    after, moved = reallocate(before, face, audio, Reallocation("face", "audio", share=1.0, least=0.0))
    torch.testing.assert_close(after.sum(dim=-1), before.sum(dim=-1))
    torch.testing.assert_close(after[..., face].sum(dim=-1), after[..., audio].sum(dim=-1))
    torch.testing.assert_close(after[..., face].sum(dim=-1), before[..., face].sum(dim=-1) + moved)
    assert torch.equal(after[..., 5:], before[..., 5:]) and (after[..., 4] == 0).all()
    little = Reallocation("face", "audio", share=1.0, least=0.4)
    gap = before[..., face].sum(dim=-1) - before[..., audio].sum(dim=-1)
    assert torch.equal(reallocate(before, face, audio, little)[1] == 0, gap.abs() <= 0.4)


def test_reallocation_to_who_has_nothing():
    before, face, audio = attention()
    before[..., audio] = 0
    after, moved = reallocate(before, face, audio, Reallocation("face", "audio", share=1.0, least=0.0))
    torch.testing.assert_close(after[..., 2], after[..., 3])
    torch.testing.assert_close(after[..., 2] + after[..., 3], -moved)
    nobody = torch.zeros_like(audio)
    assert torch.equal(reallocate(before, face, nobody, Reallocation("face", "audio", share=1.0))[0], before)


def test_reallocation_for_each_token():
    before, face, audio = attention()
    face[0] = False
    rule = Reallocation("face", "audio", share=1.0, least=0.0, per_token=True)
    after, _ = reallocate(before, face, audio, rule)
    torch.testing.assert_close(2 * after[..., face].sum(dim=-1), after[..., audio].sum(dim=-1))


def test_mosear_6_reallocation_is_switched_on_and_off_on_a_live_model():
    data = made("class", n=8, signal=1.0)
    model = method(data).model.eval()
    batch = batch_of(data)
    before = model(batch).scores
    with reallocating(model, Reallocation("face", "audio", share=0.0)):
        torch.testing.assert_close(model(batch).scores, before)
    with reallocating(model, Reallocation("face", "audio", share=1.0, least=0.0)):
        assert (model(batch).scores - before).abs().max() > 1e-6
    assert torch.equal(model(batch).scores, before)
    with pytest.raises(ZeroDivisionError), reallocating(model, Reallocation("face", "audio")):
        raise ZeroDivisionError
    assert torch.equal(model(batch).scores, before)
    with pytest.raises(RequestError, match="the model reads text, audio, face, not voice"):
        with reallocating(model, Reallocation("face", "voice")):
            pass


def test_settings_of_a_reallocation_that_cannot_be():
    for first, settings in (("face", {"share": 1.5}), ("face", {"least": -0.1}), ("audio", {})):
        with pytest.raises(RequestError, match=r"share in \[0, 1\]"):
            Reallocation(first, "audio", **settings)


def test_what_is_minimised_beside_the_task_has_its_weights():
    """.1 for equally heavy modalities, .01 for equally used experts."""
    data = made()
    built = method(data)
    with torch.no_grad():
        for values in built.model.experts.parameters():
            values.normal_()
    output = built.model.eval()(batch_of(data))
    terms = built.losses(built.model, batch_of(data), output, built.config)
    assert output.extras["balance"] > 0 and output.extras["load"] > 0
    torch.testing.assert_close(terms["balance"], 0.1 * output.extras["balance"])
    torch.testing.assert_close(terms["load"], 0.01 * output.extras["load"])


@pytest.mark.parametrize("per_token", [False, True])
def test_padding_is_no_token_when_attention_is_shared_out(per_token):
    data = made()
    model = method(data).model.eval()
    rule = Reallocation("audio", "face", share=1.0, least=0.0, per_token=per_token)
    batch = batch_of(data)
    with torch.no_grad(), reallocating(model, rule):
        one, other = model(batch).scores, model(garbage(longer(batch))).scores
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
