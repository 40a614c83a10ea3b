"""Whether the training of a VAE is more stable than that of an AE (K8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from narrows.core.errors import TrainingError
from narrows.data.schema import Array
from narrows.fitting.choices import Overrides
from narrows.reproduce.drawings import lines
from narrows.reproduce.lab import Entry, Figure, Finding, Lab, flat, mse, train_run
from narrows.reproduce.tables import number, percent
from narrows.reproduce.variational import PLAIN


class Spread(NamedTuple):
    """Held-out errors `(seeds,)` at a learning rate, where finite, and how many trainings failed."""

    errors: Array
    failures: int

    @property
    def variation(self) -> float:
        """The standard deviation over seeds, relative to the mean."""
        return float(self.errors.std(ddof=1) / self.errors.mean())


def stability(lab: Lab) -> Finding:
    """The held-out error over seeds and learning rates, VAE beside AE."""
    n, seeds, epochs, chance = lab.pick((3000, 10, 5, 2), (300, 4, 7, 4))
    rates = lab.pick((1e-4, 1e-3, 1e-2), (1e-3, 1e-2))
    models: dict[str, Overrides] = {"VAE": {}, "AE": PLAIN}
    found = {
        name: {rate: spread(lab, overrides, rate, n, seeds, epochs) for rate in rates}
        for name, overrides in models.items()
    }
    smaller = [found["VAE"][rate].variation < found["AE"][rate].variation for rate in rates]
    failures = {name: sum(s.failures for s in by_rate.values()) for name, by_rate in found.items()}
    between = {name: over_rates(by_rate) for name, by_rate in found.items()}
    first, second = between["VAE"], between["AE"]
    how_often = "all" if all(smaller) else "none" if not any(smaller) else f"{sum(smaller)}"
    holds = all(smaller) and failures["VAE"] <= failures["AE"]
    return Finding(
        numbers_of("VAE", found, failures, between) | {"images": n, "epochs": epochs, "seeds": seeds},
        numbers_of("AE", found, failures, between),
        holds,
        f"{'The claim holds' if holds else 'The claim does not hold'} here. Over {seeds} seeds, {n:,} images "
        f"and {epochs} epochs each, the held-out squared error of the VAE spreads less than the AE's at "
        f"{how_often} of {len(rates)} learning rates (relative to its mean "
        + ", ".join(
            f"{percent(found['VAE'][rate].variation)} against {percent(found['AE'][rate].variation)} at "
            f"{rate:g}"
            for rate in rates
        )
        + f"). {failures['VAE']} trainings of the VAE and {failures['AE']} of the AE ended no better than "
        f"the mean image, of {seeds * len(rates)} each. With the worst learning rate the VAE's error is "
        f"{number(first)} times that with the best, the AE's {number(second)} times.",
        drawn_spread(found, seeds, chance),
    )


def spread(lab: Lab, overrides: Overrides, rate: float, n: int, seeds: int, epochs: int) -> Spread:
    """Y5, changed so, at this rate, once for each seed; failed is what is no better than the mean."""
    test = lab.first(lab.digits.held_out, 2000)
    data, held_out = replace(lab.first(lab.digits, n), test=test), flat(test.array)
    useless = mse(held_out, flat(data.array).mean(axis=0))
    overrides = {**overrides, "training": {"learning_rate": rate, "batch_size": 32}}
    errors = []
    for seed in range(lab.seed, lab.seed + seeds):
        try:
            run = train_run("y5", data, None, overrides, epochs, seed)
            errors.append(mse(held_out, run.reconstruct_scaled(test.array)))
        except TrainingError:
            errors.append(np.inf)
    found = np.array(errors)
    return Spread(found[np.isfinite(found)], int(np.sum(found >= useless)))


def over_rates(by_rate: Mapping[float, Spread]) -> float:
    """The largest mean error over the smallest."""
    means = [s.errors.mean() for s in by_rate.values()]
    return float(max(means) / min(means))


def numbers_of(
    name: str,
    found: Mapping[str, Mapping[float, Spread]],
    failures: Mapping[str, int],
    between: Mapping[str, float],
) -> dict[str, float]:
    """Mean and variation at each rate, failures, and worst rate over best, with names."""
    key = name.lower()
    return {
        **{f"{key}_error_at_{rate:g}": float(s.errors.mean()) for rate, s in found[name].items()},
        **{f"{key}_variation_at_{rate:g}": s.variation for rate, s in found[name].items()},
        f"{key}_failures": failures[name],
        f"{key}_worst_rate_over_best": between[name],
    }


def drawn_spread(
    found: Mapping[str, Mapping[float, Spread]], seeds: int, chance: int
) -> tuple[Figure, Figure]:
    """Spread and mean against learning rates; two spreads of so many seeds differ by chance, F at 5 %."""
    variations = {name: [100 * s.variation for s in by_rate.values()] for name, by_rate in found.items()}
    means = {name: [float(s.errors.mean()) for s in by_rate.values()] for name, by_rate in found.items()}
    rates = list(found["VAE"])
    return (
        lines(
            rates,
            variations,
            f"Standard deviation of the held-out error over {seeds} seeds, relative to its mean. With so few "
            f"seeds two of them differ by chance by up to a factor of {chance}.",
            across="learning rate",
            up="spread over seeds in %",
            log_x=True,
        ),
        lines(
            rates,
            means,
            "Mean held-out squared error per pixel: how much depends on the learning rate. The VAE's is "
            "larger because it pays for its code.",
            across="learning rate",
            up="squared error",
            log_x=True,
        ),
    )


K8 = Entry(
    "K8",
    "training stability",
    "Training a vanilla autoencoder can be unstable; a VAE is more stable due to regularization.",
    stability,
)
