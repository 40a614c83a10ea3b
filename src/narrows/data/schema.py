"""What one example of a kind of data is, and what a kind has to say of itself."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import prod
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from narrows.core.errors import InputError, show
from narrows.core.records import Batch, Domain, ModelColumn, masked
from narrows.data.columns import Array, Column
from narrows.data.scaling import Choice, Scaling

__all__ = ["Array", "Schema", "tensor"]


@dataclass(frozen=True)
class Schema(ABC):
    """What one example is, so that others can be recognised and outputs look like inputs.

    Every kind of data is a subclass, in a file of `narrows.data.kinds`, and says there all that is particular
    to it. What has a body here suits kinds whose examples are arrays of one shape.

    Attributes:
        dtype: of the values as they came, a numpy name.
        shape: of one example as it came.
        axes: what the axes of `shape` mean, a letter each: "HW", "HWC" or "CHW" for images, "F" for tables.
        columns: what each column of a table holds; empty for kinds without columns.
    """

    dtype: str
    shape: tuple[int, ...]
    axes: str
    columns: tuple[Column, ...] = ()

    kind: ClassVar[str]
    """Its name: what `--kind` takes."""
    noun: ClassVar[str] = "row"
    """What one example is called."""
    value_noun: ClassVar[str] = "value"
    """What one value of an example is called."""
    inferred_from: ClassVar[tuple[int, ...]] = ()
    """The numbers of axes `(n, *shape)` of arrays that are of this kind unless another is asked for."""
    may_miss: ClassVar[bool] = False
    """Whether NaN is a missing value; elsewhere it is an error."""
    spatial: ClassVar[int] = 0
    """How many of the last axes in the model's layout are of space or time, where neighbours are alike."""
    has_pca: ClassVar[bool] = True
    """Whether principal components of its flat examples are what a model is compared with."""
    has_surrogate: ClassVar[bool] = True
    """Whether normally distributed rows of the same covariance are examples of it, without structure."""

    @classmethod
    def of(cls, shape: tuple[int, ...], dtype: str, columns: Sequence[str | Column] = ()) -> Self:
        """The schema of examples of `shape` and `dtype`.

        Raises:
            InputError: for a shape that this kind does not have.
        """
        return cls(dtype, shape, cls.axes_of(shape))

    @classmethod
    def description(cls) -> str:
        """The kind in one line, the first of its module's docstring, for help and docs."""
        return (inspect.getdoc(inspect.getmodule(cls)) or "").split("\n")[0]

    @classmethod
    @abstractmethod
    def axes_of(cls, shape: tuple[int, ...]) -> str:
        """The axes of an example of `shape`.

        Raises:
            InputError: for a shape that this kind does not have.
        """

    @abstractmethod
    def to_model(self, values: Tensor) -> Tensor:
        """`(n, *shape)` in the model's layout `(n, *model_shape)`, channels first; not scaled."""

    @abstractmethod
    def from_model(self, values: Tensor) -> Tensor:
        """The way back from `to_model`."""

    @abstractmethod
    def scaling_for(self, values: Array) -> Choice:
        """The scaling and the loss for `values`, the training part in the model's layout; NaN is missing."""

    @abstractmethod
    def network(self) -> dict[str, Any]:
        """The default encoder: its name and options."""

    @abstractmethod
    def by_part(self, amounts: Array) -> Array:
        """Amounts `(n, values)` in the model's layout added up for each part that a person sees.

        Returns:
            `(n, columns)` of a table, `(n, height, width)` of images.
        """

    def choose(self, values: Array) -> Choice:
        """`scaling_for` the training part, and what follows from values that are missing."""
        found = self.scaling_for(values)
        share = float(np.isnan(values).mean()) if values.dtype.kind == "f" else 0.0
        if not share:
            return found
        why = (
            f"{100 * share:.2g} % of the cells are missing: they count neither in the input nor in the loss; "
            f"training hides as many more, so that the model learns to fill them in."
        )
        return replace(found, why=(*found.why, why), missing=share)

    @property
    def model_shape(self) -> tuple[int, ...]:
        """The shape of one example in the model's layout."""
        return tuple(self.to_model(torch.empty(1, *self.shape, device="meta")).shape[1:])

    @property
    def names(self) -> tuple[str, ...]:
        """Names of a table's columns."""
        return tuple(column.name for column in self.columns)

    @property
    def value_names(self) -> tuple[str, ...]:
        """A name for each value in the model's layout; empty where only their place tells them apart."""
        return ()

    @property
    def value_columns(self) -> tuple[Column, ...]:
        """The column that each value of the model's layout belongs to; empty for kinds without columns."""
        return ()

    @property
    def starts(self) -> NDArray[np.intp] | None:
        """Where each column begins in the model's layout, if a column may have several values; else None.

        The values of a column count as one, with the sum of their squared errors.
        """
        return None

    @property
    def model_columns(self) -> tuple[ModelColumn, ...]:
        """What each column is, in the order of the model's layout; empty for kinds without columns."""
        return ()

    @property
    def worded(self) -> bool:
        """Whether values stand for words: booleans or categories."""
        return any(column.levels for column in self.columns)

    @property
    def forms(self) -> tuple[str, ...]:
        """How examples can be written, keys of `formats.FORMS`, the usual form first."""
        return ("array",)

    def large(self, *, cut: bool) -> bool:
        """Whether a recipe's settings for large images apply; `cut` says that examples are patches."""
        return False

    def check(self, values: Array) -> None:
        """Refuse values `(n, …)` that are not examples of this schema.

        Raises:
            InputError: with the difference.
        """
        if values.shape[1:] != self.shape:
            raise InputError(
                f"The data have examples of shape {show(values.shape[1:])}, but the model was fitted "
                f"to examples of shape {show(self.shape)}."
            )

    def check_training(self, values: Array, name: str) -> None:
        """Refuse a training part, in the model's layout, from which nothing can be learned.

        Raises:
            InputError: when all examples are the same.
        """
        rows = values.reshape(len(values), -1)
        if len(rows) > 1 and (np.fmin.reduce(rows, axis=0) == np.fmax.reduce(rows, axis=0)).all():
            raise InputError(
                f"Every {self.value_noun} of {name} is the same in all rows: there is nothing to learn."
            )

    def arrange(self, values: Array) -> Array:
        """`to_model` of an array."""
        return self.to_model(tensor(values)).numpy()

    def restore(self, x: Tensor, scaling: Scaling, dtype: str | None = None) -> Tensor:
        """Examples `(n, *shape)` as they would have come, of `x` on the model's scale and in its layout.

        `dtype` is the type of the values; None takes that of the data.
        """
        return self.from_model(scaling.restore(x, dtype))

    def collate(self, x: Tensor, *, complete: bool) -> Batch:
        """Examples `x (n, *model_shape)` on the model's scale as a batch for the model.

        `complete` says that no value is missing; what is missing is masked, and 0.
        """
        return masked(x, complete=complete)

    def domain(self, scaling: Scaling) -> Domain:
        """What the parts of a model may know of the data on the model's scale."""
        return Domain(self.model_shape, scaling.low, scaling.high)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, **asdict(self)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The schema that `to_json` gave.

        Raises:
            InputError: for one that no data could have, as an edited run folder may hold.
        """
        columns = tuple(Column.from_json(column) for column in record["columns"])
        fields = {name: value for name, value in record.items() if name != "kind"}
        schema = cls(**{**fields, "shape": tuple(record["shape"]), "columns": columns})
        schema.check_itself()
        return schema

    def check_itself(self) -> None:
        """Refuse a schema that no data could have."""
        self._check_shape()
        if self.columns:
            raise InputError(f"{len(self.columns)} columns do not go with the shape {self.shape}.")

    def _check_shape(self) -> None:
        possible = all(type(size) is int and 0 < size < 10**9 for size in self.shape)
        if not possible or np.dtype(self.dtype).kind not in "buif":
            raise InputError(f"No data have examples of shape {self.shape} and type {self.dtype!r}.")
        if self.axes_of(self.shape) != self.axes:
            raise InputError(f"The axes {self.axes!r} do not go with the shape {self.shape}.")

    @property
    def size(self) -> int:
        """How many values an example has in the model's layout."""
        return prod(self.model_shape)


def tensor(values: Array) -> Tensor:
    """An array as a tensor that shares its memory if it can be written to, else a copy's."""
    return torch.from_numpy(np.require(values, requirements=["W"]))
