"""The kinds of data, one file a kind; each says all that is particular to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from narrows.core.errors import InputError, show
from narrows.core.registry import lookup
from narrows.data.columns import Column
from narrows.data.kinds.images import ImageSchema
from narrows.data.kinds.table import TableSchema
from narrows.data.schema import Schema
from narrows.data.sources import Values

KINDS: dict[str, type[Schema]] = {
    "images": ImageSchema,
    "table": TableSchema,
}


def describe(values: Values, kind: str | None = None, columns: Sequence[str | Column] = ()) -> Schema:
    """The schema of `values (n, …)`; the kind is read off the number of axes unless it is given.

    `columns` are a table's; one that is a name only holds numbers of the type of `values`.

    Raises:
        InputError: for values that are no examples of the kind, or none at all.
    """
    if len(values.shape) < 2:
        raise InputError(
            f"The data have shape {show(values.shape)}; wanted is one row per example, "
            f"(examples, columns) for a table or (examples, height, width[, channels]) for images."
        )
    if 0 in values.shape:
        raise InputError(f"The data have shape {show(values.shape)}: there is nothing in them.")
    chosen = infer(len(values.shape)) if kind is None else lookup("kind of data", KINDS, kind)
    return chosen.of(tuple(values.shape[1:]), values.dtype.name, columns)


def infer(axes: int) -> type[Schema]:
    """The kind of an array with so many axes, where nobody says which."""
    return next((kind for kind in KINDS.values() if axes in kind.inferred_from), ImageSchema)


def from_json(record: Mapping[str, Any]) -> Schema:
    """The schema that `Schema.to_json` gave, of the kind that it names."""
    return lookup("kind of data", KINDS, record["kind"]).from_json(record)
