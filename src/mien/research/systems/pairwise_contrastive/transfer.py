"""What the features are worth: probes on frozen features, and whether unlabelled test clips were among the learnt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from mien.errors import RequestError
from mien.research.batch import Batch
from mien.research.layers.task import answers, task_loss
from mien.research.samples import Data, Sample, Split, Task
from mien.research.systems import assemble, system
from mien.research.training.answering import answer
from mien.research.training.feed import Batches, Feed
from mien.research.training.labelled import refuse_test_clips as refuse_test_clips
from mien.research.training.scoring import score_answers
from mien.research.training.settings import Settings
from mien.research.training.trainer import fit

LINEAR, NEAREST, FINE = "frozen linear", "kNN (k = 20)", "fine-tuned"


@torch.no_grad()
def features(model: nn.Module, batches: Iterable[Batch]) -> tuple[Tensor, Tensor]:
    """Frozen features of all modalities (n, width) and the targets of labelled clips."""
    model.eval()
    pairs = [(model(batch).hidden, batch.target) for batch in batches]
    return torch.cat([found for found, _ in pairs]), torch.cat([target for _, target in pairs])


def nearest(train: Tensor, target: Tensor, test: Tensor, task: Task, *, outputs: int, k: int = 20) -> Tensor:
    """Answers (n, outputs) as the mean target of the k training clips of largest cosine (all of them if fewer)."""
    known = functional.one_hot(target, outputs).to(train.dtype) if task == "class" else target.to(train.dtype)
    likeness = functional.normalize(test, dim=1) @ functional.normalize(train, dim=1).T
    return known[likeness.topk(min(k, len(train)), dim=1).indices].mean(dim=1)


def linear(train: Tensor, target: Tensor, test: Tensor, task: Task, *, outputs: int, penalty: float = 1e-3) -> Tensor:
    """Answers (n, outputs) of one linear layer on standardised features, trained to the end (L-BFGS, L2 penalty)."""
    mean, scale = train.mean(dim=0), train.std(dim=0, correction=0).clamp(min=1e-6)
    rows = ((train - mean) / scale).double()
    weight = torch.zeros(rows.shape[1], outputs, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(outputs, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=200, line_search_fn="strong_wolfe")
    wanted = target if task == "class" else target.double()

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = task_loss(rows @ weight + bias, wanted, task, value="mse") + penalty * weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    return answers((((test - mean) / scale).double() @ weight + bias).detach(), task).to(train.dtype)


@dataclass(frozen=True, slots=True)
class Row:
    """One probe: "frozen linear", "kNN (k = 20)" or "fine-tuned"; the metric and its value for each seed."""

    probe: str
    metric: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer report: rows, the number of unlabelled clips, how many were test clips, labelled clips, seeds."""

    rows: tuple[Row, ...]
    unlabelled: int
    from_test: int
    labelled: int
    seeds: tuple[int, ...]

    def text(self) -> str:
        """A table: mean and deviation over seeds, and what was learnt from."""
        lines = [f"{'probe':<14} {'metric':<14} {'mean':>7} {'sd':>7}"]
        for row in self.rows:
            spread = float(np.std(row.values, ddof=1)) if len(row.values) > 1 else float("nan")
            lines.append(f"{row.probe:<14} {row.metric:<14} {np.mean(row.values):>7.4f} {spread:>7.4f}")
        how = f"TRANSDUCTIVE: {self.from_test} of them test clips" if self.from_test else "none of them test clips"
        seeds = ", ".join(map(str, self.seeds))
        lines.append(f"{self.unlabelled} unlabelled clips ({how}), {self.labelled} labelled ones, seeds {seeds}")
        return "\n".join(lines)


def transfer(
    rows: Sequence[Row], *, unlabelled: Sequence[str], test: Sequence[str], labelled: int, seeds: Sequence[int],
    transductive: bool = False,
) -> Transfer:  # fmt: skip
    """The report, after the check of the unlabelled clips; RequestError where a row lacks a seed."""
    shared = refuse_test_clips(unlabelled, test, transductive=transductive)
    for row in rows:
        if len(row.values) != len(seeds):
            raise RequestError(f"{row.probe}, {row.metric}: {len(row.values)} values for {len(seeds)} seeds")
    return Transfer(tuple(rows), len(set(unlabelled)), shared, labelled, tuple(seeds))


def probes(
    data: Data, split: Split, options: Mapping[str, Any] | None = None, *, preset: str | None = None,
    unlabelled: Sequence[Sample] = (), transductive: bool = False, seeds: Sequence[int] = (0, 1, 2),
    settings: Settings | None = None,
) -> Transfer:  # fmt: skip
    """Pre-train anew for each seed and probe three ways; the first metric of the task on the test part.

    options, preset: of pairwise-contrastive; unlabelled: clips for the pre-training beside those of the training part.
    RequestError where test clips are among them, unless `transductive`.
    """
    train, valid, test = (
        tuple(data.samples[row] for row in part) for part in (split.train, split.valid, split.test)
    )  # fmt: skip
    learnt, asked = [one.id for one in (*train, *unlabelled)], [one.id for one in test]
    refuse_test_clips(learnt, asked, transductive=transductive)
    card, found = system("pairwise-contrastive"), dict[str, list[float]]({LINEAR: [], NEAREST: [], FINE: []})
    metric = ""
    for seed in seeds:
        for tuning in ("frozen", "fine"):
            config = card.configure({**(options or {}), "tuning": tuning}, preset)
            method = assemble(card, config, data.shape(), seed=seed)
            fit(method, train, valid, replace(settings or Settings(quiet=True), seed=seed), unlabelled=unlabelled)
            told: dict[str, NDArray[np.floating]] = {FINE: answer(method, test)}
            if tuning == "frozen":
                (known, target), (new, _) = (
                    features(method.model, Batches(Feed(part, method.shape), 64)) for part in (train, test)
                )
                outputs = method.shape.outputs
                told = {
                    name: probe(known, target, new, data.task, outputs=outputs).numpy()
                    for name, probe in ((LINEAR, linear), (NEAREST, nearest))
                }
            for name, values in told.items():
                score = score_answers(data, test, values, rounds=0)[0].score
                metric = score.metric
                found[name].append(score.value)
    rows = [Row(name, metric, tuple(values)) for name, values in found.items()]
    return transfer(
        rows, unlabelled=learnt, test=asked, labelled=len(train), seeds=seeds, transductive=transductive
    )  # fmt: skip
