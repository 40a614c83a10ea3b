"""Many examples in one picture, as `-o NAME.png` writes them; other files hold the examples themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from narrows.data.calibration import Axes
from narrows.data.formats import form_for, form_of
from narrows.data.graphs.numbering import Numbering
from narrows.data.schema import Array, Schema
from narrows.data.writers import write_array, write_examples, write_picture
from narrows.report.kinds import DRAWN


def forms(schema: Schema) -> tuple[str, ...]:
    """How examples can be written, keys of `narrows.data.formats.FORMS`, one picture of all included."""
    return (*(("picture",) if DRAWN[schema.kind].draws_sheets else ()), *schema.forms)


def is_sheet(schema: Schema, target: Path) -> bool:
    """Whether `target` is one picture of all examples."""
    return form_of(target, forms(schema)) == "picture"


def write_shown(
    values: Array,
    schema: Schema,
    target: Path,
    ids: Sequence[str] = (),
    modes: Sequence[str] = (),
    axes: Axes = (),
    numberings: Sequence[Numbering] = (),
    **layout: Any,
) -> dict[str, str]:
    """Write examples `(n, *schema.shape)`: all in one picture to a `.png`, else as `write_examples` does.

    `layout` are the options of `narrows.report.kinds.ExampleDrawing.sheet`.

    Returns:
        As `write_examples`.

    Raises:
        InputError: when examples of this kind do not go into such a file, or it cannot be written.
    """
    if form_for(schema.kind.capitalize(), target, forms(schema)) == "picture":
        write_picture(DRAWN[schema.kind].sheet(schema, values, **layout), target)
        return {}
    return write_examples(values, schema, target, ids, modes, axes, numberings)


def write_rows(rows: Mapping[str, Array], schema: Schema, target: Path) -> None:
    """Write rows of examples, by name: as a picture, else as an array `(rows, n, *schema.shape)`.

    Raises:
        InputError: when `target` is neither, or it cannot be written.
    """
    possible = [form for form in ("picture", "array") if form == "array" or form in forms(schema)]
    if form_for("Rows of examples", target, possible) == "picture":
        write_picture(DRAWN[schema.kind].strip(schema, rows), target)
    else:
        write_array(np.stack(list(rows.values())), target)
