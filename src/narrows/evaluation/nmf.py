"""Non-negative matrix factorisation, a yardstick for counts beside PCA."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from narrows.core.numbers import number
from narrows.data.schema import Array

MOST_ROWS, MOST_VALUES = 5_000, 2**22
"""Rows that the components are fitted to, and their values, at the most."""

STEPS = 400
"""Updates of the components at the most."""


class Nmf:
    """x ≈ W H with W and H not negative: a row is a sum of components that can be read as signals.

    Lee and Seung 1999, "Learning the parts of objects by non-negative matrix factorization", by scikit-learn:
    squared error, coordinate descent, from the non-negative double SVD.

    Args:
        x: `(n, values)`, not negative.
        dimensions: components.
    """

    def __init__(self, x: Array, dimensions: int) -> None:
        from sklearn.decomposition import NMF

        components = min(dimensions, *x.shape)
        self.model = NMF(components, init="nndsvda", max_iter=STEPS, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a last step that was not the smallest
            self.model.fit(np.maximum(x, 0))

    def reconstruct(self, x: Array) -> Array:
        """The nearest sums of components to the rows `x (n, values)`."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.asarray(self.model.transform(np.maximum(x, 0)) @ self.model.components_)


def rows_for(values: int) -> int:
    """How many rows of so many values are drawn.

    >>> rows_for(200), rows_for(4096)
    (5000, 1024)
    """
    return max(1, min(MOST_ROWS, MOST_VALUES // values))


@dataclass(frozen=True, slots=True)
class Beside:
    """Errors of a further method, of PCA and of the model on the same held-out rows.

    Attributes:
        name: of the method.
        components: of the method and of PCA.
        fitted: training rows that the method was fitted to.
        n: held-out rows.
        complete: whether these are all that are compared.
        mse: of the method, per value.
        pca_mse: of PCA.
        model_mse: of the model.
    """

    name: str
    components: int
    fitted: int
    n: int
    complete: bool
    mse: float
    pca_mse: float
    model_mse: float

    @property
    def title(self) -> str:
        """The method and its components."""
        return f"{self.name}, {self.components} component{'s' * (self.components > 1)}"

    @property
    def fit(self) -> str:
        """What the method was fitted to."""
        return f"{self.name} was fitted to {self.fitted:,} training rows."

    @property
    def sentence(self) -> str:
        """The errors in words."""
        rows = "the same held-out rows" if self.complete else f"{self.n:,} of the held-out rows"
        return (
            f"{self.title}, fitted to {self.fitted:,} training rows, has the error {number(self.mse)} on "
            f"{rows}, where PCA has {number(self.pca_mse)} and this model {number(self.model_mse)}."
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        return cls(**record)
