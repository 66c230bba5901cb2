"""Speed of the open-vocabulary scorer: load, 100,000 free-text answers, and beside it the published scorer.

    python benchmarks/openset.py [--answers 100000] [--original FOLDER]

FOLDER is MER2025/MER2025_Track23 of a checkout of zeroQiaoba/MERTools (it needs pandas, openpyxl and scipy). The
published scorer reads label lists only (a language model makes them there), so both are timed on the same lists, and
their figures must agree. The answers are made here from sentences and words by a fixed seed. One core, one process.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import save, table

OPENINGS = [
    "In the video, the {who} looks {a} and a little {b}, with raised eyebrows and a slightly open mouth.",
    "The {who} seems {a}; the voice is low and unsteady, which suggests that the {who} is not {c}.",
    "At first the {who} smiles, but the tone of voice and the words reveal that the {who} feels {a}, {b} and {c}.",
    'The subtitle reads: "I am so glad that you came, I did not expect it." The {who} sounds {a}.',
    "There is no sign of {c} or {b} in the face; the gestures are quick and the gaze is fixed on the other person.",
]
CLOSINGS = [
    "Taken together, the {who} is most likely {a} and {b}.",
    "Therefore we can infer that the emotional state of the {who} is {a}, perhaps mixed with {b}.",
    "Overall the mood is neither {c} nor {b}, but {a}.",
]
WHO = ["man", "woman", "speaker", "young doctor", "girl", "main character"]
REPEATS = 3

LOAD = """
import time
start = time.perf_counter()
import mien.scoring.mer_unibench
from mien.scoring.wheels import tables
from mien.scoring.answers import read_answer
tables("2026"), tables("2025"), read_answer("He is not happy.")
print(time.perf_counter() - start)
"""

ORIGINAL = """
import importlib.abc, importlib.machinery, json, sys, time, types
from unittest.mock import MagicMock

