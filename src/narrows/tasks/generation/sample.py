"""New examples, decoded from random codes."""

from __future__ import annotations

import torch

from narrows.core.errors import InputError
from narrows.core.registry import within
from narrows.data.schema import Array
from narrows.runs.run import Run

MAX_EXAMPLES = 1_000_000
"""Examples that are made in one call, at the most."""


def sample(run: Run, n: int, seed: int = 0) -> tuple[Array, str]:
    """Draw `n` new examples.

    Codes of a model with a prior (a VAE) are drawn from it. A plain autoencoder has none: its codes are drawn
    from the mixture of normal distributions that was fitted to the training codes.

    Args:
        run: the fitted model.
        n: how many.
        seed: the same seed gives the same examples.

    Returns:
        `(n, *shape)` values as the data came, and a sentence that says which distribution codes are from.
    """
    codes, note = draw(run, n, seed)
    return run.decode(codes), note


def draw(run: Run, n: int, seed: int = 0) -> tuple[Array, str]:
    """Codes `(n, code_size)` of new examples, and the sentence that `sample` returns."""
    within("n", n, 1, MAX_EXAMPLES)
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
    """The same draw of `n` examples by the weights of each epoch that the run keeps, and by the final ones.

    Args:
        run: fitted with `training.snapshots`.
        n: how many each time.
        seed: as for `sample`.

    Returns:
        `(n, *shape)` values as the data came, by "epoch 1" and so on; and the sentence that `sample` returns.
    """
    if not run.earlier:
        raise InputError(
            "This run kept no weights of earlier epochs; fit one with training.snapshots=6, or "
            "training.snapshot_every=2."
        )
    runs = run.by_epoch
    drawn = {f"epoch {number}": sample(runs[number], n, seed) for number in sorted(runs)}
    return {name: values for name, (values, _) in drawn.items()}, drawn[f"epoch {max(runs)}"][1]
