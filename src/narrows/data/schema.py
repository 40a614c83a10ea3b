"""The description of one example, and the interface of a kind of data."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import prod
from typing import Any, ClassVar, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from narrows.core.errors import InputError, show
from narrows.core.memory import rows_at_once
from narrows.core.records import Batch, Context, Domain, ModelColumn, masked
from narrows.data.columns import Array, Column
from narrows.data.limits import Limits, whole_type, widened
from narrows.data.scaling import Choice, Scaling
from narrows.data.tensors import is_nan, tensor

__all__ = ["Array", "Schema"]

RARE = 0.0005
"""The share of missing values up to which training masks no others."""


@dataclass(frozen=True)
class Schema(ABC):
    """The description of one example: new data are checked against it, and outputs get its shape and type.

    Every kind of data is a subclass, in a file of `narrows.data.kinds`, which holds everything particular to
    it. The methods with a body here are for kinds whose examples are arrays of one shape.

    Attributes:
        dtype: of the values as they came, a numpy name.
        shape: of one example as it came.
        axes: a letter for each axis of `shape`: "HW", "HWC" or "CHW" for images, "F" for tables.
        columns: of a table; empty for kinds without columns.
    """

    dtype: str
    shape: tuple[int, ...]
    axes: str
    columns: tuple[Column, ...] = ()

    kind: ClassVar[str]
    """Its name, a value of `--kind`."""
    noun: ClassVar[str] = "row"
    """The word for one example."""
    nouns: ClassVar[str] = "rows"
    """The word for several; `noun` with an s where a kind does not say it."""
    smaller: ClassVar[str] = "fewer rows"
    """What takes less memory, in words."""
    value_noun: ClassVar[str] = "value"
    """The word for one value of an example."""
    missing_noun: ClassVar[str] = "value"
    """The word for what may be missing."""
    inferred_from: ClassVar[tuple[int, ...]] = ()
    """The numbers of axes of arrays `(n, *shape)` from which this kind is inferred."""
    array_axes: ClassVar[str] = "(examples, …)"
    """The axes of an array of examples, for the message about arrays of no kind."""
    may_miss: ClassVar[bool] = False
    """Whether NaN is a missing value; for other kinds it is an error."""
    holds_nan: ClassVar[bool] = False
    """Whether NaN stands for what an example has not, though nothing is missing, as for further nodes."""
    of_graphs: ClassVar[bool] = False
    """Whether examples are made of graphs, or are the nodes of one, and do not come as arrays."""
    spatial: ClassVar[int] = 0
    """The number of axes of space or time; they are the last ones in the model's layout."""
    over_time: ClassVar[bool] = False
    """Whether the axis of space or time is time, so that examples may be cut from recordings."""
    has_pca: ClassVar[bool] = True
    """Whether a model is compared with the PCA of the flattened examples."""
    has_surrogate: ClassVar[bool] = True
    """Whether examples can be simulated from a normal distribution with the covariance of the data."""
    of_counts: ClassVar[tuple[str, ...]] = ()
    """Methods beside PCA for counts, keys of `narrows.fitting.further_yardsticks.METHODS`."""
    judged_by: ClassVar[Literal["values", "edges"]] = "values"
    """What a verdict compares: the reconstructed values of examples, or predicted edges between them."""

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        if "nouns" not in vars(cls):
            cls.nouns = f"{cls.noun}s"

    @classmethod
    def of(cls, shape: tuple[int, ...], dtype: str, columns: Sequence[str | Column] = ()) -> Self:
        """The schema of examples of `shape` and `dtype`.

        Raises:
            InputError: for a shape that examples of this kind cannot have.
        """
        return cls(dtype, shape, cls.axes_of(shape))

    @classmethod
    def description(cls) -> str:
        """The first line of the docstring of the kind's module, for help and docs."""
        return (inspect.getdoc(inspect.getmodule(cls)) or "").split("\n")[0]

    @classmethod
    @abstractmethod
    def axes_of(cls, shape: tuple[int, ...]) -> str:
        """The axes of an example of `shape`, a letter each.

        Raises:
            InputError: for a shape that examples of this kind cannot have.
        """

    @classmethod
    def possible_axes(cls, shape: tuple[int, ...]) -> tuple[str, ...]:
        """All axes that an example of `shape` can have, if they are told; `axes_of` infers them."""
        return (cls.axes_of(shape),)

    @abstractmethod
    def to_model(self, values: Tensor) -> Tensor:
        """`(n, *shape)` in the model's layout `(n, *model_shape)`, channels first; not scaled."""

    @abstractmethod
    def from_model(self, values: Tensor) -> Tensor:
        """The inverse of `to_model`."""

    @abstractmethod
    def scaling_for(self, values: Array) -> Choice:
        """The scaling and loss for a training part `values (n, *model_shape)`; NaN is missing."""

    @abstractmethod
    def network(self) -> dict[str, Any]:
        """The spec of the default encoder: its name and options."""

    def window_network(self) -> dict[str, Any]:
        """The default network for examples that are windows of larger ones."""
        return self.network()

    @abstractmethod
    def by_part(self, amounts: Array) -> Array:
        """Sum `amounts (n, values)` in the model's layout over the values of a column or pixel.

        Returns:
            `(n, columns)` of a table, `(n, height, width)` of images.
        """

    def choose(self, values: Array) -> Choice:
        """`scaling_for` a training part `values (n, *model_shape)`, with the share of missing values."""
        choice = self.scaling_for(values)
        missing, inside = self.missing(values)
        share = float(missing.sum() / max(1, inside))
        if not share:
            return choice
        why = f"Missing {self.missing_noun}s are masked in the input and in the loss"
        if share < RARE:
            return replace(choice, why=(*choice.why, f"{why}."))
        why += "; training masks as many others at random, so that the model learns to impute them."
        return replace(choice, why=(*choice.why, why), missing=share)

    def missing(self, values: Array) -> tuple[NDArray[np.bool_], int]:
        """Which values of examples `(n, *model_shape)` are missing, and of how many values in all."""
        return is_nan(values), values.size

    @property
    def model_shape(self) -> tuple[int, ...]:
        """The shape of one example in the model's layout."""
        return tuple(self.to_model(torch.empty(1, *self.shape, device="meta")).shape[1:])

    @property
    def names(self) -> tuple[str, ...]:
        """The names of a table's columns; empty for kinds without columns."""
        return tuple(column.name for column in self.columns)

    @property
    def value_names(self) -> tuple[str, ...]:
        """A name for each value in the model's layout; empty for kinds whose values have no names."""
        return ()

    @property
    def value_columns(self) -> tuple[Column, ...]:
        """The column that each value of the model's layout belongs to; empty for kinds without columns."""
        return ()

    @property
    def starts(self) -> NDArray[np.intp] | None:
        """The index of the first value of each column in the model's layout; None for kinds without columns.

        A column counts as one value in the mean squared error, with the sum of its squared errors.
        """
        return None

    @property
    def model_columns(self) -> tuple[ModelColumn, ...]:
        """The columns in the order of the model's layout; empty for kinds without columns."""
        return ()

    @property
    def channel_names(self) -> tuple[str, ...]:
        """The names of the channels of sequences; empty for other kinds."""
        return ()

    @property
    def extent(self) -> str:
        """How large an example is, in words."""
        return show(self.shape)

    @property
    def axis_names(self) -> str:
        """The names of the axes of `shape` in parentheses, for messages; empty for kinds with one axis."""
        return ""

    @property
    def has_levels(self) -> bool:
        """Whether some columns are booleans or categories."""
        return any(column.levels for column in self.columns)

    @property
    def as_numbers(self) -> bool:
        """Whether the cells of all columns are numbers as they came, not words or dates."""
        return not any(column.levels or column.dates for column in self.columns)

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms in which examples can be written, keys of `formats.FORMS`, the usual one first."""
        return ("array",)

    def large(self, *, cut: bool) -> bool:
        """Whether a recipe's settings for large images apply; `cut` is true where examples are patches."""
        return False

    def check(self, values: Array) -> None:
        """Refuse `values (n, …)` that are not examples of this schema.

        Raises:
            InputError: with the difference.
        """
        if values.shape[1:] != self.shape:
            raise InputError(
                f"The data have examples of shape {show(values.shape[1:])}, but the model was fitted "
                f"to examples of shape {show(self.shape)}{self.axis_names}."
            )

    def other_unit(self, came: np.dtype[Any]) -> str:
        """The message that numbers of the type `came` have another unit than those of `dtype`, or nothing."""
        return ""

    def as_fitted(self, values: Array, scaling: Scaling) -> Array:
        """`values (n, …)` in the unit of the training data; other types may have another one.

        Raises:
            InputError: for values of a type or on a scale that cannot be converted.
        """
        return values

    def restore_as(
        self, x: Tensor, scaling: Scaling, came: np.dtype[Any], limits: Limits | None = None
    ) -> Tensor:
        """As `restore`, in the unit and the type of examples that `came`; the inverse of `as_fitted`."""
        return self.restore(x, scaling, limits=limits)

    def limits(self, scaling: Scaling, x: Tensor) -> Limits:
        """The limits of what is made of the examples `x (n, *model_shape)` on the model's scale.

        Values in space or time have those of the type; see `narrows.data.limits`.
        """
        return whole_type(self.dtype, scaling.precision) if self.spatial else widened(scaling, x)

    def check_training(self, values: Array, name: str) -> None:
        """Refuse a training part `values (n, *model_shape)` from which nothing can be learned.

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

    def restore(
        self, x: Tensor, scaling: Scaling, dtype: str | None = None, limits: Limits | None = None
    ) -> Tensor:
        """Examples `(n, *shape)` from `x (n, *model_shape)` on the model's scale.

        `dtype` is a numpy name; None stands for the dtype of the data. Values are clipped to `limits`; None
        stands for the range of the training part.
        """
        return self.from_model(scaling.restore(x, dtype, limits))

    def collate(self, x: Tensor, *, complete: bool) -> Batch:
        """Examples `x (n, *model_shape)` on the model's scale as a batch; NaN becomes 0 and is masked.

        With `complete` no value is missing, and `x` is not searched for NaN.
        """
        return masked(x, complete=complete)

    def check_independent(self, what: str) -> None:
        """Refuse `what` is made of examples one by one, of a kind whose examples depend on each other.

        Raises:
            InputError: for such a kind.
        """
        if self.judged_by == "edges":
            raise InputError(
                f"{what} are made of examples that do not depend on each other, but the nodes of a graph do; "
                f"graphs have encode, links, anomalies, compare, probe, report, explore and doctor."
            )

    def context_of(self, arrays: Mapping[str, Array], n: int, dtype: torch.dtype) -> Context:
        """What belongs to all `n` examples of a source together, as tensors; real numbers are of `dtype`.

        Args:
            arrays: `Source.context`.
            n: the number of examples.
            dtype: of the values of a batch.
        """
        return {}

    def training_context(
        self, arrays: Mapping[str, Array], n: int, dtype: torch.dtype
    ) -> Callable[[], Context]:
        """A function that gives what belongs to all `n` training examples in an epoch; as `context_of`."""
        return lambda: {}

    def usual_code_size(self, n: int, regularised: bool) -> int:
        """The default of latent_dim for `n` examples: an eighth of the values of one, from 2 to 16.

        It is smaller than the number of values where nothing else restrains the model.
        """
        usual = min(16, max(2, round(self.size / 8)))
        return usual if regularised else min(usual, max(1, prod(self.shape) - 1))

    def training(self, n: int) -> dict[str, Any]:
        """Options of the training of `n` examples that differ from the usual ones."""
        return {}

    def ended(self, values: Tensor, context: Context) -> Tensor:
        """Outputs `(n, *shape)` that end where the examples of a batch with this `context` do."""
        return values

    @property
    def may_end_early(self) -> bool:
        """Whether examples may be shorter than `shape` along their first axis; see `extended`."""
        return False

    def extended(self, values: Tensor) -> Tensor:
        """Examples that end early, with NaN behind their end, `(n, *shape)`."""
        return values

    def domain(self, scaling: Scaling) -> Domain:
        """The data on the model's scale, as the parts of a model are built for them."""
        return Domain(
            self.model_shape,
            scaling.low,
            scaling.high,
            intensity=scaling.intensity,
            grid=scaling.grid,
        )

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, **asdict(self)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The schema that `to_json` described.

        Raises:
            InputError: when its entries contradict each other, as in an edited run folder.
        """
        columns = tuple(Column.from_json(column) for column in record["columns"])
        fields = {name: value for name, value in record.items() if name != "kind"}
        schema = cls(**{**fields, "shape": tuple(record["shape"]), "columns": columns})
        schema.check_itself()
        return schema

    def check_itself(self) -> None:
        """Refuse a schema whose attributes contradict each other."""
        self._check_shape()
        if self.columns:
            raise InputError(f"{len(self.columns)} columns do not match the shape {self.shape}.")

    def _check_shape(self) -> None:
        possible = all(type(size) is int and 0 < size < 10**9 for size in self.shape)
        if not possible or np.dtype(self.dtype).kind not in "buif":
            raise InputError(f"No data have examples of shape {self.shape} and type {self.dtype!r}.")
        if self.axes not in self.possible_axes(self.shape):
            raise InputError(f"The axes {self.axes!r} do not match the shape {self.shape}.")

    @property
    def size(self) -> int:
        """The number of values of an example in the model's layout."""
        return prod(self.model_shape)

    @property
    def at_once(self) -> int:
        """How many examples a model computes at a time outside of training."""
        return rows_at_once(self.size)
