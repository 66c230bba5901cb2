"""What a stage may ask of the trainer beyond losses: refitting, tuning on validation data, batches of its own order."""

import dataclasses

import pytest

torch = pytest.importorskip("torch")

from mien.errors import RequestError  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.training.feed import Feed  # noqa: E402
from mien.research.training.recipe import Group, Recipe, Stage  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402
from mien.research.training.weights import weights  # noqa: E402

from .made import made  # noqa: E402

torch.set_num_threads(1)
QUIET = Settings(quiet=True, device="cpu", seed=3)


def method_of(data, stage, name="linear"):
    card = system(name)
    made_up = assemble(card, card.configure(), data.shape())
    return dataclasses.replace(made_up, recipe=Recipe((stage,), batch=4))


def test_refit_and_tuned_see_their_own_part():
    data, seen = made(n=12), []
    stage = Stage(
        "one",
        2,
        (Group(0.1, kind="sgd"),),
        refit=lambda model, batches, epoch: seen.append(("refit", epoch, sum(map(len, batches)), model.training)),
        tuned=lambda model, batches: seen.append(("tuned", sum(map(len, batches)), model.training)),
    )
    fit(method_of(data, stage), data.samples[:8], data.samples[8:], QUIET)
    assert seen == [("refit", 0, 8, False), ("refit", 1, 8, False), ("tuned", 4, False)]
    seen.clear()
    fit(method_of(data, stage), data.samples[:8], (), QUIET)
    assert [one[0] for one in seen] == ["refit", "refit"], "nothing to tune on"


def test_a_stage_may_order_its_batches():
    data, seen = made(n=12), []

    def order(feed, size, rng):
        return [(0, 1, 2), (11,)]

    def losses(model, batch, output, config):
        seen.append(batch.ids)
        return {"one": output.scores.square().mean()}

    fit(method_of(data, Stage("one", 2, (Group(0.1),), losses, order=order)), data.samples, (), QUIET)
    assert seen == [("s0", "s1", "s2"), ("s11",)] * 2


def test_released_loaders_that_do_not_shuffle_are_reproduced():
    data, seen = made(n=8), []
    card = system("mfn")
    for preset, in_order in (("tiny", False), ("replicate", True)):
        config = card.configure({"hidden": 4, "memory": 4, "epochs": 2, "batch": 2}, preset)
        method = assemble(card, config, data.shape())

        def losses(model, batch, output, config):
            seen.extend(batch.ids)
            return {"one": output.scores.square().mean()}

        fit(dataclasses.replace(method, losses=losses), data.samples, (), QUIET)
        assert (seen == [sample.id for sample in data.samples] * 2) == in_order
        seen.clear()


def test_a_stage_may_end_on_its_last_epoch():
    """A rate that is far too large makes it worse each epoch."""
    data = made(n=12)
    found = {}
    for select in (True, False):
        method = method_of(data, Stage("one", 4, (Group(30.0, kind="sgd"),), select=select))
        found[select] = fit(method, data.samples[:8], data.samples[8:], QUIET)
        assert all("valid" in row for row in found[select].rows)
    assert found[False].best == {"one": 4}
    assert found[True].best["one"] < 4


def test_summed_batches_add_up_and_the_rest_is_thrown_away():
    """As MMSA's update_epochs: 3 batches of 4 in 12 samples make one step of the sum of two, the third is lost."""
    data, step = made(n=12), (Group(0.1, kind="sgd"),)
    method = method_of(data, Stage("one", 1, step, summed=2, order=lambda feed, size, rng: feed.order(size)))
    start = weights(method.model)
    run = fit(method, data.samples, (), QUIET)
    by_hand = method_of(data, Stage("one", 0, step))
    by_hand.model.load_state_dict(start)
    total = 0
    for rows in (range(4), range(4, 8)):
        batch = Feed(data.samples, by_hand.shape).batch(rows)
        total = total + sum(by_hand.losses(by_hand.model, batch, by_hand.model(batch), by_hand.config).values())
    total.backward()
    for one, other in zip(method.model.parameters(), by_hand.model.parameters(), strict=True):
        torch.testing.assert_close(one, other - 0.1 * other.grad)
    assert run.rows[0]["loss"] == pytest.approx(float(total.detach()) / 2, rel=1e-5)
    for changed, why in (({}, "an epoch has 3"), ({"accumulate": 2}, "accumulate must be 1")):
        with pytest.raises(RequestError, match=f"sums 4 batches a step; {why}"):
            fit(
                method_of(data, Stage("one", 1, step, summed=4)),
                data.samples,
                (),
                dataclasses.replace(QUIET, **changed),
            )


