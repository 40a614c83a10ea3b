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
from narrows.reproduce.findings import Figure, Finding, at_most
from narrows.reproduce.lab import Entry, Lab, flat, mse, train_run
from narrows.reproduce.tables import number, percent
from narrows.reproduce.variational import PLAIN


class SeedErrors(NamedTuple):
    """Results of one learning rate over seeds.

    Attributes:
        errors: the finite test errors.
        failures: trainings that are no better than the mean image, or not finite.
    """

    errors: Array
    failures: int

    @property
    def variation(self) -> float:
        """The coefficient of variation: standard deviation over seeds divided by the mean."""
        return float(self.errors.std(ddof=1) / self.errors.mean())


ByRate = Mapping[float, SeedErrors]


class Design(NamedTuple):
    """The size of the experiment.

    Attributes:
        images: training images.
        seeds: trainings of each model at each learning rate.
        epochs: of each training.
        chance: the factor by which two coefficients of variation differ by chance, F test at 5 %.
        rates: learning rates.
    """

    images: int
    seeds: int
    epochs: int
    chance: int
    rates: tuple[float, ...]


FULL = Design(3000, 10, 5, 2, (1e-4, 1e-3, 1e-2))
QUICK = Design(300, 4, 7, 4, (1e-3, 1e-2))


def stability(lab: Lab) -> Finding:
    """The test error over seeds and learning rates, of a VAE and of an AE."""
    design: Design = lab.pick(FULL, QUICK)
    vae, ae = (over_rates(lab, overrides, design) for overrides in ({}, PLAIN))
    smaller = [vae[rate].variation < ae[rate].variation for rate in design.rates]
    holds = all(smaller) and failures(vae) <= failures(ae)
    largest = max(vae[rate].variation / ae[rate].variation for rate in design.rates)
    size = {"images": design.images, "epochs": design.epochs, "seeds": design.seeds}
    return Finding(
        named("vae", vae) | size,
        named("ae", ae),
        (
            at_most("largest variation of the VAE / of the AE over learning rates", largest, 1, "the AE"),
            at_most("failed trainings of the VAE", failures(vae), failures(ae), "the AE"),
        ),
        f"The claim {'holds' if holds else 'does not hold'} here. "
        f"{variation_sentence(design, vae, ae, smaller)} {failure_sentence(design, vae, ae)}",
        figures(design, vae, ae),
    )


def over_rates(lab: Lab, overrides: Overrides, design: Design) -> ByRate:
    return {
        rate: over_seeds(lab, overrides, rate, design.images, design.seeds, design.epochs)
        for rate in design.rates
    }


def over_seeds(lab: Lab, overrides: Overrides, rate: float, n: int, seeds: int, epochs: int) -> SeedErrors:
    """Train Y5 with these overrides at this learning rate, once for each seed."""
    test = lab.first(lab.digits.held_out, 2000)
    data, x_test = replace(lab.first(lab.digits, n), test=test), flat(test.array)
    error_of_the_mean = mse(x_test, flat(data.array).mean(axis=0))
    overrides = {**overrides, "training": {"learning_rate": rate, "batch_size": 32}}
    errors = []
    for seed in range(lab.seed, lab.seed + seeds):
        try:
            run = train_run("y5", data, None, overrides, epochs, seed)
            errors.append(mse(x_test, run.reconstruct_scaled(test.array)))
        except TrainingError:
            errors.append(np.inf)
    all_errors = np.array(errors)
    return SeedErrors(all_errors[np.isfinite(all_errors)], int(np.sum(all_errors >= error_of_the_mean)))


def failures(by_rate: ByRate) -> int:
    """Failed trainings at all learning rates."""
    return sum(s.failures for s in by_rate.values())


def worst_over_best(by_rate: ByRate) -> float:
    """The largest mean error over learning rates, divided by the smallest."""
    means = [s.errors.mean() for s in by_rate.values()]
    return float(max(means) / min(means))


def named(name: str, by_rate: ByRate) -> dict[str, float]:
    """The results of a model, with names for the page."""
    return {
        **{f"{name}_error_at_{rate:g}": float(s.errors.mean()) for rate, s in by_rate.items()},
        **{f"{name}_variation_at_{rate:g}": s.variation for rate, s in by_rate.items()},
        f"{name}_failures": failures(by_rate),
        f"{name}_worst_rate_over_best": worst_over_best(by_rate),
    }


def variation_sentence(design: Design, vae: ByRate, ae: ByRate, smaller: list[bool]) -> str:
    where = "all" if all(smaller) else "none" if not any(smaller) else f"{sum(smaller)}"
    listed = ", ".join(
        f"{percent(vae[rate].variation)} against {percent(ae[rate].variation)} at {rate:g}"
        for rate in design.rates
    )
    return (
        f"Each model is trained with {design.seeds} seeds for {design.epochs} epochs on {design.images:,} "
        "images. The coefficient of variation of the test error over seeds is smaller for the VAE than for "
        f"the AE at {where} of {len(design.rates)} learning rates ({listed})."
    )


def failure_sentence(design: Design, vae: ByRate, ae: ByRate) -> str:
    return (
        f"Of {design.seeds * len(design.rates)} trainings each, {failures(vae)} of the VAE and "
        f"{failures(ae)} of the AE ended with a test error no smaller than that of the mean image. The mean "
        f"error at the worst learning rate is {number(worst_over_best(vae))} times that at the best for the "
        f"VAE and {number(worst_over_best(ae))} times for the AE."
    )


def figures(design: Design, vae: ByRate, ae: ByRate) -> tuple[Figure, Figure]:
    """Coefficient of variation and mean error by learning rate."""
    models = {"VAE": vae, "AE": ae}
    return (
        lines(
            design.rates,
            {name: [100 * s.variation for s in by_rate.values()] for name, by_rate in models.items()},
            f"Coefficient of variation of the test error over {design.seeds} seeds. With so few seeds two of "
            f"them differ by chance by a factor of up to {design.chance} (F test at 5 %).",
            across="learning rate",
            up="variation over seeds in %",
            log_x=True,
        ),
        lines(
            design.rates,
            {name: [float(s.errors.mean()) for s in by_rate.values()] for name, by_rate in models.items()},
            "Mean squared test error per pixel by learning rate. The VAE also minimises a KL term, so its "
            "error is not compared with the AE's.",
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
