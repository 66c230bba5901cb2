"""Trains the shipped speech sense. One command: data folder in, `speech.onnx` and `speech.json` out.

    python recipes/speech/train.py DATA WORK --elsewhere SPEECH --teacher pretrained.pt --recogniser MODEL

DATA holds emodb/ ravdess/ nemo/ tess/ baved/ (corpora.py says how each is read), SPEECH the sets without labels
(elsewhere.py), MODEL the folder of a small recogniser (recogniser.py); WORK takes about 5 GB of banks. Needs torch,
scipy, onnx, faster-whisper and mien itself; one thread; every seed is fixed;
the card carries a hash of each corpus. What already lies in WORK is not made again, so a killed run goes on.

Protocol, fixed before any result was seen
------------------------------------------
1. Groups are speakers. No speaker is on both sides of anything.
2. Development looks only at *leave one corpus out*: train on all speakers of the other corpora (BAVED always
   trains, it has no categories), test on the five classes that EMO-DB, RAVDESS, nEMO and TESS share, by every speaker
   of the left-out corpus who is not a TEST speaker. The figure is
   the unweighted average recall (UAR) for EMO-DB, RAVDESS and nEMO and their mean. TESS (two speakers, one carrier
   phrase) only ever trains. EMO-DB is also tested through an exact 300-3400 Hz cut and with white noise at 10 dB.
   The listener under every network of these tables was taught on none of the three (elsewhere.py), without labels.
   Stage `folds`: the five speaker folds of the anchors, all corpora trained jointly, each fold's speakers left out;
   recall over all classes of the corpus (EMO-DB 7, RAVDESS 8, nEMO 6), answers of the folds pooled. These are reported
   and chose nothing.
3. The shipped weights are trained on the train speakers of all five corpora (corpora.py: TRAIN = not DEV, not TEST).
4. DEV speakers choose nothing but numbers after training: the temperature and the quality estimate. For both, the
   answers of the leave-one-corpus-out networks on the unseen corpus count as much as the DEV speakers, because a
   user's recording is nearer to that.
5. TEST speakers are scored once, by the exported network through `mien.analysis.senses.speech.classify`.
   Intervals: 500 bootstrap rounds over clips inside speakers (two to four test speakers a corpus: too few to draw).

An earlier run departed from points 2, 4 and 5: README.md says how, under its last heading.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import elsewhere
import numpy as np
import recogniser
import torch
from bank import build, open_bank
from corpora import CLASSES, FEMALE, FOLDS, LABELS, SHARED, Clip, fingerprint, walk
from fit import MEMBERS, RECIPES, Material, answer, fit
from listen import ROUNDS, listen
from measures import over_speakers, recalls, uar
from teacher import teach

STEPS = [member.steps for member in MEMBERS]


def main() -> None:
    """All stages in order; what already lies in WORK is not made again."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("work", type=Path)
    arguments.add_argument("--elsewhere", type=Path, required=True, help="speech without labels, see elsewhere.py")
    arguments.add_argument("--teacher", type=Path, required=True, help="resemblyzer/pretrained.pt")
    arguments.add_argument(
        "--recogniser", type=Path, required=True, help="folder of Whisper tiny.en, see recogniser.py"
    )
    arguments.add_argument("--test", action="store_true", help="score the test speakers too (once, at the end)")
    arguments.add_argument("--stages", default="listen,loco,folds,final,export")
    arguments.add_argument("--recipe", default="advised", choices=RECIPES, help="fit.py says what each varies")
    arguments.add_argument("--left-out", default="emodb,ravdess,nemo")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    clips = walk(options.data)
    prepare(clips, options.work, options.teacher, options.recogniser)
    if "listen" in options.stages:
        taught(options.elsewhere, options.data, options.work, options.teacher, options.recogniser)
    material = Material.open(clips, options.work)
    if "loco" in options.stages:
        for corpus in options.left_out.split(","):
            leave_out(material, options.work, corpus, options.recipe)
    if "folds" in options.stages:
        folds(material, options.work, options.recipe)
    if "final" in options.stages:
        final(material, options.work, options.recipe)
    if "export" in options.stages:
        from export import export

        export(clips, options.work, fingerprint(clips), recipe=options.recipe, test=options.test)


def prepare(clips: list[Clip], work: Path, weights: Path, model: Path) -> None:
    """Banks and the teachers' values, unless they are there."""
    if not (work / "clean.offsets.npy").exists():
        build(clips, work)
    if not (work / "teacher.npy").exists():
        teach(weights, work)
    if not (work / "recogniser.npy").exists():
        recogniser.teach(model, work)


