"""Recordings of noisy waves, with and without faults."""

from __future__ import annotations

import numpy as np

from narrows.data.examples import Data
from narrows.data.reading import Reading
from narrows.data.recordings.examples import from_recordings
from narrows.data.recordings.recording import Recording, Recordings
from narrows.data.schema import Array


def waves(n: int, seed: int) -> Array:
    """`(n, 2)`: waves of period 20 with a harmonic, the second channel a quarter later and ten times as high."""
    rng = np.random.default_rng(seed)
    t = 2 * np.pi * (np.arange(n) + rng.integers(20)) / 20
    both = np.column_stack([np.sin(t) + 0.5 * np.sin(2 * t), 10 * np.cos(t) + 5 * np.cos(2 * t)])
    return both + rng.normal(size=(n, 2)) * [0.1, 1.0]


def waves_data(*values: Array, window: int = 20, labels: Array | None = None) -> Data:
    """Windows of recordings `(time, 2)`."""
    found = tuple(Recording(f"r{i}", each, labels=labels) for i, each in enumerate(values))
    return from_recordings(Recordings(found, ("low", "high")), "waves", Reading("sequences", window=window))
