"""Examples of several sizes: those of one size together, in arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.data.schema import Array, Schema
from narrows.data.sources import Source, Values, as_source


class Kind(NamedTuple):
    """What the examples of an array have in common.

    Attributes:
        n: how many there are.
        shape: of each.
        dtype: a numpy name.
    """

    n: int
    shape: tuple[int, ...]
    dtype: str

    @classmethod
    def from_json(cls, record: Sequence[Any]) -> Self:
        """The kind in a header."""
        n, shape, dtype = record
        return cls(n, tuple(shape), dtype)


@dataclass(frozen=True, eq=False)
class Stacks:
    """Examples, those of one shape and type together.

    Attributes:
        arrays: `(m, *shape)` each.
        which: `(n,)`, the array that each example is in; in each array they are in order.
    """

    arrays: tuple[Array, ...]
    which: NDArray[np.intp]

    @classmethod
    def of(cls, examples: Values | Sequence[Array] | Stacks) -> Stacks:
        """The stacks of examples, all in memory.

        Raises:
            InputError: for none.
        """
        if isinstance(examples, Stacks):
            return examples
        if not len(examples):
            raise InputError("The data have no rows, so there is nothing to compress.")
        if isinstance(examples, Source | np.ndarray):
            return cls((as_source(examples).all(),), np.zeros(len(examples), dtype=np.intp))
        found: dict[Any, list[Array]] = {}
        for each in examples:
            found.setdefault((each.shape, each.dtype), []).append(each)
        number = {kind: i for i, kind in enumerate(found)}
        which = np.array([number[each.shape, each.dtype] for each in examples], dtype=np.intp)
        return cls(tuple(np.stack(some) for some in found.values()), which)

    def in_order(self) -> Array | list[Array]:
        """The examples: one array if there is one stack, else a list."""
        if len(self.arrays) == 1:
            return self.arrays[0]
        rest = [iter(array) for array in self.arrays]
        return [next(rest[i]) for i in self.which.tolist()]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Of the arrays."""
        return tuple(Kind(len(each), each.shape[1:], each.dtype.name) for each in self.arrays)

    def told(self) -> dict[str, Any]:
        """JSON values for a header, from which `back` gets the order of the examples."""
        which = {"which": self.which.tolist()} if len(self.arrays) > 1 else {}
        return {"kinds": self.kinds, **which}

    @classmethod
    def back(cls, arrays: Sequence[Array], header: Mapping[str, Any]) -> Self:
        """The stacks of decoded `arrays`, in the order that a header tells."""
        which = header.get("which", [0] * len(arrays[0]))
        return cls(tuple(arrays), np.array(which, dtype=np.intp))

    @property
    def size(self) -> int:
        """The number of values of all examples."""
        return sum(array.size for array in self.arrays)

    @property
    def nbytes(self) -> int:
        """The bytes of all examples."""
        return sum(array.nbytes for array in self.arrays)


def check_channels(schema: Schema, shape: tuple[int, ...]) -> None:
    """Refuse examples of another `shape` than those of `schema`, but for the size of images."""
    alike = len(shape) == len(schema.shape)
    if schema.spatial != 2 or not alike or channels(schema, shape) != channels(schema, schema.shape):
        schema.check(np.empty((0, *shape), schema.dtype))


def channels(schema: Schema, shape: tuple[int, ...]) -> list[int]:
    """The number of channels of images of `shape`, if they have that axis."""
    return [length for axis, length in zip(schema.axes, shape, strict=True) if axis == "C"]


Examples = Values | Sequence[Array] | Stacks
"""An array or a source `(n, …)`, a list of arrays of several shapes, or these in stacks."""