class Stub(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    names = ("cv2", "torchaudio", "torch", "openai", "fire", "tqdm", "matplotlib", "sklearn", "PIL", "vllm", "transformers")
    def find_spec(self, name, path, target=None):
        known = name.split(".")[0] in self.names or name in ("toolkit.globals", "toolkit.utils.chatgpt", "config")
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if known else None
    def create_module(self, spec):
        held = MagicMock(); held.__path__ = []; held.__spec__ = spec; held.__all__ = []
        return held
    def exec_module(self, module):
        pass

sys.meta_path.insert(0, Stub())
sys.path.insert(0, ".")
package = types.ModuleType("my_affectgpt")
package.__path__ = ["my_affectgpt"]
sys.modules["my_affectgpt"] = package
import config
config.EMOTION_WHEEL_ROOT = "emotion_wheel"
data = json.load(open(sys.argv[1]))
start = time.perf_counter()
from my_affectgpt.evaluation import wheel
load = time.perf_counter() - start
start = time.perf_counter()
figures = {level: wheel.wheel_metric_calculation(name2gt=data["truth"], name2pred=data["given"], inter_print=False, level=level) for level in ("level1", "level2")}
print(json.dumps({"load": load, "seconds": time.perf_counter() - start, "figures": figures}))
"""


def make(count: int, seed: int) -> tuple[list[str], list[list[str]]]:
    """Free-text answers and label lists for the same samples."""
    from mien.scoring.lexicon import prose_forms

    draw = random.Random(seed)
    words = sorted(word for word in prose_forms() if word.isalpha())
    answers, lists = [], []
    for _ in range(count):
        chosen = dict(zip("abc", draw.sample(words, 3), strict=True)) | {"who": draw.choice(WHO)}
        parts = [*draw.sample(OPENINGS, 2), draw.choice(CLOSINGS)]
        answers.append(" ".join(part.format(**chosen) for part in parts))
        lists.append(draw.sample(words, draw.randint(1, 5)))
    return answers, lists


def load_seconds() -> float:
    """Import and tables in a fresh process, the best of three."""
    runs = [
        subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=True) for _ in range(REPEATS)
    ]
    return min(float(run.stdout) for run in runs)


def timed(call, *arguments):
    """(seconds, result)."""
    start = time.perf_counter()
    result = call(*arguments)
    return time.perf_counter() - start, result


def timed_both(name: str, call, *arguments) -> dict[str, float]:
    """Seconds by the clock, and those this process had the core for (others may have used it too)."""
    start = time.process_time()
    seconds, _ = timed(call, *arguments)
    return {f"{name}_s": seconds, f"{name}_core_s": time.process_time() - start}


def file_to_figures(folder: Path, rounds: int):
    """From the two files to figures, floors and intervals."""
    from mien.scoring.mer_unibench import score
    from mien.scoring.result import Options

    return score(folder / "answers.jsonl", folder / "reference.jsonl", Options(rounds=rounds))


def lists_to_figures(truth, given, edition):
    """The two published level means of label lists that are in memory."""
    from mien.scoring.openset import mean_figure, overlap
    from mien.scoring.wheels import tables

    found = overlap(truth, given, held=tables(edition), undefined="nan")
    return {level: mean_figure(found, level, "nan") for level in ("level1", "level2")}


def beside_original(folder: Path, count: int, seed: int) -> dict:
    """Both scorers on the same lists: seconds, ratio, and how far their figures are apart."""
    _, lists = make(2 * count, seed)
    truth, given = lists[:count], lists[count:]
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "lists.json"
        names = [f"s{number}" for number in range(count)]
        path.write_text(
            json.dumps({"truth": dict(zip(names, truth, strict=True)), "given": dict(zip(names, given, strict=True))})
        )
        run = subprocess.run(
            [sys.executable, "-c", ORIGINAL, str(path)], cwd=folder, capture_output=True, text=True, check=True
        )
    theirs = json.loads(run.stdout.strip().splitlines()[-1])
    ours, figures = min(
        (timed(lists_to_figures, truth, given, "2025") for _ in range(REPEATS)), key=lambda found: found[0]
    )
    apart = max(
        abs(a - b)
        for level in figures
        for a, b in zip(
            theirs["figures"][level],
            (figures[level].fscore, figures[level].precision, figures[level].recall),
            strict=True,
        )
    )
    return {
        "samples": count,
        "original_load_s": theirs["load"],
        "original_s": theirs["seconds"],
        "mien_s": ours,
        "ratio": theirs["seconds"] / ours,
        "largest_difference": apart,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, default=100_000)
    parser.add_argument("--original", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    result = {"load_s": load_seconds(), "answers": chosen.answers}
    answers, lists = make(chosen.answers, chosen.seed)
    result["characters_per_answer"] = sum(map(len, answers)) / len(answers)
    from mien.scoring.answers import lexicon_extract

    lexicon_extract(answers[:100])
    result |= timed_both("read", lexicon_extract, answers)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, key, values in (("answers", "answer", answers), ("reference", "openset", lists)):
            rows = (json.dumps({"id": f"s{number}", key: value}) for number, value in enumerate(values))
            (folder / f"{name}.jsonl").write_text("\n".join(rows) + "\n")
        result |= timed_both("file_to_figures", file_to_figures, folder, 0)
        result |= timed_both("file_to_figures_with_intervals", file_to_figures, folder, 1000)
    result["beside_original"] = (
        beside_original(chosen.original.resolve(), 20_000, chosen.seed) if chosen.original else None
    )
    rows = [[name, value] for name, value in result.items() if not isinstance(value, dict) and value is not None]
    rows += [[f"original: {name}", value] for name, value in (result["beside_original"] or {}).items()]
    table(["what", "value"], rows)
    # A path of one machine says nothing to others.
    sys.argv = [part if str(chosen.original) != part else "MERTools/MER2025/MER2025_Track23" for part in sys.argv]
    save("openset", result, chosen.seed)


if __name__ == "__main__":
    main()
