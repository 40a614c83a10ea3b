"""What is refused before training, and what is warned of."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from narrows.core.findings import Finding
from narrows.data.schema import Array
from narrows.evaluation.near_duplicates import Copies, find_copies
from narrows.fitting.parts import SplitData
from narrows.model.build import Model
from narrows.runs.scaler import Scaler


def check(parts: SplitData, scaler: Scaler, model: Model) -> tuple[Finding, ...]:
    """Look through all examples before time is spent on training.

    Raises:
        InputError: for a value that could not be used.
    """
    for part in (parts.data, parts.data.test):
        if part is not None:
            scaler.check(part.source)
    return (*overcomplete(parts, model), *copies_across(scaler.scaled, parts).findings)


def overcomplete(parts: SplitData, model: Model) -> tuple[Finding, ...]:
    """A warning about a code that has room for all that it should sum up."""
    values, size = prod(parts.data.schema.shape), model.code_size
    if size < values or model.bypassed:
        return ()
    evidence = (
        f"The code is overcomplete: {size:,} numbers for {values:,} values, which may simply be copied."
    )
    advice = "Choose a smaller latent dimension, or a recipe that restrains the code, as sparse does."
    return (Finding("overcomplete", "warning", evidence, advice),)


def copies_across(scaled: Callable[[Array], Array], parts: SplitData) -> Copies:
    """How many held-out rows nearly equal a training row; none are looked for where groups are given.

    Args:
        scaled: from examples as they came to flat rows on the model's scale.
        parts: the data.
    """
    if parts.data.groups is not None:
        return Copies(0, 0, 0, 0)
    index = parts.index
    order = None if index.held_out is None else (parts.data.affordable(index.train), index.held_out)
    return find_copies(scaled(parts.train.array), scaled(parts.held_out.array), order)
