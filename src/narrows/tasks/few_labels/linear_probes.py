"""Linear probes: logistic regressions from several representations of the same rows to their classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.data.schema import Array
from narrows.tasks.few_labels.classifiers import LinearProbe
from narrows.tasks.few_labels.labelled_split import LabelledSplit
from narrows.tasks.few_labels.measures import interval, measured

Row = dict[str, Any]


class Probes:
    """Classifiers that learn from the same labels, and are judged on the same rows.

    Args:
        parts: the rows.
        features: by method the values of the rows to learn from, and of those to judge on, `(n, values)`.
    """

    def __init__(self, parts: LabelledSplit, features: Mapping[str, Sequence[Array]]) -> None:
        self.parts, self.features = parts, features

    @property
    def methods(self) -> Sequence[str]:
        """The names of the methods."""
        return [*self.features]

    def rows(
        self, labels: Sequence[int], draws: int, seed: int, on_row: Callable[[Row], None] | None
    ) -> list[Row]:
        """A row for each number of `labels` per class, as `probe` returns them."""
        found: dict[int, list[Row]] = {each: [] for each in labels}
        for draw in range(draws):
            for each in labels:
                found[each].append(self.measures(self.parts.draw(each, seed + draw), seed + draw))
                if on_row:
                    on_row({"labels": each, "draw": draw, **found[each][-1]})
        totals = {each: int((self.parts.draw(each, seed) >= 0).sum()) for each in labels}
        return [summary(each, found[each], totals[each]) for each in labels]

    def measures(self, y: NDArray[np.intp], seed: int, methods: Sequence[str] | None = None) -> Row:
        """The accuracy of each method on the test rows, learned from the labels `y (n,)`, -1 for none.

        All `methods` if none are given. Where a class is rare also `<method>_<measure>`, as `MEASURES` has
        them.
        """
        found: Row = {}
        for method in methods or self.methods:
            one = measured(self._predicted(method, y, seed), self.parts.test_y, self.parts.rarest)
            found[method] = one.pop("accuracy")
            found |= {f"{method}_{name}": value for name, value in one.items()}
        return found

    def _predicted(self, method: str, y: NDArray[np.intp], seed: int) -> Array:
        """Class probabilities `(n, classes)` of the test rows by a method, learned from the labels `y`."""
        train, test = self.features[method]
        return LinearProbe.fit(train[y >= 0], y[y >= 0]).probabilities(test)


def summary(each: int, found: list[Row], total: int) -> Row:
    """The row of a number of labels: means over draws, and their intervals."""
    row: Row = {"labels": each, "total": total, "draws": len(found)}
    for name in found[0]:
        values = np.array([one[name] for one in found])
        row[name], row[f"{name}_ci95"] = float(values.mean()), interval(values)
    return row
