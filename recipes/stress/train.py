"""Train the wearable stress model: `python recipes/stress/train.py --data DIR/stress-predict`.

Writes stress.onnx and stress.json beside the senses and benchmarks/results/stress-training.json. README.md tells the
protocol. Needs numpy, pandas, pyarrow, scikit-learn, onnx; takes about two minutes on one core.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import platform
import sys
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import sklearn
from onnx import TensorProto, helper, numpy_helper
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, recall_score, roc_auc_score

from mien.analysis.media.recording import Signal
from mien.analysis.senses.body import body
from mien.analysis.senses.body_features import CHANNEL_OF, CHANNELS, FEATURES, own_course, readings

ROOT = Path(__file__).resolve().parents[2]
SEED = 7
TRAIN, TEST = range(2, 28), range(28, 36)
STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3)
CLIP = 4.0


# ---- data ------------------------------------------------------------------------------------------------------------


def channels(tables, subject, names=CHANNELS, first=0.0, last=np.inf):
    raw, heart = tables["signals"], tables["heart"]
    raw = raw[(raw.subject == subject) & (raw.i / 4 >= first) & (raw.i / 4 < last)]
    heart = heart[(heart.subject == subject) & (heart.t >= first) & (heart.t < last)]
    begin = float(raw.i.iloc[0]) / 4
    out = [
        Signal("eda", "uS", begin, 4.0, raw.eda_us.to_numpy(float)),
        Signal("temperature", "degC", begin, 4.0, raw.temp_c.to_numpy(float)),
        Signal("heart_rate", "bpm", float(heart.t.iloc[0]), 1.0, heart.hr_bpm.to_numpy(float)),
    ]
    out += [Signal(f"acc_{a}", "1/64 g", begin, 4.0, raw[f"acc_{a}"].to_numpy(float)) for a in "xyz"]
    return out


def windows(tables, subject, first=0.0, last=np.inf):
    """Raw and own-baseline readings, label, middle second and phase of the windows wholly inside one phase."""
    here = body(channels(tables, subject, first=first, last=last))
    starts = np.arange(max(10.0, here.start), here.start + here.duration - 60.0, 30.0)
    label, phase = np.full(len(starts), -1), np.full(len(starts), "", dtype="U20")
    for row in tables["segments"][tables["segments"].subject == subject].itertuples():
        inside = (starts >= row.start_s) & (starts + 60 <= row.end_s)
        label[inside], phase[inside] = row.stress, row.phase
    raw = readings(here, starts + 30.0)
    mean, spread = own_course(here)
    keep = (label >= 0) & np.isfinite(raw).all(axis=1)
    own = (raw - mean) / spread
    return {"raw": raw[keep], "own": own[keep], "y": label[keep], "t": starts[keep] + 30.0, "phase": phase[keep]}


def gather(tables, subjects, **part):
    tables_of = {s: windows(tables, s, **part) for s in subjects}
    out = {k: np.concatenate([w[k] for w in tables_of.values()]) for k in ("raw", "own", "y", "t", "phase")}
    out["subject"] = np.concatenate([np.full(len(w["y"]), s) for s, w in tables_of.items()])
    return out


def weights(subject):
    """Every person counts the same."""
    _, inverse, count = np.unique(subject, return_inverse=True, return_counts=True)
    return len(subject) / len(count) / count[inverse]


# ---- the model: standardise, clip, logistic regression ---------------------------------------------------------------


def fit(x, y, subject, strength):
    mean, scale = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=2000)
    model.fit(np.clip((x - mean) / scale, -CLIP, CLIP), y, sample_weight=weights(subject))
    return {"mean": mean, "scale": scale, "coef": model.coef_[0], "bias": float(model.intercept_[0])}


def logit(model, x):
    return np.clip((x - model["mean"]) / model["scale"], -CLIP, CLIP) @ model["coef"] + model["bias"]


def columns(names):
    return np.isin(CHANNEL_OF, [CHANNELS.index(n) for n in names])


def leave_out(x, y, subject, strength, groups=None):
    """Logits from a model that never saw the person (or the group of persons)."""
    out = np.zeros(len(y))
    for group in groups or [[s] for s in np.unique(subject)]:
        test = np.isin(subject, group)
        out[test] = logit(fit(x[~test], y[~test], subject[~test], strength), x[test])
    return out


def strongest(x, y, subject):
    """Regularisation by the mean AUC of left-out persons."""
    groups = np.array_split(np.unique(subject), 9)
    return max(STRENGTHS, key=lambda c: mean_auc(leave_out(x, y, subject, c, groups), y, subject))


# ---- figures ---------------------------------------------------------------------------------------------------------


def mean_auc(score, y, subject):
    return float(np.mean([roc_auc_score(y[subject == s], score[subject == s]) for s in np.unique(subject)]))


def report(score, y, subject, rng, threshold=0.0):
    """AUC pooled and per person with 95 % intervals over persons, macro F1 and balanced accuracy at the threshold."""
    people = np.unique(subject)
    at = {s: np.flatnonzero(subject == s) for s in people}
    each = np.array([roc_auc_score(y[at[s]], score[at[s]]) for s in people])
    pooled, means = [], []
    for _ in range(500):
        drawn = rng.choice(len(people), len(people))
        index = np.concatenate([at[people[d]] for d in drawn])
        pooled.append(roc_auc_score(y[index], score[index]))
        means.append(each[drawn].mean())
    said = score > threshold
    return {
        "windows": len(y),
        "persons": len(people),
        "auc": round(float(roc_auc_score(y, score)), 3),
        "auc_interval": [round(float(v), 3) for v in np.percentile(pooled, [2.5, 97.5])],
        "auc_mean_person": round(float(each.mean()), 3),
        "auc_mean_person_interval": [round(float(v), 3) for v in np.percentile(means, [2.5, 97.5])],
        "auc_worst_person": round(float(each.min()), 3),
        "macro_f1": round(float(f1_score(y, said, average="macro")), 3),
        "uar": round(float(recall_score(y, said, average="macro")), 3),
    }


def calibrate(score, y):
    """Platt's line on left-out scores: probability = sigmoid(a score + b), at the data's own rate of stress."""
    line = LogisticRegression(C=1e6, max_iter=1000).fit(score[:, None], y)
    return float(line.coef_[0, 0]), float(line.intercept_[0])


def calibration_error(p, y, bins=10):
    edge = np.minimum((p * bins).astype(int), bins - 1)
    return float(sum(abs(p[edge == b].mean() - y[edge == b].mean()) * (edge == b).mean() for b in np.unique(edge)))


def shifted(score, y, subject, rng, times=200):
    """AUC when every person's labels are turned round in time by a random amount: what a slow score gets for nothing."""
    found = []
    for _ in range(times):
        turned = y.copy()
        for s in np.unique(subject):
            mine = np.flatnonzero(subject == s)
            turned[mine] = np.roll(y[mine], rng.integers(4, len(mine) - 4))
        found.append(roc_auc_score(turned, score))
    return [round(float(v), 3) for v in (np.mean(found), *np.percentile(found, [2.5, 97.5]))]


