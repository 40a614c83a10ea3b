"""The storage of examples: one file per kind of storage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from narrows.data.columns import Array
from narrows.data.sources.base import Index, Source
from narrows.data.sources.memory import InMemory
from narrows.data.sources.npy import open_npy

__all__ = ["SOURCES", "InMemory", "Index", "Source", "Values", "as_source"]

SOURCES: dict[str, Callable[[Path], Source | None]] = {"npy": open_npy}
"""By format, a function that opens a file; it returns None if the array fits into memory."""

Values = Array | Source
"""Examples `(n, …)`: an array or a source."""


def as_source(values: Values) -> Source:
    """`values` as a source."""
    return values if isinstance(values, Source) else InMemory(values)
