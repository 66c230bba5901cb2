"""The one training loop. It is given samples to learn from and samples to select on; it has no way to see others."""

from __future__ import annotations

import functools
import math
import operator
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.optim import Optimizer

from mien.errors import MienError, RequestError
from mien.files import write_atomic
from mien.research.batch import Batch
from mien.research.output import Output
from mien.research.samples import Sample
from mien.research.training import keep
from mien.research.training.feed import Batches, Rows
from mien.research.training.held import check_select, held_score
from mien.research.training.interrupt import Interrupts
from mien.research.training.labelled import check_parts, feeds
from mien.research.training.method import Method
from mien.research.training.optimisers import optimisers, parameters, scale_rates
from mien.research.training.processes import Processes
from mien.research.training.progress import Progress
from mien.research.training.recipe import Losses, Stage
from mien.research.training.record import ADVICE, Board, Row, Run, write_csv
from mien.research.training.settings import Settings
from mien.research.training.state import seed_all
from mien.research.training.weights import load_weights, weights

LOWER = "a lower rate or a clip of the gradient may help"


def fit(
    method: Method, train: Sequence[Sample], valid: Sequence[Sample] = (), settings: Settings | None = None, *,
    unlabelled: Sequence[Sample] = (),
) -> Run:  # fmt: skip
    """Train the method's model in place and say how it went; with validation samples each stage ends on its best epoch.

    unlabelled: further samples for the stages that read no label; theirs are never looked at.
    Equal seeds give equal weights on one CPU; a run that was stopped and goes on ends on the same bits as one that was
    not. Raises DataError for samples that do not fit, RequestError for settings, MienError where a loss is not finite.
    """
    chosen = settings or Settings()
    check_select(chosen.select, method.shape.task)
    check_parts(method, train, valid, unlabelled, shared=chosen.shared_groups)
    return _Fit(method, train, valid, chosen, unlabelled).run()