def neighbours(score, d):
    """Mean AUC within a person of each task against the rest just before and after it (order in the session is matched)."""
    around = {"stroop": ("baseline", "rest1"), "interview": ("rest1", "rest2"), "hyperventilation": ("rest2", "rest3")}
    out = {}
    for task, rests in around.items():
        each = []
        for s in np.unique(d["subject"]):
            mine = d["subject"] == s
            on = mine & (d["phase"] == task)
            if not on.any():
                continue
            first, last = d["t"][on].min() - 330, d["t"][on].max() + 330
            off = mine & np.isin(d["phase"], rests) & (d["t"] > first) & (d["t"] < last)
            if off.any():
                pick = on | off
                each.append(roc_auc_score(on[pick], score[pick]))
        out[task] = {"auc_mean_person": round(float(np.mean(each)), 3), "persons": len(each)}
    return out


# ---- what is shipped -------------------------------------------------------------------------------------------------


def members():
    """Every set of channels, in the order of the bit mask 1..15 (bit i: CHANNELS[i])."""
    return [[c for i, c in enumerate(CHANNELS) if mask >> i & 1] for mask in range(1, 2 ** len(CHANNELS))]


def ship(d, strengths):
    """30 small models (15 channel sets, raw and own baseline), calibrated on left-out persons, as stacked arrays."""
    width = 2 * len(FEATURES)
    stack = {k: np.zeros((30, width), np.float32) for k in ("mean", "scale", "coef")}
    stack["scale"][:] = 1.0
    bias, rows = np.zeros((30, 1), np.float32), []
    rng = np.random.default_rng(SEED)
    for own, (which, names) in itertools.product((0, 1), enumerate(members())):
        kind, at = ("own" if own else "raw"), which + 15 * own
        use = columns(names)
        x = d[kind][:, use]
        out = leave_out(x, d["y"], d["subject"], strengths[kind])
        a, b = calibrate(out, d["y"])
        p = 1 / (1 + np.exp(-(a * out + b)))
        model = fit(x, d["y"], d["subject"], strengths[kind])
        for key in ("mean", "scale"):
            stack[key][at, use] = model[key]
        stack["coef"][at, use], bias[at] = a * model["coef"], a * model["bias"] + b
        figures = report(out, d["y"], d["subject"], rng)
        rows.append({"channels": names, "baseline": kind, "ece": round(calibration_error(p, d["y"]), 3), **figures})
    return stack, bias, rows


