"""An array in memory as data, after the checks of values that apply to all input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from narrows.core.errors import InputError
from narrows.data.checks import check_finite, real
from narrows.data.columns import Array, Column
from narrows.data.examples import Data
from narrows.data.graphs.archives import NAMES
from narrows.data.images.folders import printable
from narrows.data.kinds import describe
from narrows.data.sources import InMemory
from narrows.data.tables.unknown import Use


def array_data(
    values: Any,
    kind: str | None = None,
    name: str = "data",
    *,
    labels: Array | None = None,
    columns: Sequence[str | Column] = (),
    ids: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    unknown: Use = "missing",
) -> Data:
    """As `narrows.data.readers.as_data`, of an array `(n, …)`."""
    values = real(values, name)
    schema = describe(values, kind, columns)
    if schema.judged_by == "edges":
        raise InputError(
            f"A graph has edges, but {name} is an array without; give an .npz archive with the arrays "
            f"{NAMES}."
        )
    if not (schema.columns and unknown == "far"):
        check_finite(values, name, allow_nan=schema.may_miss, columns=schema.names)
    if labels is not None and len(labels) != len(values):
        raise InputError(f"{name} has {len(values)} rows but {len(labels)} labels.")
    texts = tuple(printable(text) for text in ids)
    return Data(InMemory(values), schema, printable(name), texts, labels, notes=notes)