def test_decay_leaves_the_exempt_alone():
    data = made(n=12)
    stage = Stage(
        "one",
        1,
        (Group(0.1, decay=1.0, kind="sgd", exempt=("bias",)),),
        lambda *given: {"none": given[2].scores.sum() * 0},
    )
    method = method_of(data, stage)
    start = weights(method.model)
    fit(method, data.samples, (), QUIET)
    end = weights(method.model)
    for name, _ in method.model.named_parameters():
        assert torch.equal(start[name], end[name]) == (name.endswith("bias") or not start[name].any()), name


class Stop(Exception):
    pass


@pytest.mark.parametrize("die", [2, 5, 9])
def test_a_stopped_run_with_refits_goes_on_to_the_same_bits(die, tmp_path):
    data = made("class", "dialogue", n=40, signal=1.0)
    card = system("broad-mamba")

    def method(die=0):
        one = assemble(card, card.configure({"warm": 1, "batch": 3, "epochs": 4}, "tiny"), data.shape())
        calls = []

        def losses(*given):
            calls.append(1)
            if len(calls) == die:
                raise Stop
            return one.losses(*given)

        return dataclasses.replace(one, losses=losses)

    parts = data.samples[:28], data.samples[28:]
    whole = method()
    fit(whole, *parts, dataclasses.replace(QUIET, out=tmp_path / "whole", every=0.0))
    stopped = dataclasses.replace(QUIET, out=tmp_path / "stopped", every=0.0)
    with pytest.raises(Stop):
        fit(method(die), *parts, stopped)
    again = method()
    fit(again, *parts, dataclasses.replace(stopped, resume=True))
    one, other = weights(whole.model), weights(again.model)
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("output", [True, False])
def test_a_stage_that_passes_batches_itself_costs_one_pass(output):
    data, passes, widths = made(n=12), [], []

    def losses(model, batch, given, config):
        widths.append(len(given.scores))
        return {"one": model(batch).scores.square().mean()}

    method = method_of(data, Stage("one", 1, (Group(0.1),), losses, output=output))
    method.model.register_forward_pre_hook(lambda *_: passes.append(1))
    fit(method, data.samples[:8], data.samples[8:], QUIET)
    assert len(passes) == 3 * (1 + output), "two batches to learn from, one to select on"
    assert widths == ([4] * 3 if output else [0] * 3)


def test_the_unlabelled_stage_of_vaemo_asks_for_no_answers():
    card = system("vaemo")
    method = assemble(card, card.configure(preset="tiny"), made().shape())
    first, last = method.recipe.stages[0], method.recipe.stages[-1]
    assert (first.name, first.output, last.output) == ("unlabelled", False, True)
    asked = []
    method.model.head.register_forward_pre_hook(lambda *_: asked.append(1))
    fit(dataclasses.replace(method, recipe=Recipe((first,), 4)), made(n=12).samples, (), Settings(epochs=1, quiet=True))
    assert not asked


@pytest.mark.parametrize(
    ("name", "preset", "factor", "patience"),
    [
        ("mult", "replicate", 0.1, 5), ("mult", "replicate-mosei", 0.1, 20), ("ras-compound", "replicate", 0.5, 2),
        ("gaussian-adaptive-attention", "replicate-v1", 0.1, 10),
    ],
)  # fmt: skip
def test_plateaus_fall_where_those_of_the_sources_do(name, preset, factor, patience):
    """torch's `patience` lets so many epochs pass before the next one lowers the rate."""
    card = system(name)
    config = card.configure({}, preset)
    shape = made(n=4, modalities=("audio",)).shape()
    if name == "ras-compound":
        shape = dataclasses.replace(shape, widths={"audio": 3})
    if name == "gaussian-adaptive-attention":
        config = card.configure({"heads": 1, "hidden": 2}, preset)
    stage = assemble(card, config, shape).recipe.stages[-1]
    told = torch.optim.lr_scheduler.ReduceLROnPlateau(
        torch.optim.SGD([torch.ones(1)], 1.0), factor=factor, patience=patience
    )
    told.step(0.0)
    slower = 1.0
    for stale in range(1, 3 * patience + 5):
        told.step(0.0)
        slower *= stage.plateau[0] if stale % stage.plateau[1] == 0 else 1.0
        assert told.get_last_lr()[0] == pytest.approx(slower), stale