def write_onnx(stack, bias, path):
    const = [numpy_helper.from_array(v, k) for k, v in (*stack.items(), ("bias", bias))]
    const += [numpy_helper.from_array(np.array(v, np.float32), k) for k, v in (("low", -CLIP), ("high", CLIP))]
    const.append(numpy_helper.from_array(np.array([1], np.int64), "axis"))
    node = helper.make_node
    nodes = [node("Gather", [k, "member"], [f"{k}_of"], axis=0) for k in ("mean", "scale", "coef", "bias")]
    nodes += [
        node("Sub", ["features", "mean_of"], ["centred"]),
        node("Div", ["centred", "scale_of"], ["scaled"]),
        node("Clip", ["scaled", "low", "high"], ["clipped"]),
        node("Mul", ["clipped", "coef_of"], ["weighed"]),
        node("ReduceSum", ["weighed", "axis"], ["total"], keepdims=1),
        node("Add", ["total", "bias_of"], ["logit"]),
        node("Sigmoid", ["logit"], ["stress"]),
    ]
    graph = helper.make_graph(
        nodes,
        "stress",
        [
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", 2 * len(FEATURES)]),
            helper.make_tensor_value_info("member", TensorProto.INT64, ["n"]),
        ],
        [helper.make_tensor_value_info("stress", TensorProto.FLOAT, ["n", 1])],
        const,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9, producer_name="mien")
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


# ---- the whole recipe ------------------------------------------------------------------------------------------------


def protocol(tables, rng):
    """Fixed split first: strengths chosen inside subjects 2-27, subjects 28-35 scored once. Then leave one out over 34."""
    train, test, d = (gather(tables, s) for s in (TRAIN, TEST, range(2, 36)))
    strengths = {kind: strongest(train[kind], train["y"], train["subject"]) for kind in ("raw", "own")}
    sets = {
        "all": CHANNELS,
        "no acceleration": CHANNELS[:3],
        "no temperature": ("eda", "heart", "movement"),
        **{f"{c} only": (c,) for c in CHANNELS},
    }
    held, loso, scores = [], [], {}
    for kind, (name, names) in itertools.product(("raw", "own"), sets.items()):
        use, c = columns(names), strengths[kind]
        row = {"channels": name, "baseline": kind}
        model = fit(train[kind][:, use], train["y"], train["subject"], c)
        held.append({**row, **report(logit(model, test[kind][:, use]), test["y"], test["subject"], rng)})
        out = leave_out(d[kind][:, use], d["y"], d["subject"], c)
        scores[kind, name] = out
        loso.append({**row, **report(out, d["y"], d["subject"], rng)})
    slow = columns(CHANNELS) & ~np.array([n == "level" for _, n in FEATURES] * 2)
    without = leave_out(d["own"][:, slow], d["y"], d["subject"], strengths["own"])
    loso.append(
        {"channels": "all, without slow levels", "baseline": "own", **report(without, d["y"], d["subject"], rng)}
    )
    return d, strengths, held, loso, scores


def time_only(d, rng):
    """The trap: the schedule is the same for everyone, so the clock alone tells the label."""
    out = np.zeros(len(d["y"]))
    for group in np.array_split(np.unique(d["subject"]), 17):
        test = np.isin(d["subject"], group)
        forest = RandomForestClassifier(100, min_samples_leaf=3, class_weight="balanced", random_state=SEED)
        out[test] = forest.fit(d["t"][~test, None], d["y"][~test]).predict_proba(d["t"][test, None])[:, 1]
    line = leave_out(d["t"][:, None], d["y"], d["subject"], 1.0)
    return [
        {"model": "forest on seconds since the start", **report(out, d["y"], d["subject"], rng, 0.5)},
        {"model": "logistic regression on seconds since the start", **report(line, d["y"], d["subject"], rng)},
    ]


