"""Time of a training step and of an answer of CIDer, against its original code, which must give the same numbers.

    python benchmarks/cider.py FOLDER [--rounds 7] [--batch 32]

FOLDER is a checkout of gw-zhong/CIDer (commit 2f86cbe), fetched by whoever runs this. Both see the same made-up items of
the size of unaligned MOSI (50 words of 768 numbers, 375 and 500 frames) in the same process, by turns; medians count.
The words' states come ready, on both sides: BERT is not timed. A training step is the complete and the incomplete view
with all losses: two optimiser steps there, and in Mien one (the default; each view is passed forward and back once all
the same). First the original's weights go into the preset `replicate`: log p, representation, attention scores and what
the decoders tell must agree.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from types import ModuleType, SimpleNamespace
from typing import Any

import torch
from common import save, table
from torch.nn import functional

from mien.research.batch import Batch
from mien.research.samples import Shape
from mien.research.systems import assemble, system
from mien.research.systems.cider.losses import reconstruction

NAMES = {"l": "text", "a": "audio", "v": "face", "t": "text"}
WIDTHS = {"text": 768, "audio": 5, "face": 20}
LENGTHS = {"text": 50, "audio": 375, "face": 500}
CLASSES, LAYERS, HEADS = 3, 3, 8


def original(folder: Path) -> Any:
    """The published model; its text encoder is replaced by what hands ready states on."""
    stub = ModuleType("transformers")
    stub.BertTokenizer = stub.BertModel = object  # type: ignore[attr-defined]
    sys.modules.setdefault("transformers", stub)
    sys.path.insert(0, str(folder))
    from src import models  # type: ignore[import-not-found]

    class Ready(torch.nn.Module):
        def __init__(self, language: str) -> None:
            super().__init__()

        def forward(self, x: torch.Tensor, use_finetune: bool) -> torch.Tensor:
            return x

    models.BertTextEncoder = Ready
    given = {f"{one}_len": LENGTHS[NAMES[one]] for one in "lav"} | {
        f"orig_d_{one}": WIDTHS[NAMES[one]] for one in "lav"
    }
    drops = {"attn_dropout": 0.0, "relu_dropout": 0.1, "res_dropout": 0.1, "out_dropout": 0.3, "embed_dropout": 0.2}
    rest = {"language": "en", "distribute": False, "aligned": False, "cross_dataset": False, "output_dim": CLASSES}
    sizes = {"embed_dim": 32, "num_heads": HEADS, "multimodal_layers": LAYERS}
    return models.CIDERModel(SimpleNamespace(**given, **drops, **rest, **sizes))


def role(name: str) -> str:
    """The name in Mien of one of the original's weights."""
    found = name
    for pattern, new in (
        (r"^proj_([lav])\.", r"project.@\1."),
        (r"^([av])_compress\.(?:out_proj|(in_proj))", r"align.@\1.out\2"),
        (r"^([tav])\.(.*_l0)$", r"recurrent.@\1.\2"),
        (r"^attn_([lav])\.attention\.", r"pool.@\1."),
        (r"^cls_encoders_([lav])\.", r"head.encoders.@\1."),
        (r"^classifiers\.", "head.classifiers."),
        (r"^recon_text\.", "decoders.text.out."),
        (r"^recon_audio\.", "decoders.audio."),
        (r"^recon_vision\.", "decoders.face."),
        (r"^(decoders\.(?:audio|face))\.0\.", r"\1.time."),
        (r"^(decoders\.(?:audio|face))\.1\.", r"\1.out."),
        (r"^proj1\.", "inner."),
        (r"^proj2\.", "outer."),
        (r"^multimodal_transformer\.", "encoder."),
        (r"self_attn\.", "attention."),
        (r"layer_norms\.", "norms."),
        (r"layer_norm\.", "norm."),
        (r"fc1\.", "inner."),
        (r"fc2\.", "outer."),
        (r"(?:out)?in_proj_(weight|bias)$", r"projection.\1"),
        (r"final_out_proj\.", "out."),
        (r"(?<!final_)out_proj\.", "branches."),
        (r"\.s_([lav])\.", r".summary.@@\1."),
    ):
        found = re.sub(pattern, new, found)
    for at, letter in enumerate("lav"):
        found = found.replace(f"@@{letter}", str(at))
    return re.sub(r"@([lavt])", lambda letter: NAMES[letter[1]], found)


def items(n: int) -> Batch:
    """n items of random length; the first is the longest."""
    torch.manual_seed(0)
    inputs, masks = {}, {}
    for name, longest in LENGTHS.items():
        ends = torch.randint(4, longest + 1, (n, 1))
        ends[0] = longest
        masks[name] = torch.arange(longest) < ends
        inputs[name] = torch.randn(n, longest, WIDTHS[name]) * masks[name].unsqueeze(-1)
    place = torch.arange(n)
    return Batch(inputs, masks, place % CLASSES, place, torch.zeros(n), tuple(map(str, range(n))), place)


