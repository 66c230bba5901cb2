"""Samples without labels: they teach the stages that read none, their labels are never looked at, test clips refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from click.testing import CliRunner  # noqa: E402

from mien.cli.train import command  # noqa: E402
from mien.errors import RequestError  # noqa: E402
from mien.research.datasets.pack import save_pack  # noqa: E402
from mien.research.systems import assemble, system  # noqa: E402
from mien.research.training.settings import Settings  # noqa: E402
from mien.research.training.trainer import fit  # noqa: E402

from .made import made  # noqa: E402


def data_of(seed=0, n=36, offset=0):
    data = made("class", "vector", ("text", "audio"), n=n, seed=seed, signal=0.3)
    samples = tuple(replace(one, id=f"s{at + offset}", group=f"g{(at + offset) // 4}")
                    for at, one in enumerate(data.samples))  # fmt: skip
    parts = {"train": tuple(range(16)), "valid": tuple(range(16, 24)), "test": tuple(range(24, n))}
    return replace(data, samples=samples, parts=parts)


def trained(more=(), tuning="frozen", **options):
    torch.manual_seed(0)
    data = data_of()
    card = system("pairwise-contrastive")
    config = card.configure({"pretraining": 3, "epochs": 2, "tuning": tuning, **options}, "tiny")
    method = assemble(card, config, data.shape(), seed=0)
    train, valid = (tuple(data.samples[row] for row in data.parts[part]) for part in ("train", "valid"))
    fit(method, train, valid, Settings(seed=0, quiet=True), unlabelled=more)
    return {name: values.clone() for name, values in method.model.state_dict().items()}


def test_more_samples_move_the_encoders_and_their_labels_are_never_read():
    more = tuple(replace(one, target=10**6) for one in data_of(1, offset=100).samples)
    plain, first = trained(), trained(more)
    other = trained(tuple(replace(one, target=-1, votes=None) for one in more))
    encoders = [name for name in plain if name.startswith("encoders")]
    assert any(not torch.equal(plain[name], first[name]) for name in encoders)
    assert all(torch.equal(first[name], other[name]) for name in first)


def test_they_are_refused_where_they_are_no_use_or_would_choose_the_epoch():
    more = data_of(1, offset=100).samples
    with pytest.raises(RequestError, match="has no stage without labels"):
        trained(more, tuning="joint")
    with pytest.raises(RequestError, match="a group of the validation part"):
        trained((replace(more[0], group="g4"),))


def train(*arguments):
    return CliRunner().invoke(command, ["pairwise-contrastive", "--preset", "tiny", "--epochs", "1", "--quiet",
                                        *map(str, arguments)])  # fmt: skip


def test_the_command_refuses_test_clips_unless_asked_for_by_name(tmp_path):
    own, clean, dirty, renamed = (tmp_path / f"{name}.npz" for name in ("own", "clean", "dirty", "renamed"))
    data, far = data_of(), data_of(1, offset=100)
    save_pack(data, own)
    save_pack(replace(far, parts={}), clean)
    save_pack(replace(far, parts={}, samples=(*far.samples, *data.samples[22:30])), dirty)
    save_pack(replace(far, parts={}, samples=(replace(data.samples[25], id="another", group="name"),)), renamed)

    found = train("--data", own, "--unlabelled", clean, "--out", tmp_path / "clean")
    assert found.exit_code == 0, found.output
    told = "36 samples of made without labels, none of them in the test part"
    assert told in (tmp_path / "clean" / "README.md").read_text()
    for pack, count in ((dirty, 6), (renamed, 1)):
        refused = train("--data", own, "--unlabelled", pack, "--out", tmp_path / "refused")
        assert isinstance(refused.exception, RequestError) and refused.exception.exit_code == 2
        assert f"{count} clips of the test list are among the unlabelled ones (s2" in str(refused.exception)
        assert not (tmp_path / "refused" / "config.json").exists()
    asked = train("--data", own, "--unlabelled", dirty, "--transductive", "--out", tmp_path / "asked")
    assert asked.exit_code == 0, asked.output
    config = json.loads((tmp_path / "asked" / "config.json").read_text())
    assert "42 samples of made without labels, TRANSDUCTIVE: 6 of them clips of the test part" in json.dumps(config)
    assert "TRANSDUCTIVE" in (tmp_path / "asked" / "README.md").read_text()


def test_widths_and_nothing_new(tmp_path):
    own, other = tmp_path / "own.npz", tmp_path / "other.npz"
    data = data_of()
    save_pack(data, own)
    wide = tuple(replace(one, features={"text": np.zeros((1, 3), np.float32)}) for one in data.samples)
    save_pack(replace(data, samples=wide), other)
    assert "has features of the widths {'text': 3}" in str(
        train("--data", own, "--unlabelled", other, "--out", tmp_path / "a").exception
    )
    known = replace(data, samples=data.samples[:20], parts={})
    save_pack(known, other)
    assert "in the training or validation part already" in str(
        train("--data", own, "--unlabelled", other, "--out", tmp_path / "b").exception
    )


def test_a_share_of_the_labels_on_the_command_line(tmp_path):
    own = tmp_path / "own.npz"
    save_pack(data_of(), own)
    assert train("--data", own, "--labelled", "0.5", "--out", tmp_path / "half").exit_code == 0
    assert "labelled must be above 0" in str(train("--data", own, "--labelled", "0").exception)
