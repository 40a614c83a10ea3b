"""Run folders as each version of the format wrote them, and what they must give whoever reads them later.

    python -m tests.golden

writes those of the present version, once: into `tests/golden/<version>/`, with `expected.json`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas

from narrows.data.examples import Data
from narrows.data.readers import as_data, from_table
from narrows.data.tables.table import from_frame

HERE = Path(__file__).parent
RNG = np.random.default_rng(7)
TABLE = pandas.DataFrame(
    {
        "length": [1.5, None, 3.25, 4.0, 2.5, 0.75] * 5,
        "count": [3, 1, 4, 1, 5, 9] * 5,
        "garden": [True, False, True, True, None, False] * 5,
        "town": ["Ulm", "Bonn", "Rom", "Ulm", None, "Rom"] * 5,
    }
)
IMAGES = RNG.integers(0, 65536, (24, 6, 5)).astype(np.uint16)
TRACES = np.cumsum(RNG.normal(size=(30, 6)), axis=1)


def table() -> Data:
    return from_table(from_frame(TABLE, "table"), "table")


EXAMPLES: dict[str, tuple[Data, dict[str, Any]]] = {
    "table": (table(), {"encoder": {"widths": [4]}}),
    "images": (as_data(IMAGES, name="images"), {"encoder": {"name": "conv", "channels": 2}}),
    "tied": (
        as_data(TRACES, name="traces"),
        {"encoder": {"name": "mlp", "widths": [4]}, "decoder": {"tied": True}},
    ),
    "vae": (as_data(TRACES, name="traces"), {"encoder": {"widths": [4]}, "bottleneck": {"name": "gaussian"}}),
}
"""What is fitted: data and changes to the recipe."""