class _Fit:
    """One run."""

    def __init__(
        self, method: Method, train: Sequence[Sample], valid: Sequence[Sample], settings: Settings,
        unlabelled: Sequence[Sample] = (),
    ) -> None:  # fmt: skip
        self.method, self.settings = method, settings
        self.model = method.model
        self.processes = Processes(settings.device)
        self.model.to(self.processes.device)
        made = functools.partial(feeds, method, train, valid, settings, self.processes.device)
        self.told = made()
        self.bare = made(labels=False, more=unlabelled) if settings.labelled < 1 or unlabelled else self.told
        self.feed, self.held = self.bare
        self.size = settings.batch or method.recipe.batch
        self.half = self.processes.half(settings.precision)
        self.state = keep.State()
        self.optimisers: list[Optimizer] = []
        self.moved: list[torch.nn.Parameter] = []
        self.written = time.monotonic()
        self.interrupts = Interrupts(settings.out is not None and self.processes.count == 1)

    @functools.cached_property
    def samples(self) -> list[str]:
        """Hashes of what it learns from and selects on."""
        return [feed.digest() for feed in (*self.told, *self.bare)]

    def run(self) -> Run:
        seed_all(self.settings.seed)
        resumed = keep.read(self) if self.settings.resume else False
        if self.processes.rank:  # the others draw other numbers; one process alone is what goes on to the same bits
            torch.manual_seed(self.settings.seed + 7919 * self.processes.rank + len(self.state.rows))
        stages = self.method.recipe.stages
        done = sum(self._epochs(stage) for stage in stages[: self.state.stage]) + self.state.epoch
        shown = not self.settings.quiet and self.processes.first
        self.progress = Progress(sum(map(self._epochs, stages)), done, quiet=not shown)
        home = self.settings.out if self.settings.tensorboard and self.processes.first else None
        self.board = Board(home / "tensorboard", len(self.state.rows)) if home else None
        begin = self.state.stage
        try:
            with self.interrupts:
                for place in range(begin, len(stages)):
                    self._stage(stages[place], resumed and place == begin)
                    self._next(place)
        finally:
            self.progress.close()
            if self.board:
                self.board.close()
        self.model.eval()
        state, settings = self.state, self.settings
        return Run(
            tuple(state.rows), state.chosen, settings.select if len(self.held) else "last epoch", len(self.bare[0]),
            len(self.bare[1]), settings.seed, settings.counted(),
            f"{self.processes.told}, {'bf16' if self.half else 'float32'}",
        )  # fmt: skip

    def _epochs(self, stage: Stage) -> int:
        """As the settings say; a stage that its recipe switched off (0 epochs) stays off."""
        return stage.epochs if self.settings.epochs is None or not stage.epochs else self.settings.epochs

    def _stage(self, stage: Stage, resumed: bool) -> None:
        state, epochs = self.state, self._epochs(stage)
        self.feed, self.held = self.told if stage.labels else self.bare
        if not resumed:
            self.model.eval()
            if stage.before:
                stage.before(self.model, Batches(self.feed, self.size))
            self.processes.agree(self.model)
            self.optimisers = optimisers(self.model, stage.groups) if epochs else []
        self.moved = parameters(self.optimisers)
        while state.epoch < epochs and not self._enough(stage):
            self._epoch(stage, epochs)
        self.progress.skip(epochs - state.epoch)
        if state.best is not None:
            load_weights(self.model, state.best[2])
        state.chosen[stage.name] = state.best[1] if state.best is not None else state.epoch
        if stage.after:
            self.model.eval()
            stage.after(self.model, Batches(self.feed, self.size))
        if stage.tuned and len(self.held):
            self.model.eval()
            stage.tuned(self.model, Batches(self.held, self.size))
        for name, values in self.model.named_parameters():
            if not torch.isfinite(values).all():
                raise MienError(f"{name} is not finite after stage {stage.name!r}: {LOWER}")

    def _next(self, place: int) -> None:
        """The stage is over: what belongs to it alone goes."""
        self.optimisers, self.moved = [], []
        state = self.state
        state.stage, state.epoch, state.stale, state.slower, state.best = place + 1, 0, 0, 1.0, None

    def _enough(self, stage: Stage) -> bool:
        return stage.patience is not None and len(self.held) > 0 and self.state.stale >= stage.patience

    def _epoch(self, stage: Stage, epochs: int) -> None:
        state, began = self.state, time.monotonic()
        if stage.fresh and not state.taken:
            stage.fresh(self.model, state.epoch)
        if stage.refit and not state.taken:
            self.model.eval()
            stage.refit(self.model, Batches(self.feed, self.size), state.epoch)
        rng = np.random.default_rng([self.settings.seed, state.stage, state.epoch])
        order = stage.order(self.feed, self.size, rng) if stage.order else self.feed.order(self.size, rng)
        groups = _steps(order, stage, self.settings.accumulate)
        self.model.train()
        sums = {name: torch.tensor(value, device=self.processes.device) for name, value in state.sums.items()}
        for taken in range(state.taken, len(groups)):
            if stage.schedule or stage.plateau:
                factor = stage.schedule((state.epoch + taken / len(groups)) / epochs) if stage.schedule else 1.0
                scale_rates(self.optimisers, stage.groups, factor * state.slower)
            self._step(stage, groups[taken], sums)
            if stage.stepped:
                stage.stepped(self.model, state.epoch * len(groups) + taken)
            self.progress.step(stage.name, state.epoch + 1, (taken + 1) / len(groups))
            if self._due() and taken + 1 < len(groups):
                state.taken, state.sums = taken + 1, {name: float(value) for name, value in sums.items()}
                state.seconds += time.monotonic() - began
                began = time.monotonic()
                self._write()
        seen = sum(len(rows) for group in groups for rows in group)
        means = {name: float(value) / seen for name, value in sums.items()}
        for name, value in means.items():
            if not math.isfinite(value):
                raise MienError(
                    f"the loss {name!r} of stage {stage.name!r} is {value} in epoch {state.epoch + 1}: {LOWER}"
                )
        self._close_epoch(stage, epochs, means, began)

    def _step(self, stage: Stage, group: Sequence[Rows], sums: dict[str, Tensor]) -> None:
        """One step over the batches of a group; each weighs as many samples as it has (`summed`: in full); then
        `stage.then`'s."""
        samples = sum(map(len, group))
        for one in self.optimisers:
            one.zero_grad(set_to_none=True)
        given: list[tuple[Batch, Output, int]] = []
        for rows in group:
            mine = self.processes.share(rows, self.feed)
            if mine:
                batch = self.feed.batch(mine)
                with self._cast():
                    output = self.model(batch) if stage.output else Output.none()
                given.append((batch, output, len(rows) if stage.summed > 1 else samples))
                self._pass(stage.losses or self.method.losses, *given[-1], sums)
                if not stage.then:
                    given.clear()
        self._move(stage)
        if stage.then:
            carried = [values.grad for values in self.moved]
            for one in self.optimisers:
                one.zero_grad(set_to_none=True)
            for one_pass in given:
                self._pass(stage.then, *one_pass, sums)
            self._move(stage, carried)

    def _pass(self, losses: Losses, batch: Batch, output: Output, samples: int, sums: dict[str, Tensor]) -> None:
        """The gradients of a batch of a step of so many samples."""
        with self._cast():
            terms = losses(self.model, batch, output, self.method.config)
        total: Any = functools.reduce(operator.add, terms.values())
        if total.requires_grad:
            (total if len(batch) == samples else total * (len(batch) / samples)).backward()
        for name, value in terms.items():
            seen = value.detach().float() * len(batch)  # a sum in bf16 stands still at 256 times a term
            sums[name] = sums[name].add_(seen) if name in sums else seen

    def _move(self, stage: Stage, carried: Sequence[Tensor | None] = ()) -> None:
        """The gradients of all processes, those carried over, and the step itself."""
        self.processes.add_gradients(self.moved)
        for values, more in zip(self.moved, carried, strict=False):
            if more is not None:
                values.grad = more if values.grad is None else values.grad + more
        if stage.clip is not None:
            torch.nn.utils.clip_grad_norm_(self.moved, stage.clip)
        if stage.clip_value is not None:
            torch.nn.utils.clip_grad_value_(self.moved, stage.clip_value)
        for one in self.optimisers:
            one.step()

    def _cast(self) -> AbstractContextManager[Any]:
        return torch.autocast(self.processes.device.type, torch.bfloat16) if self.half else nullcontext()

    def _close_epoch(self, stage: Stage, epochs: int, means: dict[str, float], began: float) -> None:
        state = self.state
        means = self.processes.add(means)
        self.processes.agree(self.model)
        state.epoch, state.taken, state.sums = state.epoch + 1, 0, {}
        rate = float(self.optimisers[0].param_groups[0]["lr"]) if self.optimisers else 0.0
        row: Row = {"stage": stage.name, "epoch": state.epoch, "rate": rate, "loss": sum(means.values()), **means}
        if len(self.held):
            row["valid"] = self._select(stage)
        row["seconds"] = round(state.seconds + time.monotonic() - began, 3)
        state.seconds = 0.0
        state.rows.append(row)
        if self.processes.first:
            if self.board:
                self.board.add(row, len(state.rows))
            if self.settings.out:
                write_csv(state.rows, self.settings.out / "log.csv")
                if self._due():
                    self._write()
        valid = f"  valid {row['valid']:.4f}" if "valid" in row else ""
        self.progress.epoch(stage.name, state.epoch, epochs, f"loss {row['loss']:.4f}{valid}")

    def _select(self, stage: Stage) -> float:
        """The validation score; the best weights so far are kept."""
        state = self.state
        score = held_score(self.method, stage, Batches(self.held, self.size), self.settings.select)
        if not stage.select:
            return score
        if state.best is None or score > state.best[0]:
            state.best, state.stale = (score, state.epoch, weights(self.model)), 0
        else:
            state.stale += 1
            if stage.plateau and state.stale % stage.plateau[1] == 0:
                state.slower *= stage.plateau[0]
        return score

    def _due(self) -> bool:
        """Whether a checkpoint is to be written now: it is time, or the run was asked to stop."""
        late = time.monotonic() - self.written > self.settings.every
        return self.settings.out is not None and (late or self.interrupts.asked is not None)

    def _write(self) -> None:
        """The checkpoint; then the run stops where it was asked to."""
        if self.processes.first and self.settings.out:
            write_atomic(self.settings.out / keep.NAME, keep.state_of(self), ADVICE)
        self.written = time.monotonic()
        self.interrupts.obey()


def _steps(order: Sequence[Rows], stage: Stage, accumulate: int) -> list[Sequence[Rows]]:
    """The batches of each step; with `summed` an incomplete last group is thrown away, as published."""
    size = accumulate if stage.summed == 1 else stage.summed
    groups = [order[at : at + size] for at in range(0, len(order), size)]
    if stage.summed == 1:
        return groups
    if accumulate > 1 or len(order) < size:
        why = "accumulate must be 1" if accumulate > 1 else f"an epoch has {len(order)}: make batches smaller"
        raise RequestError(f"stage {stage.name!r} sums {size} batches a step; {why}, or set summed=1")
    return groups[: len(order) // size]
