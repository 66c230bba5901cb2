"""The field's data sets, models and benchmarks as data: what each is, on what terms, and where that was read.

A row is no permission: licences change, so check the owner's terms. Rows with `verified` False are from memory.

>>> from mien.scoring.catalogue import datasets, select
>>> [entry.name for entry in select(datasets(), modality=["audio", "text"], licence="open")]
['RESD']
"""

from __future__ import annotations

from mien.scoring.catalogue.entries import Benchmark, Dataset, Entry, Model
from mien.scoring.catalogue.query import TERMS_NOTE, columns, find, order, select
from mien.scoring.catalogue.reader import benchmarks, catalogue, datasets, models

__all__ = [
    "TERMS_NOTE", "Benchmark", "Dataset", "Entry", "Model",
    "benchmarks", "catalogue", "columns", "datasets", "find", "models", "order", "select",
]  # fmt: skip
