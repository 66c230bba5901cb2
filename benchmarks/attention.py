"""Time of Gaussian attention and of M2FNet's dialogue network against published code, which must give the same numbers.

    python benchmarks/attention.py AXIS LAYERS DIALOGUE [--rounds 9]

AXIS is a checkout of gioannides/Gaussian-Adaptive-Attention (commit 145d1bc), LAYERS of gioannides/DAAM-PEFT-paper-code
(093212b), DIALOGUE of iosonopersia/Multimodal-Emotion-Recognition (a279b91, third party), fetched by whoever runs this.
Each pair has the same weights and sees the same made-up input in the same process, by turns; medians of CPU time count,
on one thread. Gaussian attention: 8 utterances of 250 frames of 256 numbers, two layers of three Gaussians, 1 and 4
heads, without padding and with (there by value, in Mien by a mask); 24 hidden layers of 1024 numbers, 8 heads. M2FNet:
16 dialogues, text and audio of 256 numbers, five fusion layers; the third-party code works on padded turns, Mien on
real ones, so what counts is how unequal the dialogues are: once lengths drawn evenly from 2 to 24 turns, once the
sixteen evenly spaced quantiles of the lengths of MELD's 1038 training dialogues. A step is the forward and the backward
pass.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from types import ModuleType, SimpleNamespace

import torch
from common import save, table
from torch import Tensor

from mien.research.layers.dialogue import Dialogues
from mien.research.systems import system
from mien.research.systems.gaussian_adaptive_attention.aggregation import LayerAggregation
from mien.research.systems.gaussian_adaptive_attention.attention import AxisBlock
from mien.research.systems.m2fnet.network import DialogueNetwork

Run = Callable[[], Tensor]
SIZE, HEADS, FUSION, LAYERS = 256, 8, 5, 2
MELD = (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 15, 16, 18, 21)
"""Turns: quantiles 1/32, 3/32, ... of train_sent_emo.csv."""


def module(path: Path, start: str = "", end: str = "") -> ModuleType:
    """A file as a module; of a script only what stands between two lines."""
    text = path.read_text(encoding="utf-8")
    if start:
        text = "import torch\nimport torch.nn as nn\n" + text[text.index(start) : text.index(end)]
    found = ModuleType(path.stem)
    exec(compile(text, str(path), "exec"), found.__dict__)
    return found


def axis(folder: Path, heads: int, masked: bool) -> tuple[Run, Run]:
    """Two layers of the axis form, in Mien and as published."""
    published = module(folder / "gaussian_adaptive_attention" / "GaussianBlock.py").GaussianBlock
    theirs = published([1, 1], [heads] * 2, [3, 3], 2, padding_value=0.0 if masked else None)
    ours = AxisBlock((heads, heads), (3, 3), widths="free", normalise="softmax")
    with torch.no_grad():
        for mine, other in zip(ours.layers, theirs.layers, strict=True):
            mine.offsets.copy_(torch.stack([head.mean_offsets for head in other.attention_heads]))
            mine.width.set(torch.stack([head.c for head in other.attention_heads]))
    x = torch.randn(8, 250, SIZE, requires_grad=True)
    mask = torch.ones(8, 250, dtype=torch.bool) if masked else None
    return lambda: ours(x, mask)[0], lambda: theirs(x)


def layers(folder: Path) -> tuple[Run, Run]:
    """The layers form on time-averaged hidden states."""
    published = module(folder / "IEMOCAP" / "DAAMv1.py", "class DAAM(", "class DAAMModel").MultiHeadDAAM
    theirs, ours = published(24, 1, 1024, 8), LayerAggregation(24, 1024, 8, widths="free")
    x = torch.randn(8, 24, 1024, requires_grad=True)
    return lambda: ours(x)[0], lambda: theirs(x)


def dialogue(folder: Path, turns: Sequence[int]) -> tuple[Run, Run]:
    """The dialogue network with the third party's weights, on dialogues of so many turns."""
    published = module(folder / "src" / "model.py").M2FNet
    stream = {"enabled": True, "embedding_size": SIZE, "n_head": HEADS}
    encoder = SimpleNamespace(**stream, n_encoder_layers=LAYERS, n_transformers=1)
    theirs = published(
        SimpleNamespace(
            AUDIO=encoder,
            TEXT=encoder,
            FAM=SimpleNamespace(**stream, n_layers=FUSION),
            CLASSIFIER=SimpleNamespace(n_layers=2, hidden_size=SIZE, output_size=7),
            dropout=0.0,
        )
    )
    settings = {"width": SIZE, "heads": HEADS, "layers": LAYERS, "hidden": SIZE, "dropout": 0.0}
    config = system("m2fnet").configure(settings, "replicate-third-party")
    ours = DialogueNetwork(config, {"text": SIZE, "audio": SIZE}, 7)
    ours.load_state_dict(dict(pair for name, values in theirs.state_dict().items() for pair in role(name, values)))
    longest = max(turns)
    mask = torch.arange(longest) < torch.tensor(turns).unsqueeze(1)
    rows = (mask.flatten().cumsum(0) - 1).clamp(min=0).reshape(mask.shape).masked_fill(~mask, 0)
    talk = Dialogues(rows, mask, mask.flatten().nonzero()[:, 0], torch.full(mask.shape, -1))
    text, audio = (torch.randn(len(turns), longest, SIZE) for _ in range(2))
    streams = {"text": text[mask], "audio": audio[mask]}
    return lambda: ours(streams, talk)[0], lambda: theirs(text, audio, ~mask)[mask]


