"""Where examples are stored, one file a storage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from narrows.data.columns import Array
from narrows.data.sources.base import Index, Source
from narrows.data.sources.memory import InMemory
from narrows.data.sources.npy import open_npy

__all__ = ["SOURCES", "InMemory", "Index", "Source", "Values", "as_source"]

SOURCES: dict[str, Callable[[Path], Source | None]] = {".npy": open_npy}
"""What opens a file, by its ending, where its array is too large to be read at once; else gives None."""

Values = Array | Source
"""Examples `(n, …)`: an array, or where they are stored."""


def as_source(values: Values) -> Source:
    """`values` as a source."""
    return values if isinstance(values, Source) else InMemory(values)
