"""Settings of protocols that cannot be meant: one line that says what is allowed, before anything is trained."""

from __future__ import annotations

import pytest

from mien.errors import DataError, InputError, RequestError
from mien.research.protocols import protocol
from mien.research.protocols.bench import Line, Work, bench
from mien.research.protocols.cost import Cost
from mien.research.protocols.plan import configured
from mien.research.protocols.seeds import Seeds

from .made import made

DATA = made(n=48)
SHARE = r"a share .*from 0 to below 1"


@pytest.mark.parametrize(("name", "given", "why"), [
    ("seeds", {"valid": "2"}, SHARE),
    ("seeds", {"valid": "-0.5", "split": "random"}, SHARE),
    ("seeds", {"valid": "nan"}, SHARE),
    ("seeds", {"valid": "0.9", "split": "random"}, r"below 0\.8 at random"),
    ("speakers", {"valid": "1.5"}, SHARE),
    ("folds", {"split_seed": "-1"}, "split_seed=-1: a seed is 0 or more"),
    ("missing", {"seed": "-3"}, "seed=-3: a seed is 0 or more"),
    ("missing", {"ends": "smell"}, "made has no smell; it has: text, audio, face"),
    ("shift", {"share": "2"}, "share 2 and valid 0.12: 0 and more, together below 1"),
    ("perturb", {"what": ""}, "nothing to perturb: no kind"),
    ("perturb", {"what": "noise:-1"}, "perturbation 'noise:-1'"),
])  # fmt: skip
def test_what_cannot_be_meant_is_said(name, given, why):
    with pytest.raises(RequestError, match=why):
        configured(protocol(name), given).plan(DATA)


def test_the_corpora_left_out_need_a_share_too():
    from dataclasses import replace

    from mien.research.protocols.corpora import Corpora, join

    both = join((DATA, replace(DATA, name="other")))
    with pytest.raises(RequestError, match=SHARE):
        Corpora(mode="out", valid=1.0).plan(both)


def test_batches_are_whole():
    with pytest.raises(RequestError, match="whole numbers"):
        Cost(batches=(1.5,)).rows((), DATA)


def test_raw_clips_that_nothing_encodes_cannot_be_disturbed():
    from mien.research.protocols.encoding import Again

    given = {"what": "snr:10", "reencode": Again(())}
    with pytest.raises(RequestError, match="say what encodes them"):
        configured(protocol("perturb"), given).plan(DATA)


def test_a_binary_file_is_no_table_of_traits(tmp_path):
    path = tmp_path / "traits.npz"
    path.write_bytes(b"PK\x03\x04\x00\x00speaker,sex")
    with pytest.raises(DataError, match="is no table but a binary file"):
        configured(protocol("fairness"), {"groups": str(path)}).plan(DATA)


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_trained(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    from mien.research.protocols import bench as module

    monkeypatch.setattr(module, "outcomes", lambda *_, **__: pytest.fail("trained"))
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"cannot be written .*choose another --out"):
        bench(Seeds(), Line("linear").entrants(), DATA, allow=("shared-people",), work=Work(folder=tmp_path / "file"))
