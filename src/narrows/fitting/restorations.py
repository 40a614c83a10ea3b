"""The yardstick of a model of pairs: the best of the noisy input itself and what filters make of it.

All is chosen on training pairs: the strength of each filter, and which of the methods is the yardstick.
Filters that need an extra are left out, so that a verdict does not depend on what is installed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod
from typing import NamedTuple

import numpy as np

from narrows.data.examples import draw_rows
from narrows.data.schema import Array
from narrows.evaluation.errors import errors
from narrows.evaluation.filters import FILTERS, Filter
from narrows.evaluation.pca import Pca
from narrows.runs.run import Run
from narrows.runs.scaler import Scaled

MOST_VALUES = 2**22
"""Values of the training pairs that methods are chosen on, at the most."""


class Restoration(NamedTuple):
    """A method without learning, or a linear one: `use` maps noisy rows `(n, values)` to restored ones."""

    name: str
    use: Callable[[Array], Array]


def best_restoration(run: Run, train: Scaled, pca: Pca) -> Restoration:
    """The method with the smallest error on training pairs; `pca` is the best linear filter for them."""
    some = train.rows(draw_rows(len(train), max(8, MOST_VALUES // prod(run.schema.model_shape))))
    seen = run.corrupted(some)
    methods = [
        Restoration("the noisy input", np.asarray),
        Restoration("the best linear filter", pca.reconstruct),
    ]
    if run.schema.spatial == 2:
        filters = (strengths(run, name, how) for name, how in FILTERS.items() if not how.extra)
        methods += [method for of_filter in filters for method in of_filter]
    return min(methods, key=lambda m: errors(some.flat, m.use(seen), run.schema.starts).mse)


def strengths(run: Run, name: str, how: Filter) -> list[Restoration]:
    """The filter `how` with each of its strengths."""
    return [
        Restoration(f"a {name} filter of {strength:g} pixels", partial(filtered_rows, run, how, strength))
        for strength in how.strengths
    ]


def filtered_rows(run: Run, how: Filter, strength: float, rows: Array) -> Array:
    """Images, flat `rows (n, values)`, filtered."""
    images = rows.reshape(-1, *run.schema.model_shape)
    return np.stack([how.use(image, 0.0, strength) for image in images]).reshape(rows.shape)
