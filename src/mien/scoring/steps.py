"""Steps of the free-text scorers that a language model may take over: each a plain function that can be replaced.

Offline stand `answers.lexicon_extract` (an `Extract`), `setlevel.wheel_groups(...)` (a `Group`) and `polarity.offline`
(a `Polarity`); nothing stands for `Rate`. `mer_unibench.score` and `emer.score` take others as keyword arguments
(`extract=`, `group=`, `polarity=`, `rate=`, `rate_labels=`). Each is called with all samples at once, so that a judge
may ask many at a time; a sample it cannot answer for gets None in its place, and the scorer counts it.
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
