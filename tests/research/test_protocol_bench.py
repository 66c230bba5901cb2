"""The bench: one cut, one set of seeds, one set of questions for all; nothing is chosen on test; a stop loses nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from click.testing import CliRunner  # noqa: E402

from mien.cli.bench import command  # noqa: E402
from mien.errors import DataError, MienError, MissingExtra, RequestError  # noqa: E402
from mien.research.datasets.pack import save_pack  # noqa: E402
from mien.research.protocols import PROTOCOLS, protocol  # noqa: E402
from mien.research.protocols import trial as trials  # noqa: E402
from mien.research.protocols.bench import Line, Work, bench, seeds_of  # noqa: E402
from mien.research.protocols.cost import Cost, macs, peak_bytes  # noqa: E402
from mien.research.protocols.result import read_result  # noqa: E402
from mien.research.protocols.shift import Shift  # noqa: E402
from mien.research.protocols.trial import How, Outcome  # noqa: E402
from mien.research.systems import assemble, systems  # noqa: E402
from mien.research.training.answering import answer  # noqa: E402

from .made import made  # noqa: E402

torch.set_num_threads(1)
QUICK = How(epochs=3)
TWO = Line("linear,late-average").entrants()


def data_of(**more):
    data = made(**{"n": 60, "inputs": "vector", "signal": 1.0, **more})
    return replace(data, samples=tuple(replace(one, speaker=one.group) for one in data.samples))


def score(result, system, metric=None, condition="complete"):
    (row,) = [
        one
        for one in result.rows
        if (one.system, one.metric, one.condition) == (system, metric or result.headline, condition)
    ]
    return row


def test_equal_runs_give_equal_numbers_and_signal_beats_the_floor():
    first = bench(protocol("seeds")(), TWO, data_of(), seeds=(0, 1), rounds=50)
    again = bench(protocol("seeds")(), TWO, data_of(), seeds=(0, 1), rounds=50)
    assert first.rows == again.rows and first.differences == again.differences
    row = score(first, "linear")
    assert row.mean > row.floor + 0.2 and len(row.values) == 2
    assert first.systems["linear"]["nearness"] == "published" and first.systems["linear"]["trainings"] == 2
    assert first.data["sha256"] == again.data["sha256"] and first.run["command"]


def test_a_result_says_how_the_data_were_cut():
    one = bench(protocol("seeds")(), TWO[:1], data_of(), seeds=(0,), how=QUICK, rounds=0)
    assert "random groups: 36 items to train on, 12 to select on, 12 to test" in one.notes
    folds = bench(protocol("folds")(k=3, valid=0.0), TWO[:1], data_of(), seeds=(0,), how=QUICK, rounds=0)
    wanted = (
        "3 trainings (fold 1 of 3, ...): 40 items to train on, none to select on (the last epoch is kept), 20 to test"
    )
    assert wanted in folds.notes


@pytest.mark.parametrize("task", ["class", "labels", "value"])
@pytest.mark.parametrize("name", ["seeds", "folds", "missing", "modalities", "perturb"])
def test_every_protocol_takes_every_task(name, task):
    settings = {"rates": (0.0, 0.5)} if name == "missing" else {"what": ("noise:1",)} if name == "perturb" else {}
    result = bench(protocol(name)(**settings), TWO[:1], data_of(task=task), seeds=(0,), how=QUICK, rounds=0)
    assert all(np.isfinite(row.mean) for row in result.rows if row.metric in ("uar", "multilabel_macro_f1", "mae"))
    assert not result.failed


def test_training_never_sees_a_test_sample(monkeypatch):
    from mien.research.training import trainer

    data = data_of()
    plan = protocol("folds")(k=3).plan(data)
    seen = []
    real = trainer.fit
    monkeypatch.setattr(
        trainer, "fit", lambda m, train, valid, s: (seen.append({x.id for x in (*train, *valid)}), real(m, train, valid, s))[1]
    )  # fmt: skip
    bench(protocol("folds")(k=3), TWO[:1], data, seeds=(0,), how=QUICK, rounds=0)
    for one, ids in zip(plan.trials, seen, strict=True):
        assert not ids & {data.samples[row].id for row in one.split.test} and len(ids) + len(one.split.test) == 60


def test_answers_are_in_the_order_of_the_samples_for_dialogues_too():
    card = next((one for one in systems().values() if one.inputs == "dialogue"), None)
    if card is None:
        pytest.skip("no dialogue system here")
    data = made(n=24, inputs="vector", modalities=tuple(card.needs) or ("text", "audio", "face"))
    method = assemble(card, card.configure(None, "tiny" if "tiny" in card.presets else None), data.shape())
    together = answer(method, data.samples)
    turned = answer(method, data.samples[::-1])
    assert np.allclose(together, turned[::-1], atol=1e-5)


def test_a_stopped_bench_goes_on_where_it_was(tmp_path, monkeypatch):
    data, done = data_of(), []

    def stop(count, total, text):
        done.append(text)
        if len(done) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench(protocol("seeds")(), TWO, data, seeds=(0, 1), how=QUICK, rounds=20, work=Work(folder=tmp_path, tell=stop))
    assert len(list((tmp_path / "trials").iterdir())) == 3
    ran = []
    real = trials._run
    monkeypatch.setattr(trials, "_run", lambda job, data: (ran.append(job), real(job, data))[1])
    work = Work(folder=tmp_path, resume=True)
    result = bench(protocol("seeds")(), TWO, data, seeds=(0, 1), how=QUICK, rounds=20, work=work)
    assert len(ran) == 1
    assert result.rows == bench(protocol("seeds")(), TWO, data, seeds=(0, 1), how=QUICK, rounds=20).rows
    ran.clear()
    bench(protocol("seeds")(), TWO, data_of(seed=1), seeds=(0,), how=QUICK, rounds=0, work=work)
    assert len(ran) == 2, "trials of other data are no use"


def test_a_kept_trial_that_is_damaged_is_done_again(tmp_path):
    outcome = Outcome({"complete": np.eye(3)}, {"seconds": 1.0})
    again = Outcome.unpack(outcome.pack())
    assert np.array_equal(again.answers["complete"], np.eye(3)) and again.facts == {"seconds": 1.0}
    work = Work(folder=tmp_path, resume=True)
    first = bench(protocol("seeds")(), TWO[:1], data_of(), seeds=(0,), how=QUICK, rounds=0, work=work)
    (kept,) = (tmp_path / "trials").iterdir()
    kept.write_bytes(kept.read_bytes()[:50])
    assert bench(protocol("seeds")(), TWO[:1], data_of(), seeds=(0,), how=QUICK, rounds=0, work=work).rows == first.rows


def test_a_trial_that_fails_is_named_and_the_others_count(monkeypatch):
    real = trials._run

    def run(job, data):
        if job.entrant.system == "linear" and job.seed == 1:
            raise MienError("the loss is nan")
        return real(job, data)

    monkeypatch.setattr(trials, "_run", run)
    result = bench(protocol("seeds")(), TWO, data_of(), seeds=(0, 1), how=QUICK, rounds=20)
    assert result.failed == (("linear", "random groups", 1, "the loss is nan"),)
    assert len(score(result, "linear").values) == 1 and "1 of 2 seeds failed" not in score(result, "late-average").note
    monkeypatch.setattr(trials, "_run", lambda job, data: (_ for _ in ()).throw(MienError("the loss is nan")))
    with pytest.raises(MienError, match="no trial succeeded; the first said: the loss is nan"):
        bench(protocol("seeds")(), TWO, data_of(), seeds=(0,), how=QUICK)


def test_what_cannot_be_asked_is_refused_before_anything_is_trained(monkeypatch):
    monkeypatch.setattr(trials, "run", lambda *_: pytest.fail("trained"))
    with pytest.raises(RequestError, match="one system and one seed"):
        bench(protocol("seeds")(), (), data_of())
    with pytest.raises(RequestError, match="no system 'nothing'; systems: "):
        Line("nothing").entrants()
    with pytest.raises(RequestError, match="linear has no option 'depth'; it has: rate"):
        Line("linear", ("linear.depth=3",)).entrants()
    with pytest.raises(RequestError, match="--set depth=3: none of linear, late-average has this option"):
        Line("linear,late-average", ("depth=3",)).entrants()
    with pytest.raises(RequestError, match="no protocol 'x'; protocols: seeds, speakers"):
        protocol("x")
    twin = replace(data_of().samples[59], id="twin")
    data = data_of(n=60)
    data = replace(data, samples=(twin, *data.samples), parts={"train": tuple(range(30)), "test": tuple(range(41, 61))})
    with pytest.raises(DataError, match=r"(the audit refuses: .*--allow shared-groups|group 'g14' is in)"):
        bench(protocol("seeds")(), TWO, data)


def test_settings_go_to_the_system_they_are_meant_for():
    one, other = Line("linear,concat-mlp", ("linear.rate=0.5", "dropout=0.1")).entrants()
    assert one.config().rate == 0.5 and other.config().rate == 1e-3 and other.config().dropout == 0.1
    assert seeds_of("3") == (0, 1, 2) and seeds_of("11,12") == (11, 12)
    with pytest.raises(RequestError, match="--seeds 'x'"):
        seeds_of("x")


def test_without_torch_there_is_one_line_to_install(monkeypatch):
    import builtins

    real = builtins.__import__

    def fail(name, *rest):
        if name == "torch":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", fail)
    with pytest.raises(MissingExtra, match=r'pip install "mien\[train\]"'):
        bench(protocol("seeds")(), TWO, data_of())


def test_costs_are_counted():
    layer, many = torch.nn.Linear(10, 20), torch.zeros(4, 10)
    cpu = torch.device("cpu")
    with torch.no_grad():
        assert macs(lambda: layer(many)) == 4 * 10 * 20
        assert peak_bytes(lambda: layer(many), cpu) == 4 * 20 * 4
        for kind, gates in ((torch.nn.LSTM, 4), (torch.nn.GRU, 3)):
            recurrent = kind(10, 20, batch_first=True)
            steps = torch.zeros(2, 7, 10)
            assert macs(lambda recurrent=recurrent, steps=steps: recurrent(steps)) == 2 * 7 * gates * 20 * 30
    result = bench(Cost(repeats=3), TWO, data_of())
    told = {(row.system, row.metric, row.condition): row.mean for row in result.rows}
    assert told["linear", "parameters", "model"] == 3 + sum(3 * (width + 1) for width in (7, 5, 6))
    assert told["linear", "MACs an item", "batch of 32"] == 3 * (7 + 5 + 6)
    assert told["linear", "latency ms", "batch of 1"] > 0


def test_shift_by_the_bias_of_words():
    rng = np.random.default_rng(0)
    data, samples = data_of(n=240), []
    for at, one in enumerate(data.samples):
        word = f"w{(int(one.target) + at // 4 % 2) % 3}"
        samples.append(replace(one, words=f"{word} the x{rng.integers(50)}"))
    data = replace(data, samples=tuple(samples))
    plan = Shift(swaps=500).plan(data)
    random, shifted = (float(text) for text in plan.notes[0].replace(",", "").split() if text.startswith("0."))
    assert shifted > random
    result = bench(Shift(swaps=200), TWO[:1], data, seeds=(0,), how=QUICK, rounds=0)
    assert np.isfinite(score(result, "linear", condition="shifted minus random").mean)
    with pytest.raises(RequestError, match="has no texts"):
        Shift().plan(replace(data, samples=tuple(replace(one, words="") for one in data.samples)))


def run(*arguments):
    return CliRunner().invoke(command, list(map(str, arguments)))


def test_the_command_writes_a_folder_and_prints_a_table(tmp_path):
    save_pack(data_of(), tmp_path / "made.npz")
    out = tmp_path / "run"
    asked = ["modalities", "--systems", "linear,late-average", "--data", tmp_path / "made.npz", "--seeds", 2,
             "--epochs", 3, "--rounds", 20, "--out", out]  # fmt: skip
    done = run(*asked, "--quiet")
    assert done.exit_code == 0, done.output
    assert "text+audio+face" in done.stdout and "best floor" in done.stdout and "differs" in done.stdout
    result = read_result(out / "result.json")
    assert result.protocol["name"] == "modalities" and result.seeds == (0, 1)
    assert {path.name for path in out.iterdir()} == {
        "result.json",
        "result.html",
        "table.md",
        "table.csv",
        "table.tex",
        "trials",
    }
    again = run(*asked, "--quiet")
    assert isinstance(again.exception, MienError) and "--resume" in str(again.exception)
    resumed = run(*asked, "--resume", "--json", "--quiet")
    assert json.loads(resumed.stdout)["rows"] == json.loads((out / "result.json").read_text())["rows"]


def test_the_command_knows_its_protocols_and_their_settings(tmp_path):
    told = run("--help").output
    assert "own" in told and all(name in told for name in PROTOCOLS)
    shown = run("missing", "--help").output
    assert "--rates" in shown and "--mode" in shown and "[default: rmm]" in shown
    assert "no protocol 'nothing'; there are: own, table, seeds" in run("nothing").output
    for name in PROTOCOLS:
        flags = [flag for option in command.get_command(None, name).params for flag in option.opts]
        assert len(flags) == len(set(flags)), name
    save_pack(data_of(), tmp_path / "made.npz")
    wrong = run("folds", "--systems", "linear", "--data", tmp_path / "made.npz", "--k", "many")
    assert isinstance(wrong.exception, RequestError) and "is no int; the default is 5" in str(wrong.exception)


def test_a_re_creation_is_called_one():
    from mien.research.protocols.bench import _nearness

    near = {card.nearness: name for name, card in systems().items()}
    if "re-creation" not in near:
        pytest.skip("no re-creation here")
    (told,) = _nearness(Line(f"linear,{near['re-creation']}").entrants())
    assert "re-creation" in told and "nothing here reproduces a published figure" in told
