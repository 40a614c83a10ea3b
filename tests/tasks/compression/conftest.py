"""A run that compresses with a loss."""

from __future__ import annotations

import numpy as np
import pytest

from narrows import Autoencoder
from narrows.runs.run import Run
from tests.samples import DIGITS


@pytest.fixture(scope="session")
def rounded_run() -> Run:
    """A short fit to digits as 8-bit images."""
    parts = {
        "encoder": {"hidden": 16},
        "bottleneck": {"hidden": 16},
        "training": {"epochs": 20, "learning_rate": 4e-3},
    }
    return Autoencoder(None, recipe="compression", **parts).fit((DIGITS[:1200] * 15).astype(np.uint8)).run_
