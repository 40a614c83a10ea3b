"""New data: codes drawn where codes lie, decoded."""

from __future__ import annotations

import torch

from narrows.core.errors import InputError
from narrows.core.registry import within
from narrows.data.schema import Array
from narrows.runs.run import Run

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


def sample_by_epoch(run: Run, n: int, seed: int = 0) -> tuple[dict[str, Array], str]:
    """The same draw of `n` examples after each epoch that the training kept, and from the finished model.

    Args:
        run: fitted with `training.snapshots`.
        n: how many each time.
        seed: as for `sample`.

    Returns:
        By name, "epoch 1" and so on, `(n, *shape)` values as the data came; and where codes were drawn.
    """
    if not run.earlier:
        raise InputError("This run kept no weights of earlier epochs; fit one with training.snapshots=6.")
    kept = max(epoch["number"] for epoch in run.history if epoch["improved"])
    runs = {**run.earlier, kept: run}
    drawn = {f"epoch {number}": sample(runs[number], n, seed) for number in sorted(runs)}
    return {name: values for name, (values, _) in drawn.items()}, drawn[f"epoch {kept}"][1]
