"""Checks of values: what was read, what never changes, and the range that is used."""

from __future__ import annotations

import numpy as np

from narrows.core.errors import few
from narrows.core.findings import Finding, percent
from narrows.core.numbers import number
from narrows.data.schema import Array
from narrows.data.summary import range_text
from narrows.doctor.case import DataCase

NARROW = 0.25
"""The share of the range that becomes 0 to 1 which values use at the least, else it is a warning."""


def check_reading(case: DataCase) -> Finding:
    """What was read."""
    schema, values = case.data.schema, case.data.array
    nouns = schema.nouns if case.whole.window is None else "windows"
    shape = schema.extent + (f" {schema.value_noun}s" if case.columns else "")
    text = f"{len(case.whole):,} {nouns} of {shape} ({schema.dtype}), {range_text(values, schema)}."
    return Finding("what was read", "info", " ".join([text, *case.whole.notes, *case.whole.warnings]))


def check_constant(case: DataCase) -> Finding | None:
    """Whether columns or pixels never change."""
    constant, noun = case.constant, case.data.schema.value_noun
    if not constant.any():
        return None
    if constant.all():
        advice = "There is nothing to learn; look at how the data were written."
        return Finding("constant values", "error", "Every value is the same in all rows.", advice)
    still = constant if case.columns else case.constant_channels
    if not still.any():
        return Finding("constant values", "info", f"{percent(constant.mean())} of the {noun}s never change.")
    named, noun = (case.columns, noun) if case.columns else (case.data.schema.channel_names, "channel")
    names = few([named[i] for i in np.flatnonzero(still)])
    text = f"{still.sum():,} of {len(still):,} {noun}s never change: {names}."
    advice = "Choose the others with --columns: there is nothing to learn of these."
    return Finding("constant values", "warning", text, advice)


def check_scaling(case: DataCase) -> Finding:
    """The scaling and the loss, and whether the values use the range they are given."""
    choice, used = case.choice, narrow_range(case)
    text = " ".join(choice.why)
    if used is None:
        loss = choice.losses["error"]["name"]
        return Finding("scaling", "info", f"{text} (scaling {choice.name}, loss {loss})")
    noun = case.data.schema.value_noun
    text += f" But 99.8 % of the {noun}s lie between {number(used[0])} and {number(used[1])}."
    advice = "Stretch or clip them to the range they use, or take --set loss.name=squared."
    return Finding("scaling", "warning", text, advice)


def narrow_range(case: DataCase) -> tuple[float, float] | None:
    """The range of most values, where it is but a small part of a range that becomes 0 to 1."""
    scaling = case.choice.scaling
    if scaling.nature not in ("grey", "bounded"):
        return None
    low, high = np.quantile(sample(case.values), [0.001, 0.999])
    whole = float(scaling.ceiling) - float(scaling.floor)
    return (low, high) if high - low < NARROW * whole else None


def sample(values: Array) -> Array:
    """At most a million of `values`."""
    flat = values.reshape(-1)
    return flat[:: max(1, len(flat) // 10**6)]
