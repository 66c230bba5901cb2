"""One table of many runs: only numbers of one scheme stand beside each other."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from mien.cli.bench import command
from mien.errors import InputError, RequestError
from mien.research.protocols.gather import find, together
from mien.research.protocols.result import Result
from mien.research.protocols.scores import Row


def kept(folder, name, metrics=("acc2_has0", "acc2_non0"), text=300, system="linear", config=None, **how):
    """A run's folder with a result of made-up numbers."""
    rows = [
        Row(one, "complete", metric, "higher", "score", mean, 0.01, (0.6, 0.8), (mean,), 20, 5, 0.5, "floor")
        for metric, mean in zip(metrics, (0.7, 0.75), strict=True)
        for one in (system, "floor: majority")
    ]
    data = {"name": "mosi", "task": "value", "labels": ["sentiment"], "samples": 99}
    data |= {"widths": {"text": text, "audio": 5}, "sha256": f"{text:08x}"}
    systems = {system: {"config": {"rate": 0.01, "width": 8, **(config or {})}}}
    result = Result({"name": "seeds", "split": "auto"}, data, systems, (0,), how, tuple(rows))
    result.save(folder / name / "result.json")
    return folder / name


def call(*args):
    return CliRunner().invoke(command, ["table", *map(str, args)], catch_exceptions=False)


def test_baselines_7_a_table_of_runs_does_not_mix_schemes(tmp_path):
    kept(tmp_path, "a")
    kept(tmp_path, "b", system="tfn")
    told = call(tmp_path).stdout
    assert "linear" in told and "tfn" in told and "floor:" not in told and "0.700" in told and "0.750" not in told
    assert "features: text 300, audio 5 (0000012c)" in told and "epoch picked by: loss" in told
    other = {
        "has0": ({"metrics": ("acc2_non0", "acc2_has0")}, "metric: acc2_has0 against acc2_non0"),
        "bert": ({"text": 768}, r"features: text 300, audio 5 .* against text 768, audio 5"),
        "uar": ({"select": "uar"}, "epoch picked by: loss against uar"),
        "long": ({"epochs": 5}, "training: epochs as each recipe says, .* against epochs 5, batch as each recipe says"),
        "wide": ({"batch": 8}, "training: epochs as each recipe says, .* batch 8"),
    }
    for name, (more, why) in other.items():
        folder = kept(tmp_path / name, "c", **more)
        with pytest.raises(RequestError, match=rf"differ in .*{why}.*--mix"):
            call(tmp_path / "a", folder)
        mixed = call(tmp_path / "a", folder, "--mix").stdout
        assert len([line for line in mixed.splitlines() if " linear " in line]) == 2
        assert why.split()[-1] in mixed
    one = call(tmp_path / "a", tmp_path / "has0", "--metric", "acc2_non0").stdout
    assert "acc2_has0" not in one, "a metric asked for by name is the same in both"


def test_a_system_of_other_settings_is_told(tmp_path):
    runs = kept(tmp_path, "a"), kept(tmp_path, "b", config={"rate": 0.1}), kept(tmp_path, "c", system="tfn")
    header, first, second, third = call(*runs, "--format", "csv").stdout.splitlines()
    assert header.endswith(",settings")
    assert [line.rsplit(",", 1)[1] for line in (first, second, third)] == ["rate 0.01", "rate 0.1", ""]
    assert "settings" not in call(runs[0], runs[2]).stdout


def test_what_cannot_be_put_into_a_table(tmp_path):
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(InputError, match="holds no result of mien bench"):
        find([tmp_path])
    runs = find([kept(tmp_path, "a")])
    with pytest.raises(RequestError, match="has no metric 'uar'; it has: acc2_has0, acc2_non0"):
        together(runs, metric="uar")
    assert len(find([tmp_path / "a", tmp_path / "a" / "result.json"])) == 1