def excerpts(tables, d, strengths, rng):
    """How long a recording must be for its own baseline to help: excerpts of whole sessions, models from the others."""
    rows = []
    for minutes in (5, 10, 15, 20, 30):
        found = {"raw": [], "own": []}
        for subject in range(2, 36):
            rest = d["subject"] != subject
            first = float(rng.uniform(10, 2900 - 60 * minutes))
            part = windows(tables, subject, first=first, last=first + 60 * minutes)
            if len(np.unique(part["y"])) < 2:
                continue
            for kind in found:
                model = fit(d[kind][rest], d["y"][rest], d["subject"][rest], strengths[kind])
                found[kind].append((logit(model, part[kind]), part["y"]))
        row = {"minutes": minutes, "persons": len(found["raw"])}
        for kind, pairs in found.items():
            out, y = (np.concatenate([p[i] for p in pairs]) for i in (0, 1))
            row[f"auc_{kind}"] = round(float(roc_auc_score(y, out)), 3)
            row[f"auc_mean_person_{kind}"] = round(float(np.mean([roc_auc_score(b, a) for a, b in pairs])), 3)
        rows.append(row)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the stress-predict tables")
    parser.add_argument("--out", type=Path, default=ROOT / "src/mien/analysis/senses/weights")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks/results/stress-training.json")
    args = parser.parse_args()
    files = {"signals": "signals_4hz", "heart": "hr_1hz", "segments": "segments"}
    tables = {k: pd.read_parquet(args.data / f"{f}.parquet") for k, f in files.items()}
    rng = np.random.default_rng(SEED)

    d, strengths, held, loso, scores = protocol(tables, rng)
    stack, bias, shipped = ship(d, strengths)
    args.out.mkdir(parents=True, exist_ok=True)
    write_onnx(stack, bias, args.out / "stress.onnx")
    hashes = {f: hashlib.sha256((args.data / f"{f}.parquet").read_bytes()).hexdigest() for f in files.values()}
    results = {
        "command": "python recipes/stress/train.py --data stress-predict",
        "seed": SEED,
        "versions": {"python": platform.python_version(), "numpy": np.__version__, "scikit-learn": sklearn.__version__},
        "machine": f"{platform.machine()}, {platform.system()}",
        "data_sha256": hashes,
        "strength": strengths,
        "stress_rate": round(float(d["y"].mean()), 3),
        "held_out_subjects_28_35": held,
        "leave_one_subject_out": loso,
        "time_only": time_only(d, rng),
        "labels_turned_in_time": {
            kind: dict(
                zip(("mean", "low", "high"), shifted(scores[kind, "all"], d["y"], d["subject"], rng), strict=True)
            )
            for kind in ("raw", "own")
        },
        "task_against_neighbouring_rest": {
            f"{kind}, {name}": neighbours(scores[kind, name], d)
            for kind in ("raw", "own")
            for name in ("all", "no acceleration")
        },
        "excerpts": excerpts(tables, d, strengths, rng),
        "shipped": shipped,
    }
    args.results.parent.mkdir(parents=True, exist_ok=True)
    args.results.write_text(json.dumps(results, indent=1) + "\n")
    write_card(results, args.out / "stress.json")
    show(results)


def write_card(results, path):
    best = {r["baseline"]: r for r in results["leave_one_subject_out"] if r["channels"] == "all"}
    still = {r["baseline"]: r for r in results["leave_one_subject_out"] if r["channels"] == "no acceleration"}
    held = {r["baseline"]: r for r in results["held_out_subjects_28_35"] if r["channels"] == "all"}
    text = json.loads((Path(__file__).parent / "card.json").read_text())
    text["scores"] = {
        "leave_one_subject_out": {"raw": best["raw"], "own_baseline": best["own"]},
        "leave_one_subject_out_without_acceleration": {"raw": still["raw"], "own_baseline": still["own"]},
        "subjects_28_35_once": {"raw": held["raw"], "own_baseline": held["own"]},
        "floor_time_of_session_alone": results["time_only"][0],
        "labels_turned_in_time": results["labels_turned_in_time"],
        "task_against_neighbouring_rest": results["task_against_neighbouring_rest"],
        "per_channel_set": results["shipped"],
    }
    text["data"][0]["sha256"] = results["data_sha256"]
    text["prior"] = results["stress_rate"]
    path.write_text(json.dumps(text, indent=1) + "\n")


def show(results):
    keys = ("auc", "auc_interval", "auc_mean_person", "macro_f1", "uar")
    for part in ("held_out_subjects_28_35", "leave_one_subject_out"):
        print(f"\n{part}")
        for row in results[part]:
            print(f"  {row['baseline']:4} {row['channels']:26}", *(f"{row[k]!s:>16}" for k in keys))
    for part in ("time_only", "labels_turned_in_time", "task_against_neighbouring_rest", "excerpts", "strength"):
        print(f"\n{part}\n ", json.dumps(results[part]))


if __name__ == "__main__":
    sys.exit(main())
