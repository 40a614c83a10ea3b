"""Labels in a file of their own, beside the data."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from narrows.core.errors import InputError, show
from narrows.data.arrays import load_npy
from narrows.data.datasets import read_idx
from narrows.data.formats import format_of
from narrows.data.schema import Array


def read_labels(file: Path) -> Array:
    """Labels `(n,)`: an `.npy` array, an IDX `.gz`, or text with one label in each line.

    Raises:
        InputError: for a file that holds no such labels.
    """
    if format_of(file) == "npy":
        labels = load_npy(file).all()
    elif format_of(file) == "idx":
        labels = read_idx(file)
    else:
        lines = file.read_text("utf-8", errors="replace").split("\n")
        labels = np.array([line.strip() for line in lines if line.strip()])
    if labels.ndim != 1 or labels.dtype.kind not in "buifU":
        raise InputError(
            f"{file.name} holds {show(labels.shape)} of {labels.dtype}, but wanted is one label per example."
        )
    return labels