class Original:
    """The published passes on a batch."""

    def __init__(self, model: Any, batch: Batch, means: torch.Tensor, priors: torch.Tensor) -> None:
        self.model, self.batch = model, batch
        self.means = [row.expand(len(batch), -1) for row in means]
        self.priors = priors.expand(len(batch), -1)
        self.adam = torch.optim.Adam(model.parameters(), lr=1e-3)
        self.kept = {name: torch.rand(mask.shape) > 0.5 for name, mask in batch.masks.items()}

    def view(
        self, *, gaps: bool, kept: dict[str, torch.Tensor] | None = None, test: bool = False
    ) -> dict[str, torch.Tensor]:
        inputs = self.batch.inputs
        if kept:
            inputs = {name: values * kept[name].unsqueeze(-1) for name, values in inputs.items()}
        masks = [mask.float() for mask in self.batch.masks.values()]
        lengths = self.batch.masks["text"].sum(dim=1)
        found: dict[str, torch.Tensor] = self.model.forward_once(
            *inputs.values(), *masks, lengths, self.means, self.priors, "cpu", test, gaps, False
        )
        return found

    def step(self) -> None:
        target, masks = self.batch.target, self.batch.masks
        self.adam.zero_grad()
        whole = self.view(gaps=False)
        functional.nll_loss(whole["pred"], target).backward()
        self.adam.step()
        found = self.view(gaps=True, kept=self.kept)
        loss = functional.nll_loss(found["pred_m"], target)
        likeness = functional.cosine_similarity(found["joint_rep_m"], whole["joint_rep"].detach(), dim=-1)
        loss = loss + 0.5 * (1 - likeness.mean())
        attention = functional.softmax(whole["attn"].detach(), dim=-1)
        told = functional.log_softmax(found["attn_m"], dim=-1)
        loss = loss + 0.1 * functional.kl_div(told, attention, reduction="batchmean")
        for name, key in (("text", "text"), ("audio", "audio"), ("face", "vision")):
            removed = masks[name] & ~self.kept[name]
            loss = loss + 0.6 * reconstruction(found[f"{key}_recon"], self.batch.inputs[name], removed)
        loss.backward()
        self.adam.step()


def ours(preset: str | None) -> Any:
    """Mien's method, in one step for both views."""
    config = system("cider").configure({"layers": LAYERS, "heads": HEADS, "marks": True}, preset)
    shape = Shape(WIDTHS, "class", CLASSES, True, LENGTHS)
    return assemble(system("cider"), dataclasses.replace(config, carry_gradient=False), shape)


def agreement(first: Original) -> dict[str, float]:
    """Largest differences between the original and the preset `replicate` with its weights."""
    method = ours("replicate")
    model = method.model.eval()
    model.config = dataclasses.replace(model.config, average_means=False)
    given = {role(n): v.squeeze(-1) if n.startswith("proj_") else v for n, v in first.model.state_dict().items()}
    given = {name: values for name, values in given.items() if not name.endswith((".version", ".pe"))}
    own = model.state_dict()
    assert set(given) <= set(own) and set(own) - set(given) <= {n for n, _ in model.named_buffers()}
    model.load_state_dict(given, strict=False)
    model.head.means.copy_(torch.stack([row[0] for row in first.means]))
    model.head.priors.copy_(first.priors[0])
    first.model.eval()
    with torch.no_grad():
        wanted, found = first.view(gaps=True), model.view(first.batch)
        pairs = {
            "log p": (wanted["pred_m"], found.scores),
            "representation": (wanted["joint_rep_m"], found.hidden),
            "attention": (wanted["attn_m"], found.extras["attention"].flatten(0, 1)),
        }
        for name, key in (("text", "text"), ("audio", "audio"), ("face", "vision")):
            pairs[f"decoder of {name}"] = (wanted[f"{key}_recon"], model.decode(name, found, first.batch.masks[name]))
    return {name: float((one - other).abs().max()) for name, (one, other) in pairs.items()}


def trainer(method: Any, batch: Batch) -> Callable[[], None]:
    adam = torch.optim.Adam(method.model.parameters(), lr=1e-3)

    def step() -> None:
        adam.zero_grad()
        sum(method.losses(method.model, batch, method.model(batch), method.config).values()).backward()
        adam.step()

    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batch", type=int, default=32)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    batch = items(asked.batch)
    means, priors = torch.randn(CLASSES, sum(WIDTHS.values())), torch.tensor([0.43, 0.04, 0.53])
    first = Original(original(asked.folder), batch, means, priors)
    differences = agreement(first)
    methods = {"Mien": ours(None), "Mien, replicate": ours("replicate")}
    models = {"original": first.model} | {name: method.model for name, method in methods.items()}
    steps = {"original": first.step} | {name: trainer(method, batch) for name, method in methods.items()}
    looks: dict[str, Callable[[], Any]] = {"original": lambda: first.view(gaps=False, test=True)}
    looks |= {name: lambda model=method.model: model(batch) for name, method in methods.items()}
    spent: dict[str, dict[str, list[float]]] = {"step": {n: [] for n in steps}, "answer": {n: [] for n in steps}}
    for lap in range(asked.rounds + 1):
        for what, runs in (("step", steps), ("answer", looks)):
            for name, run in runs.items():
                models[name].train(what == "step")
                with torch.set_grad_enabled(what == "step"):
                    began = time.perf_counter()
                    run()
                if lap:  # the first lap warms up
                    spent[what][name].append(time.perf_counter() - began)
    rows = [
        {
            "system": name,
            "what": what,
            "ms": 1e3 * median(times),
            "times_faster": median(runs["original"]) / median(times),
        }
        for what, runs in spent.items()
        for name, times in runs.items()
    ]
    table(
        ["what", "system", "ms", "times faster"], [[r["what"], r["system"], r["ms"], r["times_faster"]] for r in rows]
    )
    table(
        ["largest difference", "replica and original"], [[name, f"{value:.1e}"] for name, value in differences.items()]
    )
    if max(differences.values()) > 1e-4:
        sys.exit("the replica and the original differ: nothing saved")
    save(
        "cider",
        {
            "batch": asked.batch,
            "rounds": asked.rounds,
            "rows": rows,
            "differences": differences,
            "torch": torch.__version__,
        },
    )


if __name__ == "__main__":
    main()
