"""What the checks of the doctor look at: data before a fit, or a finished run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from narrows.core.records import Domain
from narrows.data.examples import Data
from narrows.data.scaling import Choice
from narrows.data.schema import Array
from narrows.evaluation.symptoms import Symptoms
from narrows.evaluation.verdict import Verdict
from narrows.fitting.choices import regularised, resolve
from narrows.fitting.parts import SplitData, split_data
from narrows.model.build import Objective, build
from narrows.runs.run import Run
from narrows.training.batches import Rows
from narrows.training.devices import seeded
from narrows.training.options import Training

NEGLIGIBLE = 1e-6
"""A share of the variance below which an error is rounding."""


class DataCase:
    """Data, with what several checks need to know of them, each computed at its first use.

    Of data that are not in memory, checks look at as many rows as fit into it, but count all.

    Args:
        data: all rows.
        recipe: of the model that would be fitted, a name in `RECIPES`.
    """

    def __init__(self, data: Data, recipe: str = "autoencoder") -> None:
        self.whole, self.data, self.recipe = data, data.drawn(), recipe

    @cached_property
    def values(self) -> Array:
        """In the model's layout."""
        return self.data.schema.arrange(self.data.array)

    @cached_property
    def table(self) -> NDArray[np.float64]:
        """The cells as numbers, `(n, columns)`; no rows where the data have no columns."""
        if not self.columns:
            return np.empty((0, 0))
        return self.data.array.astype(np.float64)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `table`."""
        return self.data.schema.names

    @cached_property
    def ordered(self) -> NDArray[np.bool_]:
        """Which columns of `table` are numbers or booleans, not categories."""
        return np.array([column.nature != "category" for column in self.data.schema.columns])

    @cached_property
    def constant(self) -> NDArray[np.bool_]:
        """Which values of an example are the same in every row that has them."""
        rows = self.data.array.reshape(len(self.data), -1)
        low, high = np.fmin.reduce(rows, axis=0), np.fmax.reduce(rows, axis=0)
        return np.asarray(low == high)

    @cached_property
    def constant_channels(self) -> NDArray[np.bool_]:
        """Which channels of sequences are the same at all time steps; none of other kinds of data."""
        if not self.data.schema.channel_names:
            return np.zeros(0, dtype=np.bool_)
        low, high = np.fmin.reduce(self.values, axis=(0, 2)), np.fmax.reduce(self.values, axis=(0, 2))
        return np.asarray(low == high)

    @cached_property
    def parts(self) -> SplitData:
        """The parts that `fit` would make."""
        return split_data(self.data, seed=0)

    @cached_property
    def choice(self) -> Choice:
        """The scaling and loss that `fit` would choose."""
        return self.data.schema.choose(self.parts.arranged)

    @cached_property
    def resolved(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The spec of the model that `fit` would train, and the options of the training."""
        return resolve(self.recipe, self.whole, self.choice, None, {})

    @property
    def spec(self) -> dict[str, Any]:
        """Of the model that `fit` would train."""
        return self.resolved[0]

    @property
    def training(self) -> Training:
        """How `fit` would train it: epochs and batch size are those for all training rows."""
        n = len(self.parts.index.train) * len(self.whole) // len(self.data)
        return Training(**self.resolved[1]).sized_for(n)

    @cached_property
    def objective(self) -> Objective:
        """The model that `fit` would train, with random weights."""
        with seeded(0, torch.device("cpu")):
            return build(self.spec, self.domain)

    @property
    def domain(self) -> Domain:
        """What the parts of the model are built for."""
        return self.data.schema.domain(self.choice.scaling)

    def scaled(self, values: Array) -> Array:
        """`values` on the model's scale, one flat row per example; NaN where a cell is missing."""
        rows = Rows(self.data.schema.arrange(values), self.choice.scaling, collate=self.data.schema.collate)
        batches = rows.batches(self.data.schema.at_once)
        return np.concatenate([torch.where(b.observed(), b.x, torch.nan).flatten(1).numpy() for b in batches])


@dataclass(frozen=True)
class RunCase:
    """A finished run, with what was measured of it.

    Attributes:
        run: the run.
        symptoms: on training and held-out rows.
        whole_verdict: on all held-out rows.
    """

    run: Run
    symptoms: Symptoms
    whole_verdict: Verdict

    @classmethod
    def of(cls, run: Run) -> RunCase | None:
        """The case of `run`; None if an earlier version fitted it, which did not measure the symptoms."""
        if "symptoms" not in run.metrics:
            return None
        return cls(run, Symptoms.from_json(run.metrics["symptoms"]), Verdict.from_metrics(run.metrics))

    @property
    def verdict(self) -> Verdict:
        """On the held-out rows that do not outlie."""
        return self.whole_verdict.usual

    @property
    def spec(self) -> dict[str, Any]:
        """The choices that the model was built from."""
        spec: dict[str, Any] = self.run.config["spec"]
        return spec

    @property
    def training(self) -> dict[str, Any]:
        """The options that it was trained with."""
        training: dict[str, Any] = self.run.config["training"]
        return training

    @property
    def regularised(self) -> bool:
        """Whether a prior, a penalty or a corruption restrains the model, so that PCA may do better."""
        return regularised(self.spec)

    def explained(self, error: float | None) -> float | None:
        """The share of the held-out variance that is explained with `error`; None where that is not known."""
        mean = self.verdict.mean_mse
        return None if error is None or mean is None else 1 - error / max(mean, 1e-300)

    def negligible(self, error: float) -> bool:
        """Whether `error` is but rounding."""
        return error < NEGLIGIBLE * (self.verdict.mean_mse or 0.0)
