"""Held-out examples, corrupted as in training, and what the model makes of them epoch by epoch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from narrows.data.schema import Array
from narrows.runs.run import Run

SHOWN = 8
"""Examples that are shown."""

MOST_EPOCHS = 10
"""Epochs that are shown, at the most; the last is one of them."""


class Corrupted(NamedTuple):
    """Examples `(n, *schema.shape)` in the data's dtype.

    Attributes:
        originals: held-out examples.
        seen: the same as the encoder sees them in training.
        made: the reconstructions from `seen` by the number of the epoch.
    """

    originals: Array
    seen: Array
    made: dict[int, Array]


def by_epoch(run: Run, n: int = SHOWN) -> Corrupted | None:
    """The first `n` held-out examples that `run` keeps, corrupted and reconstructed.

    They are reconstructed with the final weights, and with those of each epoch that the run keeps. Codes are
    drawn from their distribution, as in training. All random numbers are the same in each epoch.

    Returns:
        None for a model that is trained without a corruption, and for a run that keeps no examples.
    """
    originals = run.evidence.originals
    if originals is None or run.config["spec"]["corruption"]["name"] == "none":
        return None
    runs = run.by_epoch
    shown = sorted(runs)[:: -max(1, -(-len(runs) // MOST_EPOCHS))][::-1]
    x = originals[:n]
    made = {number: drawn(runs[number], x) for number in shown}
    return Corrupted(x, run.unscaled(run.corrupted(x), run.scaled(x)), made)


def drawn(run: Run, x: Array) -> Array:
    """Reconstructions of corrupted `x` from codes that are drawn, with the same random numbers each time."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return np.asarray(run.unscaled(run.restored(x, sample=True), run.scaled(x)))
