"""One command from the corpora to `voice.onnx` and its card: see README.md beside this file."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from bank import build
from net import SIZE, Margin, VoiceNet, write_onnx
from trials import Pieces, tables

WEIGHTS = Path(__file__).resolve().parents[2] / "src/mien/analysis/moments/weights"
BATCH = 96
TAUGHT = 8.0
"""Weight of the teacher beside the margin loss, whose scale is about 2 to 10."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the five corpora")
    parser.add_argument("--work", type=Path, required=True, help="folder for the bank, checkpoints and log")
    parser.add_argument("--steps", type=int, default=1300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--teacher", type=Path, help="resemblyzer/pretrained.pt; without it nothing is distilled")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    asked.work.mkdir(parents=True, exist_ok=True)
    if not (asked.work / "rows.npz").exists():
        build(asked.data, asked.work, asked.seed)
    mel = np.load(asked.work / "mel.npy", mmap_mode="r")
    rows = dict(np.load(asked.work / "rows.npz"))
    taught = None
    if asked.teacher is not None:
        from teacher import teach

        if not (asked.work / "teacher.npy").exists():
            teach(asked.teacher, asked.data, asked.work, asked.seed)
        taught = np.load(asked.work / "teacher.npy")
    net = fit(mel, rows, asked.steps, asked.seed, asked.work, taught)
    WEIGHTS.mkdir(exist_ok=True)
    write_onnx(net, WEIGHTS / "voice.onnx")
    same_answers(net, mel)
    scores = {part: score(net, mel, rows, part) for part in ("dev", "test")}
    (asked.work / "scores.json").write_text(json.dumps(scores, indent=1))
    show(scores)
    from card import write

    write(WEIGHTS / "voice.json", asked.data, scores, steps=asked.steps, seed=asked.seed)


def fit(mel, rows, steps: int, seed: int, work: Path, taught=None) -> VoiceNet:
    """Train on the training speakers; every (speaker, speed) is a class. One log line per 50 steps."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    train = rows["part"] == "train"
    names = np.char.add(np.char.add(rows["corpus"], rows["speaker"]), rows["speed"].astype(str))
    classes, who = np.unique(names[train], return_inverse=True)
    clips = np.flatnonzero(train)
    by_class = [clips[who == c] for c in range(len(classes))]
    # Speakers count by the square root of their clips: BAVED's smallest have ten, nEMO's largest five hundred.
    chance = np.sqrt([len(group) for group in by_class])
    chance /= chance.sum()
    net, head = VoiceNet(), Margin(len(classes))
    reader = torch.nn.Linear(SIZE, 256)  # predicts the teacher's vector; thrown away afterwards
    learnt = [*net.parameters(), *head.parameters(), *reader.parameters()]
    optimiser = torch.optim.AdamW(learnt, 2e-3, weight_decay=2e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps, pct_start=0.15)
    began, running = time.process_time(), 0.0
    with open(work / "train.log", "w") as log:
        for step in range(steps):
            frames = int(rng.integers(90, 260))
            picked = rng.choice(len(classes), BATCH, p=chance)
            drawn = [int(rng.choice(by_class[c])) for c in picked]
            batch = np.stack([crop(mel, rows, clip, frames, rng) for clip in drawn])
            vectors = net(torch.from_numpy(spoil(batch, rng)))
            loss = head(vectors, torch.from_numpy(picked), 0.2 * min(1.0, step / (0.3 * steps)))
            if taught is not None:
                loss = loss + TAUGHT * distilled(vectors, reader, torch.from_numpy(taught[drawn]))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            running = 0.95 * running + 0.05 * float(loss.detach())
            if step % 50 == 49:
                log.write(f"{step + 1} loss {running:.3f} cpu {time.process_time() - began:.0f} s\n")
                log.flush()
    torch.save(net.state_dict(), work / "voice.pt")
    return net.eval()


def distilled(vectors: torch.Tensor, reader: torch.nn.Module, goal: torch.Tensor) -> torch.Tensor:
    """How far what the vectors tell lies from the teacher's, and how far their likenesses do (clips with a teacher)."""
    has = goal.norm(dim=1) > 0.5
    vectors, goal = vectors[has], goal[has]
    apart = 1 - torch.nn.functional.cosine_similarity(reader(vectors), goal).mean()
    centred = torch.nn.functional.normalize(goal - goal.mean(dim=0), dim=1)
    return apart + (vectors @ vectors.T - centred @ centred.T).square().mean()


def crop(mel, rows, clip: int, frames: int, rng) -> np.ndarray:
    """`frames` of a clip from a random place; a shorter clip is repeated."""
    start, stop = int(rows["start"][clip]), int(rows["stop"][clip])
    if stop - start >= frames:
        at = int(rng.integers(start, stop - frames + 1))
        return np.asarray(mel[at : at + frames], np.float32)
    part = np.asarray(mel[start:stop], np.float32)
    return np.resize(part, (frames, part.shape[1]))


def spoil(batch: np.ndarray, rng) -> np.ndarray:
    """Cheap further damage in the features: a steady noise floor of random colour, one band or moment wiped out."""
    out = batch.copy()
    for x in out:
        if rng.random() < 0.4:
            colour = np.interp(np.arange(64), np.linspace(0, 63, 5), rng.normal(0, 1.5, 5))
            noise = x.max() - rng.uniform(3, 9) + colour + rng.gumbel(0, 0.5, x.shape)
            np.logaddexp(x, noise.astype(np.float32), out=x)
        if rng.random() < 0.3:
            band = int(rng.integers(0, 56))
            x[:, band : band + int(rng.integers(2, 9))] = x.mean()
    return out


def embed(net: VoiceNet, mel: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return np.concatenate(
            [net(torch.from_numpy(part)).numpy() for part in np.array_split(mel, len(mel) // 128 + 1)]
        )


def score(net: VoiceNet, mel, rows, part: str) -> dict[str, object]:
    """Equal error rates at 3 s and 1.5 s, clean and degraded."""
    out: dict[str, object] = {}
    for seconds in (3.0, 1.5):
        for name, worse in (("clean", False), ("degraded", True)):
            pieces = Pieces(mel, rows, part, seconds, worse, 60, np.random.default_rng(7))
            out[f"{name} {seconds:g} s"] = tables(embed(net, pieces.mel), pieces)
    return out


def show(scores: dict[str, dict[str, dict[str, dict[str, float]]]]) -> None:
    for part, conditions in scores.items():
        for condition, table in conditions.items():
            for corpus, row in table.items():
                extra = f" [{row['low']:.3f}, {row['high']:.3f}]" if "low" in row else ""
                across = f"{row['eer_across_emotions']:.3f} across emotions"
                print(
                    f"{part:5} {condition:16} {corpus:8} {row['speakers']:3d} speakers  EER {row['eer']:.3f}{extra}  {across}"
                )


def same_answers(net: VoiceNet, mel) -> None:
    """The ONNX file must answer as the network does."""
    import onnxruntime as ort

    session = ort.InferenceSession((WEIGHTS / "voice.onnx").read_bytes())
    for frames in (45, 300):
        some = np.stack([np.asarray(mel[i * 500 : i * 500 + frames], np.float32) for i in range(4)])
        worst = float(np.abs(session.run(None, {"mel": some})[0] - embed(net, some)).max())
        if worst > 1e-4:
            raise SystemExit(f"voice.onnx differs from the network by {worst:.1e}")


if __name__ == "__main__":
    main()
