"""Whether examples lie beyond the range of the values that a run was trained on.

Noise alone does not: what counts is where the output is at the end of that range. There noise averages out,
and the values lie beyond the end in the mean, by several standard errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from narrows.core.errors import few
from narrows.core.findings import Finding, percent
from narrows.data.examples import draw_rows
from narrows.data.schema import Array
from narrows.runs.run import Run

BEYOND = 0.05
"""The share of the range by which values exceed an end beyond it; less may be noise."""

MOST_EXAMPLES = 500
"""Examples of a large array that are looked at."""

ERRORS = 4
"""Standard errors of the mean by which values lie beyond an end."""

FEWEST = 10
"""Values of an example from which a mean is taken."""

LEAST_SHARE = 1e-3
"""The share of the values of an example that must lie beyond."""

MOST_VALUES = 2**20
"""Values of an example that are looked at; of more a regular sample is."""


class RangeCheck:
    """Collects the examples that lie beyond the range of the training data of `run`.

    Of a run that was fitted to pairs that is the range of the clean examples, which says nothing about noisy
    ones; then there are none.
    """

    def __init__(self, run: Run) -> None:
        self.run, self.names, self.cuts, self.seen = run, list[str](), list[float](), 0

    def add(self, x: Array, y: Array, name: str) -> None:
        """Compare an example `x` and its output `y`, arrays of one shape on the model's scale."""
        if self.run.config.get("pairs"):
            return
        step = max(1, x.size // MOST_VALUES)
        both = np.stack([x.reshape(-1)[::step], y.reshape(-1)[::step]]).astype(np.float64)
        x, y = both[:, np.isfinite(both).all(axis=0)]
        low, high = self.run.scaling.low, self.run.scaling.high
        sides = {"above": beyond(x, y, low, high), "below": beyond(-x, -y, -high, -low)}
        side, found = max(sides.items(), key=lambda each: each[1].share)
        self.seen += 1
        if found.share >= LEAST_SHARE:
            self.names.append(f"{name} ({percent(found.share)} of its values {side})")
            self.cuts.append(found.depth)

    def add_as_came(self, given: Array, made: Array, name: str) -> None:
        """As `add`, for an example and its output as they came."""
        schema, scaling = self.run.schema, self.run.scaling
        fitted = (schema.as_fitted(each[None], scaling) for each in (given, made))
        pair = (torch.as_tensor(schema.arrange(each)) for each in fitted)
        x, y = (self.run.scaling(each).numpy() for each in pair)
        self.add(x, y, name)

    @property
    def finding(self) -> Finding | None:
        """A warning that names the examples; None if there are none."""
        if not self.names:
            return None
        scaling, schema, n = self.run.scaling, self.run.schema, len(self.names)
        low, high = (f"{float(end):.4g}" for end in (scaling.floor.min(), scaling.ceiling.max()))
        which = f"{n:,} of {self.seen:,} {schema.nouns}" if self.seen > 1 else f"The {schema.noun}"
        verb = "lie" if n > 1 else "lies"
        evidence = (
            f"{which} {verb} beyond the range of the training data, {low} to {high}: {few(self.names, 3)}."
        )
        advice = "Scale them like the training data, or fit a run to data like these."
        if not self.run.model.loss.bounded:
            return Finding("range", "warning", evidence, advice)
        loss, depth = self.run.config["spec"]["loss"]["name"], max(self.cuts)
        cut = (
            f"{evidence} Outputs of the loss {loss!r} end there; {depth:.3g} of the range is cut in the mean."
        )
        return Finding(
            "range", "warning", cut, f"{advice[:-1]}, or with the loss 'squared', link 'identity'."
        )


def check_range(run: Run, given: Array, made: Array, names: Sequence[str] = ()) -> Finding | None:
    """A warning if examples lie beyond the range of the training data.

    A sample is looked at. Tables have a check of their columns, `narrows.evaluation.drift`.

    Args:
        run: the fitted run.
        given: examples `(n, *schema.shape)`, as they came.
        made: their outputs.
        names: of the examples; by default their numbers.
    """
    check = RangeCheck(run)
    for i in () if run.schema.columns else draw_rows(len(given), MOST_EXAMPLES):
        check.add_as_came(given[i], made[i], names[i] if names else f"number {i}")
    return check.finding


class Part(NamedTuple):
    """The part of an example that lies beyond an end of the range.

    Attributes:
        share: of its values.
        depth: how far they lie beyond the end in the mean, as a share of the range.
    """

    share: float
    depth: float


def beyond(x: Array, y: Array, low: float, high: float) -> Part:
    """The values where `y` is at or above `high`, if `x` lies above it there in the mean; else none."""
    span = high - low
    at = y >= high - BEYOND * span
    above = x[at] - high
    if len(above) < FEWEST or above.mean() <= BEYOND * span + ERRORS * above.std() / np.sqrt(len(above)):
        return Part(0.0, 0.0)
    return Part(float(at.mean()), float(above.mean()) / span)
