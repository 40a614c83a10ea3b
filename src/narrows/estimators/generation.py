"""What a fitted autoencoder generates from codes, and what the latent dimensions mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from narrows.data.schema import Array
from narrows.estimators.base import RunEstimator
from narrows.estimators.containers import like_data, values
from narrows.estimators.parameters import seed_of
from narrows.evaluation.latent_dimensions import dimensions, traversal
from narrows.tasks.generation.arithmetic import arithmetic
from narrows.tasks.generation.grid import grid
from narrows.tasks.generation.interpolate import interpolate
from narrows.tasks.generation.sample import sample

if TYPE_CHECKING:
    from pandas import DataFrame


class GenerativeEstimator(RunEstimator):
    """An estimator with a latent space to move in."""

    image_shape: tuple[int, ...] | None
    random_state: int | np.random.RandomState | None

    def sample(self, n: int = 1, random_state: int | None = None) -> Array | DataFrame:
        """`n` new examples `(n, …)`; a model without a prior draws codes from a density of the codes.

        The same `random_state` gives the same examples; None takes the estimator's.
        """
        seed = seed_of(self.random_state if random_state is None else random_state)
        return like_data(self, sample(self._run(), n, seed)[0])

    def interpolate(
        self,
        X: Array | DataFrame,
        steps: int = 10,
        *,
        alpha: float | Sequence[float] | None = None,
        spherical: bool = False,
    ) -> Any:
        """`steps` examples on a path from the first of two rows `X` to the second, through their codes.

        With `alpha`, one number or several between 0 and 1, only the examples at (1 - α)·z₁ + α·z₂: 0 is the
        first row, 1 the second. The path is a line, or if `spherical` an arc around the mean of the codes.
        `narrows.tasks.generation.interpolate.interpolate` also measures it.
        """
        alphas = None if alpha is None else np.atleast_1d(alpha).tolist()
        paths = interpolate(self._run(), values(self, X), steps, alphas)
        return like_data(self, paths["spherical" if spherical else "linear"].values)

    def arithmetic(self, add: Array | DataFrame, subtract: Array | DataFrame | None = None) -> Any:
        """The one example whose code is the sum of those of `add` less those of `subtract`, as a - b + c.

        Codes count as directions from the mean of the codes, so that there may be any number of either.
        """
        run = self._run()
        added = values(self, add)
        subtracted = added[:0] if subtract is None else values(self, subtract)
        return like_data(self, arithmetic(run, added, subtracted).value)

    def grid(self, side: int = 20, dims: tuple[int, int] | None = None) -> Any:
        """`side` times `side` examples decoded across a plane of the code, row by row from the top left.

        The plane is that of the two latent dimensions `dims`, or the one in which codes vary most.
        """
        return like_data(self, grid(self._run(), side, dims).values)

    def dimensions(self) -> list[dict[str, Any]]:
        """What the latent dimensions mean, measured on held-out rows, as rows of a table.

        Each has the `dimension`, counted from 0, and its `importance`: the share of what the model explains
        that is lost when it stays at its mean; the most important come first. Of a table there is a row
        for each `column`, the closest first, with the rank `correlation` and the `share` of the column's
        variance that the dimension explains by itself.
        """
        return dimensions(self._run())

    def traverse(self, dimension: int, steps: int = 9) -> Array | DataFrame:
        """What changes along a latent dimension: `steps` examples `(n, …)`, the others at their median.

        The `dimension`, counted from 0, goes from its 1st to its 99th percentile on held-out rows.
        """
        return like_data(self, traversal(self._run(), dimension, steps))
