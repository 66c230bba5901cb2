"""Steps of the free-text scorers that a language model may take over: each a plain function that can be replaced.

`mien.scoring.answers.lexicon_extract(...)` is the offline `Extract`, `mien.scoring.setlevel.wheel_groups(...)` the offline
`Group`, `mien.scoring.polarity.offline(...)` the offline `Polarity`. `mer_unibench.score` and `emer.score` take
them as keyword arguments (`extract=`, `group=`, `polarity=`, `rate=`); all are called once with every sample, so that a
judge may ask many at a time. A step that cannot answer for one sample returns None in its place: the scorer counts it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Labels = Sequence[str]

Extract = Callable[[Sequence[str]], Sequence[Labels | None]]
"""Free-text answers -> the emotion labels each one names, in the answer's order; an empty list where it names none."""

Group = Callable[[Sequence[Labels]], Sequence[Sequence[Labels] | None]]
"""For each sample, its words (lower case, reference and prediction united) -> lists of words of the same meaning."""

Polarity = Callable[[Sequence[Labels]], Sequence[str | None]]
"""Label lists -> "positive", "negative" or "neutral" (or whatever the model said: the scorer's reader decides)."""

Rate = Callable[[Sequence[tuple[str, str]]], Sequence[str | None]]
"""(reference, prediction) texts -> the judge's reply, from which the scorer reads a number from 1 to 10."""