def role(name: str, values: Tensor) -> list[tuple[str, Tensor]]:
    """The names in Mien of one of the third party's weights, and the values each takes."""
    if name.startswith("output_layer.0.weight"):
        audio, text = values.chunk(2, dim=1)
        return [("body.0.weight", torch.cat([text, audio], dim=1))]
    if re.fullmatch(r"fusion_layers\.\d+\.linear\.weight", name):
        attended, text = values.chunk(2, dim=1)
        values = torch.cat([text, attended], dim=1)
    for pattern, new in (
        (r"^output_layer\.0\.", "body.0."),
        (r"^output_layer\.3\.", "head."),
        (r"^fusion_layers\.(\d+)\.multihead_attention\.", r"fusion.\1.attentions.0."),
        (r"^fusion_layers\.", "fusion."),
        (r"^(audio|text)_proj\.", r"encoders.\1.leave.0."),
        (r"^(audio|text)_encoders\.\d+\.norm\.", r"encoders.\1.norms.0."),
        (r"^(audio|text)_encoders\.(\d+)\.layers\.(\d+)\.", r"encoders.\1.encoders.\2.\3."),
        (r"\.self_attn\.", ".attention."),
        (r"\.out_proj\.", ".out."),
        (r"\.linear1\.", ".body.0."),
        (r"\.linear2\.", ".body.3."),
        (r"\.norm1\.", ".norms.0."),
        (r"\.norm2\.", ".norms.1."),
    ):
        name = re.sub(pattern, new, name)
    if ".in_proj_" not in name:
        return [(name, values)]
    parts = zip(("query", "key", "value"), values.chunk(3), strict=True)
    return [(name.replace("in_proj_", f"{part}."), rows) for part, rows in parts]


def answer(run: Run) -> None:
    with torch.no_grad():
        run()


def step(run: Run) -> None:
    run().square().sum().backward()


def measured(pair: tuple[Run, Run], way: Callable[[Run], None], rounds: int) -> list[float]:
    """Median milliseconds of CPU of Mien and of the published code, by turns; the first lap warms up."""
    spent: list[list[float]] = [[], []]
    for lap in range(rounds + 1):
        for place, run in enumerate(pair):
            began = time.process_time()
            way(run)
            if lap:
                spent[place].append(1e3 * (time.process_time() - began))
    return [median(times) for times in spent]


def all_pairs(asked: argparse.Namespace) -> dict[str, tuple[Run, Run]]:
    """Mien and the published code with equal weights and inputs, by what is compared."""
    torch.manual_seed(0)
    pairs = {
        f"axis, {heads} head{'s' * (heads > 1)}{', padding' * masked}": axis(asked.axis, heads, masked)
        for heads in (1, 4)
        for masked in (False, True)
    }
    even = [24, *torch.randint(2, 25, (15,)).tolist()]
    return pairs | {
        "layers": layers(asked.layers),
        "M2FNet, 2 to 24 turns": dialogue(asked.dialogue, even),
        "M2FNet, MELD's lengths": dialogue(asked.dialogue, MELD),
    }


def agreement(asked: argparse.Namespace) -> dict[str, float]:
    """Largest differences, in float64: the published variance E[y^2] - E[y]^2 loses digits in float32."""
    torch.set_default_dtype(torch.float64)
    try:
        with torch.no_grad():
            return {name: float((pair[0]() - pair[1]()).abs().max()) for name, pair in all_pairs(asked).items()}
    finally:
        torch.set_default_dtype(torch.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("axis", "layers", "dialogue"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    differences = agreement(asked)
    rows = []
    for name, pair in all_pairs(asked).items():
        for what, way in (("answer", answer), ("step", step)):
            ours, theirs = measured(pair, way, asked.rounds)
            rows.append({"what": name, "pass": what, "ms": ours, "published_ms": theirs, "times_faster": theirs / ours})
    table(["what", "pass", "Mien ms", "published ms", "times faster"], [list(row.values()) for row in rows])
    table(["what", "largest difference"], [[name, f"{value:.1e}"] for name, value in differences.items()])
    if max(differences.values()) > 1e-6:
        sys.exit("Mien and the published code differ: nothing saved")
    save("attention", {"rounds": asked.rounds, "rows": rows, "differences": differences, "torch": torch.__version__})


if __name__ == "__main__":
    main()
