"""Where rows lie beside usual ones: far outside, at the edge, or among them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from narrows.core.numbers import times
from narrows.data.schema import Array
from narrows.data.sources import Values, as_source
from narrows.evaluation.errors import Floats
from narrows.tasks.anomalies.conformal import threshold
from narrows.tasks.anomalies.detector import Detector
from narrows.tasks.anomalies.far_cells import FarCells

FAR, EDGE, USUAL = "far outside", "at the edge", "usual"
"""The names of the places."""


def places(detector: Detector, values: Values, scores: Floats, share: float) -> Array:
    """The place of each row, `(n,)`.

    Far outside is a row above the score that no usual row is expected to have (`Detector.wild_score`), or
    with a far cell; at the edge another one above the score that a `share` of the held-out rows exceeds.
    """
    edge = scores > threshold(detector.held_out, share).score
    far = scores > detector.wild_score
    # Rows with far cells score above all held-out rows.
    above = np.flatnonzero(~far & (scores > detector.held_out.max()))
    if len(above):
        far[above] = FarCells.of(detector.run, as_source(values).take(above)).counts > 0
    return np.where(far, FAR, np.where(edge, EDGE, USUAL))


def in_words(found: Array, flagged: NDArray[np.bool_], detector: Detector) -> str:
    """How many of the flagged rows lie where, and what that means; nothing where none is flagged."""
    if not flagged.any():
        return ""
    far, edge, usual = (int((found[flagged] == place).sum()) for place in (FAR, EDGE, USUAL))
    beyond = f"a score above {times(detector.wild_score, 3)}"
    beyond += ", or a cell unlike any in its column" if detector.may_be_far else ""
    parts = [
        f"{far:,} {FAR} ({beyond}: no usual row is expected there)",
        f"{edge:,} {EDGE} (a few usual rows lie there, too)" if edge else "",
        f"{usual:,} among the usual rows" if usual else "",
    ]
    return f"Of the flagged rows {', '.join(filter(None, parts))}."