def taught(speech: Path, data: Path, work: Path, weights: Path, model: Path) -> None:
    """The listener, `listener.pt`, and which files taught it, `listener.json`."""
    paths = elsewhere.sounds(speech, data)
    if not (work / "lessons" / "offsets.npy").exists():
        elsewhere.build(paths, weights, model, work / "lessons")
    listen(work / "lessons", work)
    steps = [cycle.steps for cycle in ROUNDS]
    facts = {"files": len(paths), "sha256": elsewhere.fingerprint(paths), "steps": steps}
    (work / "listener.json").write_text(json.dumps(facts))


def leave_out(material: Material, work: Path, corpus: str, recipe: str) -> None:
    """One development run; writes logits, truth and speakers of the corpus left out, prints its UAR."""
    target = work / f"loco-{recipe}-{corpus}.npz"
    if target.exists():
        return
    begun = time.process_time()
    clips = material.clips
    chosen = [i for i, clip in enumerate(clips) if clip.corpus != corpus]
    net = fit(material, chosen, RECIPES[recipe], work)
    shared = [LABELS.index(label) for label in SHARED]
    rows = [i for i, c in enumerate(clips) if c.corpus == corpus and c.part != "test" and c.label in CLASSES[corpus]]
    truth = np.array([LABELS.index(str(clips[i].label)) for i in rows])
    kept = np.isin(truth, shared)
    report: dict[str, object] = {"corpus": corpus, "steps": STEPS, "recipe": recipe}
    saved = {"rows": np.array(rows), "truth": truth}
    for name in ("clean", "telephone", "noise10") if corpus == "emodb" else ("clean",):
        bank = open_bank(work, name)
        logits, _ = answer(net, [bank.clip(i) for i in rows])
        guess = np.array(shared)[logits[:, shared].argmax(axis=1)]
        report[name] = round(uar(truth[kept], guess[kept]), 3)
        saved[name] = logits
        if name == "clean":
            found = recalls(truth[kept], guess[kept])
            report["recall"] = {LABELS[c]: round(r, 3) for c, r in found.items()}
    report["cpu_seconds"] = round(time.process_time() - begun)
    np.savez(target, **saved)
    torch.save(net.state_dict(), work / f"loco-{recipe}-{corpus}.pt")
    (work / f"loco-{recipe}-{corpus}.json").write_text(json.dumps(report, indent=1))
    print(json.dumps(report), flush=True)


def folds(material: Material, work: Path, recipe: str) -> None:
    """Five networks, each without the speakers of one fold; pooled answers and their recall in `folds-*.json`."""
    clips, bank = material.clips, open_bank(work, "clean")
    for fold in range(5):
        target = work / f"fold-{recipe}-{fold}.npz"
        if target.exists():
            continue
        out = [i for i, c in enumerate(clips) if c.corpus in FOLDS and c.speaker in FOLDS[c.corpus][fold].split()]
        chosen = sorted(set(range(len(clips))) - set(out))
        net = fit(material, chosen, RECIPES[recipe], work)
        np.savez(target, rows=np.array(out), clean=answer(net, [bank.clip(i) for i in out])[0])
    report = {}
    saved = [np.load(work / f"fold-{recipe}-{fold}.npz") for fold in range(5)]
    rows, logits = np.concatenate([s["rows"] for s in saved]), np.concatenate([s["clean"] for s in saved])
    for corpus in FOLDS:
        own = np.array([clips[i].corpus == corpus for i in rows])
        known = [LABELS.index(label) for label in CLASSES[corpus]]
        truth = np.array([LABELS.index(str(clips[i].label)) for i in rows[own]])
        guess = np.array(known)[logits[own][:, known].argmax(axis=1)]
        speakers = [clips[i].speaker for i in rows[own]]
        women = np.isin(speakers, sorted(FEMALE[corpus]))
        report[corpus] = {
            "uar": round(uar(truth, guess), 3),
            "interval": over_speakers(truth, guess, speakers),
            "recall": {LABELS[c]: round(r, 3) for c, r in recalls(truth, guess).items()},
            "female": round(uar(truth[women], guess[women]), 3),
            "male": round(uar(truth[~women], guess[~women]), 3),
        }
    (work / f"folds-{recipe}.json").write_text(json.dumps({"recipe": recipe, "steps": STEPS, "folds": report}))
    print(json.dumps(report), flush=True)


def final(material: Material, work: Path, recipe: str) -> None:
    """The shipped network, trained on the train speakers of all corpora; written to `final.pt`."""
    chosen = [i for i, clip in enumerate(material.clips) if clip.part == "train"]
    begun = time.process_time()
    net = fit(material, chosen, RECIPES[recipe], work)
    torch.save(net.state_dict(), work / "final.pt")
    facts = {"recipe": recipe, "steps": STEPS, "clips": len(chosen), "cpu_seconds": round(time.process_time() - begun)}
    (work / "final.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    main()
