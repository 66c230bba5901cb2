"""The head of MACI: a classifier for each class's mean features, mixed by the classes' shares (back-door adjustment).

Source: gw-zhong/CIDer @2f86cbe, src/models.py, "Causal intervention". It stands on any backbone that gives one vector.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class ClassMeansHead(nn.Module):
    """log p = log sum_c prior_c softmax(W_c [rep; f_1(mu_c1); f_2(mu_c2); ...]).

    width: of rep; embed: of each f; widths: modality -> width of its features, in order; normed: modalities whose f has
    a LayerNorm without weights before each ReLU (published for audio and vision across data sets).
    means (classes, sum of widths) and priors (classes,) are buffers: `fit` them on the training part.
    """

    means: Tensor
    priors: Tensor

    def __init__(
        self, width: int, embed: int, widths: Mapping[str, int], classes: int, normed: tuple[str, ...] = ()
    ) -> None:
        super().__init__()
        self.sizes = list(widths.values())
        self.encoders = nn.ModuleDict({name: _encoder(size, embed, name in normed) for name, size in widths.items()})
        self.classifiers = nn.ModuleList([nn.Linear(width + len(widths) * embed, classes) for _ in range(classes)])
        self.register_buffer("means", torch.zeros(classes, sum(self.sizes)))
        self.register_buffer("priors", torch.full((classes,), 1 / classes))

    def forward(self, rep: Tensor, *, average: bool = False) -> Tensor:
        """rep (n, width) -> log p (n, classes).

        average: as published evaluation does, every class's mean is the mean over classes, and every prior the same.
        """
        means, priors = self.means, self.priors
        if average:
            means, priors = means.mean(dim=0, keepdim=True).expand_as(means), torch.full_like(priors, 1 / len(priors))
        pieces: tuple[Tensor, ...] = torch.split(means, self.sizes, dim=1)
        parts = zip(self.encoders.values(), pieces, strict=True)
        codes = torch.cat([encoder(part) for encoder, part in parts], dim=1)
        # W_c splits into a part that reads rep and one that reads the class, which is the same for every item.
        logits = []
        for at, layer in enumerate(self.classifiers):
            assert isinstance(layer, nn.Linear)
            weight = layer.weight
            fixed = nn.functional.linear(codes[at], weight[:, rep.shape[1] :], layer.bias)
            logits.append(rep @ weight[:, : rep.shape[1]].T + fixed)
        found = torch.stack(logits, dim=1).log_softmax(dim=-1)
        return (found + priors.log()[None, :, None]).logsumexp(dim=1)

    @torch.no_grad()
    def fit(self, sums: Tensor, counts: Tensor, sizes: Tensor) -> None:
        """Class means and shares. sums: (classes, sum of widths) of utterance features; counts: of the same shape, how
        many utterances had them; sizes: (classes,) utterances of each class.

        A class that never has a modality gets the mean over all classes, and 0 where none has it.
        """
        overall = sums.sum(dim=0) / counts.sum(dim=0).clamp(min=1)
        means = torch.where(counts > 0, sums / counts.clamp(min=1), overall.expand_as(sums))
        self.means.copy_(means)
        self.priors.copy_(sizes / sizes.sum().clamp(min=1))


def _encoder(size: int, embed: int, normed: bool) -> nn.Sequential:
    norm = [nn.LayerNorm(embed, elementwise_affine=False)] if normed else []
    return nn.Sequential(
        nn.Linear(size, embed), *norm, nn.ReLU(), nn.Linear(embed, embed), *norm, nn.ReLU(), nn.Linear(embed, embed)
    )
