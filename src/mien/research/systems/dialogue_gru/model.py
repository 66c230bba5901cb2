"""Turn -> dialogue state (GRU) -> context by attention -> speaker's state (GRU) -> emotion state (GRU) -> scores."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mien.research.batch import Batch
from mien.research.layers.dialogue import Dialogues
from mien.research.layers.pooling import masked_mean
from mien.research.layers.stand_in import StandIn
from mien.research.layers.standardise import Standardise
from mien.research.output import Output
from mien.research.samples import Shape
from mien.research.systems.dialogue_gru.card import Config


class Course(nn.Module):
    """One direction through a dialogue (Majumder et al. 2019, equations 1 to 6); listeners keep their state."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.widths = (config.dialogue, config.party, config.emotion)
        self.of_dialogue = nn.GRUCell(config.utterance + config.party, config.dialogue)
        self.of_party = nn.GRUCell(config.utterance + config.dialogue, config.party)
        self.of_emotion = nn.GRUCell(config.party, config.emotion)
        self.ask = nn.Linear(config.utterance, config.dialogue, bias=False)

    def forward(self, turns: Tensor, parties: Tensor) -> Tensor:
        """turns (dialogues, turns, width), parties (dialogues, turns) from 0 -> emotion states (dialogues, turns, ...).

        What stands behind the last real turn changes nothing before it.
        """
        count, length, _ = turns.shape
        rows = torch.arange(count, device=turns.device)
        past: list[Tensor] = []
        speakers = turns.new_zeros(count, int(parties.max()) + 1, self.widths[1])
        states: list[Tensor] = []
        for step in range(length):
            turn, who = turns[:, step], parties[:, step]
            speaker = speakers[rows, who]
            before = past[-1] if past else turns.new_zeros(count, self.widths[0])
            context = self._context(turn, past)
            past.append(self.of_dialogue(torch.cat([turn, speaker], dim=1), before))
            speaker = self.of_party(torch.cat([turn, context], dim=1), speaker)
            speakers = speakers.index_put((rows, who), speaker)
            emotion = states[-1] if states else turns.new_zeros(count, self.widths[2])
            states.append(self.of_emotion(speaker, emotion))
        return torch.stack(states, dim=1)

    def _context(self, turn: Tensor, past: list[Tensor]) -> Tensor:
        """Attention of a turn to the dialogue states before it; 0 for the first turn."""
        if not past:
            return turn.new_zeros(len(turn), self.widths[0])
        states = torch.stack(past, dim=1)
        weights = torch.einsum("dw,dtw->dt", self.ask(turn), states).softmax(dim=1)
        return torch.einsum("dt,dtw->dw", weights, states)


class DialogueGru(nn.Module):
    """One or two courses, attention over their emotion states, a small network a turn."""

    def __init__(self, config: Config, shape: Shape) -> None:
        super().__init__()
        self.task, self.names = shape.task, tuple(shape.widths)
        self.standard = Standardise(shape.widths)
        self.absent = StandIn(shape.widths)
        self.turn = nn.Sequential(
            nn.Linear(sum(shape.widths.values()), config.utterance), nn.Tanh(), nn.Dropout(config.dropout)
        )
        self.courses = nn.ModuleList(Course(config) for _ in range(1 + config.both))
        width = config.emotion * len(self.courses)
        self.ask = nn.Linear(width, width, bias=False) if config.attend else None
        self.drop = nn.Dropout(config.dropout)
        self.body = nn.Sequential(nn.Linear(width, config.emotion), nn.ReLU(), nn.Dropout(config.dropout))
        self.head = nn.Linear(config.emotion, shape.outputs)

    def forward(self, batch: Batch) -> Output:
        """Scores (n, outputs) and the last hidden layer, in the order of the batch."""
        dialogues = Dialogues.of(batch)
        turns = dialogues.fold(self.turn(torch.cat([self._mean(batch, name) for name in self.names], dim=1)))
        unknown = dialogues.parties.amax() + 1
        parties = torch.where(dialogues.parties < 0, unknown, dialogues.parties)
        states = [self.courses[0](turns, parties)]
        if len(self.courses) > 1:
            back = _reversed(dialogues.mask)
            there = self.courses[1](_taken(turns, back), parties.gather(1, back))
            states.append(_taken(there, back))
        emotion = self.drop(torch.cat(states, dim=-1))
        hidden = self.body(dialogues.flat(self._attended(emotion, dialogues.mask)))
        return Output(self.head(hidden), hidden)

    def _mean(self, batch: Batch, name: str) -> Tensor:
        mask = batch.masks[name]
        mean = masked_mean(self.standard(batch.inputs[name], name), mask)
        found: Tensor = self.absent(mean, mask.any(dim=1), name)
        return found

    def _attended(self, emotion: Tensor, mask: Tensor) -> Tensor:
        """Each turn plus the mean of all real turns by likeness; of those up to itself where one direction is read.

        The paper takes the mean alone: turns that attend to the same turn then cannot be told apart, and training
        got stuck there.
        """
        if self.ask is None:
            return emotion
        may = mask.unsqueeze(1).expand(-1, mask.shape[1], -1)
        if len(self.courses) == 1:
            may = may.tril()
        may = may | torch.eye(mask.shape[1], dtype=torch.bool, device=mask.device)
        scores = self.ask(emotion) @ emotion.transpose(1, 2)
        mixed: Tensor = scores.masked_fill(~may, -torch.inf).softmax(dim=-1) @ emotion
        return emotion + mixed


def _reversed(mask: Tensor) -> Tensor:
    """(dialogues, turns) place of each turn read backwards; padding stays where it is."""
    places = torch.arange(mask.shape[1], device=mask.device).expand_as(mask)
    return torch.where(mask, mask.sum(dim=1, keepdim=True) - 1 - places, places)


def _taken(table: Tensor, places: Tensor) -> Tensor:
    return table.gather(1, places.unsqueeze(-1).expand_as(table))


def build(config: Config, shape: Shape) -> DialogueGru:
    """The model for data of this shape."""
    return DialogueGru(config, shape)
