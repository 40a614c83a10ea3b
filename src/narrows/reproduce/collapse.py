"""Posterior collapse and mode collapse of a VAE: codes without information, and samples without variety."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.reproduce.drawings import strip
from narrows.reproduce.findings import Check, Estimate, Figure, at_least, at_most, mean_of
from narrows.reproduce.lab import Lab, decode
from narrows.reproduce.sample_quality import Features
from narrows.reproduce.tables import number
from narrows.reproduce.trials import reconstruct_bytes
from narrows.runs.run import Run

INACTIVE_VARIANCE = 0.01
"""A latent dimension with a smaller variance over the data is inactive (Burda et al. 2016)."""

WEAK, STRONG = 1.0, 20.0
"""Weights of the KL term: that of a VAE, and one under which it collapses."""

SHOWN = 10


class Collapse(NamedTuple):
    """What a VAE with 20 latent dimensions loses, by the weight β of its KL term.

    Attributes:
        inactive: latent dimensions that carry no information, over seeds.
        digits: the effective number of digits among samples from N(0, I), over seeds.
        figures: reconstructions and samples.
    """

    inactive: Mapping[float, Estimate]
    digits: Mapping[float, Estimate]
    figures: tuple[Figure, ...]

    def named(self) -> dict[str, Any]:
        """The values with names for the page."""
        return {
            "inactive_of_20": {f"{beta:g}": found.value for beta, found in self.inactive.items()},
            "effective_digits": {f"{beta:g}": found.value for beta, found in self.digits.items()},
        }

    def checks(self) -> tuple[Check, ...]:
        """A strong KL term makes most dimensions inactive and the samples alike; a weak one does not."""
        return (
            at_most("inactive dimensions of 20 at β = 1", self.inactive[WEAK], 10, "half of them"),
            at_least(f"inactive dimensions of 20 at β = {STRONG:g}", self.inactive[STRONG], 10, "half"),
            at_most(
                f"effective number of digits among samples at β = {STRONG:g}",
                self.digits[STRONG],
                self.digits[WEAK].value / 2,
                "half of that at β = 1",
            ),
        )

    def sentences(self) -> tuple[str, str]:
        """Both kinds of collapse in words."""
        return (
            f"Posterior collapse: of the 20 latent dimensions of a VAE {number(self.inactive[STRONG].value)} "
            f"are inactive at β = {STRONG:g} and {number(self.inactive[WEAK].value)} at β = 1.",
            "Mode collapse: the samples of a VAE contain few of the ten digits. Their effective number, the "
            "exponential of the entropy of the digits recognised, is "
            f"{number(self.digits[STRONG].value)} at β = {STRONG:g} and {number(self.digits[WEAK].value)} at "
            "β = 1.",
        )


def collapse(lab: Lab, data: Data) -> Collapse:
    """VAEs with a weak and a strong KL term, trained on `data` with each seed."""
    runs = {beta: [vae(lab, data, beta, seed) for seed in lab.seeds] for beta in (WEAK, STRONG)}
    recogniser, test = lab.once(Features), data.held_out.array
    inactive = {beta: mean_of([count_inactive(run, test) for run in of]) for beta, of in runs.items()}
    digits = {
        beta: mean_of([effective_digits(recogniser.digits(samples(run, lab.seed))) for run in of])
        for beta, of in runs.items()
    }
    first = {beta: of[0] for beta, of in runs.items()}
    return Collapse(inactive, digits, (reconstructions(first, test), sample_strip(first, lab.seed)))


def vae(lab: Lab, data: Data, beta: float, seed: int) -> Run:
    overrides = {"bottleneck": {"beta": beta}}
    return lab.fit("y5", data, overrides=overrides, epochs=lab.pick(10, 7), seed=seed)


def count_inactive(run: Run, images: Array) -> int:
    """How many latent dimensions have codes of `images` with hardly any variance."""
    return int((run.encode(images).var(0) < INACTIVE_VARIANCE).sum())


def samples(run: Run, seed: int, n: int = 1000) -> Array:
    """Images `(n, 784)` in [0, 1], decoded from N(0, I)."""
    z = np.random.default_rng(seed).standard_normal((n, run.model.code_size))
    return decode(run, z.astype(np.float32))


def effective_digits(digits: Array) -> float:
    """The exponential of the entropy of `digits (n,)`: 10 if all ten are equally frequent, 1 if all agree.

    >>> round(effective_digits(np.array([0, 1, 2, 3])), 6), effective_digits(np.array([7, 7]))
    (4.0, 1.0)
    """
    shares = np.unique(digits, return_counts=True)[1] / len(digits)
    return float(np.exp(-(shares * np.log(shares)).sum()))


def reconstructions(runs: Mapping[float, Run], test: Array) -> Figure:
    images = test[:SHOWN]
    rows = {f"VAE, β = {beta:g}": reconstruct_bytes(run, images) for beta, run in runs.items()}
    caption = "Posterior collapse: with a large weight β of the KL term the code carries little information."
    return strip({"Original": images / 255, **rows}, caption)


def sample_strip(runs: Mapping[float, Run], seed: int) -> Figure:
    rows = {f"VAE, β = {beta:g}": samples(run, seed, SHOWN).reshape(-1, 28, 28) for beta, run in runs.items()}
    return strip(rows, "Mode collapse: samples from N(0, I). With a large β they resemble each other.")
