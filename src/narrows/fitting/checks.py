"""What is refused before training, and what is warned of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from narrows.core.findings import Finding
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.data.split import Parts
from narrows.evaluation.near_duplicates import Copies, find_copies
from narrows.runs.run import Run


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
