"""New data: codes drawn where codes lie, decoded."""

from __future__ import annotations

import numpy as np
import torch

from narrows.data.kinds import Array
from narrows.errors import InputError
from narrows.registry import within
from narrows.run import Run

MOST = 1_000_000
"""Examples that are made at a time."""


def sample(run: Run, n: int, seed: int = 0) -> tuple[Array, str]:
    """Draw `n` new examples.

    A model with a prior (a VAE) is sampled from it. A plain autoencoder has none: its codes are
    drawn from the mixture of normal distributions that was fitted to the training codes.

    Args:
        run: the fitted model.
        n: how many.
        seed: the same seed gives the same examples.

    Returns:
        `(n, *shape)` values as the data came, and the sentence that says where codes were drawn.
    """
    codes, note = draw(run, n, seed)
    return run.decode(codes), note


def draw(run: Run, n: int, seed: int = 0) -> tuple[Array, str]:
    """The codes `(n, code_size)` of new examples, and where they were drawn, as `sample` says."""
    within("n", n, 1, MOST)
    within("seed", seed, 0, 2**32 - 1)
    generator = torch.Generator().manual_seed(seed)
    codes = run.model.bottleneck.prior(n, generator)
    if codes is not None:
        return codes.flatten(1).numpy(), "Codes were drawn from the model's prior."
    if run.unfinished:
        raise InputError(run.unfinished)
    k = len(run.density.weights)
    source = f"a mixture of {k} normal distributions" if k > 1 else "a normal distribution"
    note = f"This model has no prior: codes were drawn from {source} fitted to the training codes."
    return run.density.sample(n, generator).numpy(), note


def interpolate(run: Run, values: Array, steps: int = 10) -> Array:
    """A straight walk through the codes, from the first of two examples to the second.

    Args:
        run: the fitted model.
        values: `(2, *shape)`, as the data came.
        steps: examples on the way, both ends included.

    Returns:
        `(steps, *shape)` decoded values as the data came.
    """
    within("steps", steps, 2, MOST)
    first, second = run.encode(values)
    share = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    return run.decode((1 - share) * first + share * second)
