"""Places of a scan, and channels or pixels of its detector, that hold nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import few
from narrows.data.calibration import Axes, letters_of
from narrows.data.columns import Array
from narrows.data.scan import Scan

Flags = NDArray[np.bool_]


def dead_places(values: Array, scan: Scan) -> tuple[str, ...]:
    """Sentences about lines of a scan, and channels or pixels of its detector, that never change.

    Args:
        values: the signals `(n, *signal)` of all places.
        scan: their places.
    """
    lines = dead_lines(scan.picture(still(values)))
    dead = still(values.reshape(len(values), -1).T).reshape(values.shape[1:])
    found = []
    if lines.any() and not lines.all():
        found.append(
            f"{lines.sum():,} of {lines.size:,} lines of the scan hold signals that are constant: "
            f"{few([str(i) for i in np.flatnonzero(lines)])}; cut them away, or do not trust their maps."
        )
    if dead.any() and not dead.all():
        found.append(
            f"{dead.sum():,} of {dead.size:,} {noun(scan.signal)} never change: {named(dead)}; the model "
            f"does not learn them."
        )
    return tuple(found)


def still(rows: Array) -> Flags:
    """Which of `rows (n, …)` have one value only, missing ones aside, `(n,)`."""
    flat = rows.reshape(len(rows), -1)
    return np.asarray(np.fmin.reduce(flat, axis=1) == np.fmax.reduce(flat, axis=1))


def dead_lines(flags: Flags) -> Flags:
    """The lines of a scan whose places are all dead, `(lines,)`; of a line scan its places."""
    return np.asarray(flags.reshape(-1, flags.shape[-1]).all(axis=1)) if flags.ndim > 1 else flags


def noun(signal: Axes) -> str:
    """What the detector consists of."""
    return "channels" if len(signal) == 1 else f"pixels ({letters_of(signal)})"


def named(dead: Flags) -> str:
    """The first few numbers of channels, or rows and columns of pixels."""
    return few([", ".join(map(str, place)) for place in np.argwhere(dead).tolist()], 3)
