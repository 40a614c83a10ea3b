"""Checks before training: values that are refused, and warnings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

from narrows.core.findings import Finding
from narrows.core.processes import ALONE, Processes
from narrows.core.steps import step
from narrows.data.schema import Array
from narrows.data.sources import as_source
from narrows.data.sources.divided import divided
from narrows.data.tables.identifiers import check_identifiers, check_ids
from narrows.evaluation.near_duplicates import find_copies
from narrows.evaluation.row_order import find_order
from narrows.fitting.choices import regularised
from narrows.fitting.parts import SplitData
from narrows.model.build import Model
from narrows.runs.scaler import Scaler


def check_values(parts: SplitData, scaler: Scaler, processes: Processes = ALONE) -> None:
    """Check all examples; `processes` check some blocks each.

    Raises:
        InputError: as `Scaler.check`.
    """
    step("checking the values")
    for part in (parts.data, parts.data.test):
        for values in () if part is None else (part.source, part.noisy):
            if values is None:
                continue
            mine = divided(as_source(values), processes, scaler.schema.at_once)
            if len(mine) or processes.alone:
                scaler.check(mine)


def check(parts: SplitData, scaler: Scaler, model: Model, spec: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Warnings about the columns, the model of the `spec` and the split."""
    found = [check_identifiers(parts.data), check_ids(parts.data)]
    step("checking for near-copies among the rows, and for their order")
    if parts.data.edges is None:  # nodes are in all parts, and codes stand for edges
        found += [
            check_code_size(parts, model, spec),
            check_copies(scaler.scaled, parts),
            check_order(scaler.scaled, parts),
        ]
    return tuple(finding for finding in found if finding is not None)


def check_code_size(parts: SplitData, model: Model, spec: Mapping[str, Any]) -> Finding | None:
    """A warning if a code that nothing regularises has as many dimensions as an example has values, or more.

    Of an example of one value no code is smaller.
    """
    values, size = prod(parts.data.schema.shape), model.code_size
    if size < max(2, values) or model.bypassed or regularised(spec):
        return None
    evidence = f"The code is overcomplete: {size:,} latent dimensions for {values:,} values can copy them."
    advice = "Choose fewer latent dimensions, or a recipe that regularises the code, such as sparse."
    return Finding("overcomplete", "warning", evidence, advice)


def check_copies(scaled: Callable[[Array], Array], parts: SplitData) -> Finding | None:
    """A warning if many held-out rows nearly equal a training row; not searched for if there are groups.

    Args:
        scaled: the function from examples to flat rows on the model's scale.
        parts: the data.
    """
    if parts.data.groups is not None:
        return None
    return find_copies(scaled(parts.train.array), scaled(parts.held_out.array)).finding


def check_order(scaled: Callable[[Array], Array], parts: SplitData) -> Finding | None:
    """A warning if rows that follow each other are alike; not searched for with groups or a test part."""
    data = parts.data
    if data.groups is not None or parts.index.held_out is None:
        return None
    return find_order(len(data), data.schema.size, lambda index: scaled(data.rows(index).array)).finding
