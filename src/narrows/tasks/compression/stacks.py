"""Examples of several sizes: those of one size together, in arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.data.schema import Array
from narrows.data.sources import Source, Values, as_source


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
    def size(self) -> int:
        """The number of values of all examples."""
        return sum(array.size for array in self.arrays)

    @property
    def nbytes(self) -> int:
        """The bytes of all examples."""
        return sum(array.nbytes for array in self.arrays)


Examples = Values | Sequence[Array] | Stacks
"""An array or a source `(n, …)`, a list of arrays of several shapes, or these in stacks."""
