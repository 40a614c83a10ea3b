"""What is refused before training, and what is warned of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from narrows.core.errors import InputError
from narrows.core.findings import Finding
from narrows.data.schema import Array, Data
from narrows.data.split import Parts
from narrows.evaluation.near_duplicates import Copies, find_copies
from narrows.runs.run import Run


def check_columns(train_values: Array, data: Data) -> None:
    """Refuse a table with a column that holds no value in the training part."""
    if data.schema.kind != "table" or train_values.dtype.kind != "f":
        return
    empty = np.isnan(train_values).all(axis=0)
    if empty.any():
        name = data.schema.wide[int(empty.argmax())].name
        raise InputError(
            f"The column {name!r} has no value in the {len(train_values):,} rows of the training part; "
            f"leave it out."
        )


def check_variety(train_values: Array, data: Data) -> None:
    """Refuse data of which every row is the same."""
    rows = train_values.reshape(len(train_values), -1)
    if len(rows) > 1 and (np.fmin.reduce(rows, axis=0) == np.fmax.reduce(rows, axis=0)).all():
        what = "column" if data.schema.kind == "table" else "pixel"
        raise InputError(f"Every {what} of {data.name} is the same in all rows: there is nothing to learn.")


def overcomplete(run: Run) -> tuple[Finding, ...]:
    """A warning about a code that has room for all that it should sum up."""
    values, size = int(np.prod(run.schema.shape)), run.model.code_size
    if size < values or run.model.bypassed:
        return ()
    evidence = (
        f"The code is overcomplete: {size:,} numbers for {values:,} values, which may simply be copied."
    )
    advice = "Choose a smaller latent dimension, or a recipe that restrains the code, as sparse does."
    return (Finding("overcomplete", "warning", evidence, advice),)


def copies_across(scaled: Callable[[Array], Array], data: Data, parts: Parts) -> Copies:
    """How much of the held-out part is all but in the training part; nothing of named groups."""
    if data.groups is not None:
        return Copies(0, 0, 0, 0)
    train, held_out = data.affordable(parts.train), held_out_part(data, parts)
    order = None if parts.held_out is None else (train, parts.held_out)
    return find_copies(scaled(data.rows(train).array), scaled(held_out.array), order)


def held_out_part(data: Data, parts: Parts) -> Data:
    """The rows to judge on: the set's own test part, or the one that was cut off."""
    if data.test is not None:
        return data.test
    assert parts.held_out is not None
    return data.rows(parts.held_out)
