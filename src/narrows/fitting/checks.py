"""Checks before training: values that are refused, and warnings."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from narrows.core.findings import Finding
from narrows.data.identifiers import check_identifiers, check_ids
from narrows.data.schema import Array
from narrows.evaluation.near_duplicates import Copies, find_copies
from narrows.fitting.parts import SplitData
from narrows.model.build import Model
from narrows.runs.scaler import Scaler


def check(parts: SplitData, scaler: Scaler, model: Model) -> tuple[Finding, ...]:
    """Check all examples, and return warnings about the columns, the model and the split.

    Raises:
        InputError: as `Scaler.check`.
    """
    for part in (parts.data, parts.data.test):
        if part is not None:
            scaler.check(part.source)
    columns = (found for found in (check_identifiers(parts.data), check_ids(parts.data)) if found is not None)
    return (*columns, *overcomplete(parts, model), *copies_across(scaler.scaled, parts).findings)


def overcomplete(parts: SplitData, model: Model) -> tuple[Finding, ...]:
    """A warning if the code has as many dimensions as an example has values, or more."""
    values, size = prod(parts.data.schema.shape), model.code_size
    if size < values or model.bypassed:
        return ()
    evidence = f"The code is overcomplete: {size:,} latent dimensions for {values:,} values can copy them."
    advice = "Choose fewer latent dimensions, or a recipe that regularises the code, such as sparse."
    return (Finding("overcomplete", "warning", evidence, advice),)


def copies_across(scaled: Callable[[Array], Array], parts: SplitData) -> Copies:
    """The number of held-out rows that nearly equal a training row; not searched for if there are groups.

    Args:
        scaled: the function from examples to flat rows on the model's scale.
        parts: the data.
    """
    if parts.data.groups is not None:
        return Copies(0, 0, 0, 0)
    index = parts.index
    order = None if index.held_out is None else (parts.data.sample_of(index.train), index.held_out)
    return find_copies(scaled(parts.train.array), scaled(parts.held_out.array), order)
