"""Arrays that lie in a file as they are, without compression."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from narrows.data.columns import Array


class Mapped:
    """The values in a file from some byte on.

    The file is mapped anew for each read, because the pages of a map that was read count as resident memory.

    Args:
        file: its path.
        shape: of the array.
        dtype: of the stored values, of any byte order.
        offset: the number of bytes before the first value.
    """

    def __init__(self, file: Path, shape: tuple[int, ...], dtype: np.dtype[Any], offset: int) -> None:
        self.file, self.shape, self.dtype, self.offset = file, shape, dtype, offset

    def __getitem__(self, place: Any) -> Array:
        return np.array(self.map()[place])

    def map(self) -> Array:
        """All values, which are read when they are used."""
        return np.memmap(self.file, self.dtype, "r", self.offset, self.shape)
