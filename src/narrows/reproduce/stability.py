"""Whether the training of a VAE is more stable than that of an AE (K8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from narrows.core.errors import TrainingError
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.fitting.choices import Overrides
from narrows.reproduce.drawings import lines
from narrows.reproduce.findings import Estimate, Figure, Finding, at_most, mean_of
from narrows.reproduce.lab import Entry, Lab, flat, mse, train_run
from narrows.reproduce.tables import number, percent, table, vector
from narrows.reproduce.variational import PLAIN

UNITS = 128
"""Units of the hidden layer in encoder and decoder each."""

MODELS: Mapping[str, Overrides] = {"VAE": {}, "AE": PLAIN}
"""Changes to the recipe y5."""


class Design(NamedTuple):
    """The size of the experiment.

    Attributes:
        images: training images.
        seeds: trainings of each model at each learning rate.
        epochs: of each training.
        rates: learning rates, the last one too large for either model.
    """

    images: int
    seeds: int
    epochs: int
    rates: tuple[float, ...]


FULL = Design(1000, 20, 5, (1e-3, 3e-3, 1e-2, 3e-2, 1e-1))
QUICK = Design(300, 5, 6, (3e-3, 1e-2, 1e-1))


class Trainings(NamedTuple):
    """The trainings of one model.

    Attributes:
        errors: mean squared test error per value by learning rate and seed; infinite if training stopped at
            a loss that is not finite.
        mean_image: test error of the mean image.
    """

    errors: Array
    mean_image: float

    @property
    def failed(self) -> Array:
        """By learning rate and seed, whether the error is no smaller than that of the mean image."""
        return ~(self.errors < self.mean_image)

    @property
    def failures(self) -> int:
        """Failed trainings at all learning rates."""
        return int(self.failed.sum())


def stability(lab: Lab) -> Finding:
    """The test error over seeds and learning rates, of a VAE and of an AE."""
    design: Design = lab.pick(FULL, QUICK)
    models = {name: over_rates(lab, overrides, design) for name, overrides in MODELS.items()}
    vae, ae = models.values()
    trained = np.array([not failed.any() for failed in vae.failed | ae.failed])
    spread = ratio_of_spreads(vae.errors[trained], ae.errors[trained])
    more = difference_of_shares(vae.failures, ae.failures, vae.failed.size)
    return Finding(
        {
            "images": design.images,
            "epochs": design.epochs,
            "seeds": design.seeds,
            **named(design, "vae", vae),
        },
        {"mean_image_error": vae.mean_image, **named(design, "ae", ae)},
        (
            at_most("spread of the test error over seeds, the VAE's / the AE's", spread, 1, "the AE"),
            at_most("share of failed trainings, the VAE's − the AE's", more, 0, "the AE"),
        ),
        f"{design_sentence(design)} A training fails if its test error is no smaller than that of the mean "
        f"image: {vae.failures} of {vae.failed.size} trainings of the VAE failed and {ae.failures} of the "
        f"AE. Where none failed (learning rates {rates_of(design, trained)}) the spread of the test error "
        f"over seeds is {number(spread.value)} times as large for the VAE as for the AE (95 % interval "
        f"{number(spread.low)} to {number(spread.high)}).",
        figures(design, models, trained),
    )


def design_sentence(design: Design) -> str:
    return (
        f"The network of Y5 with {UNITS} hidden units is trained with {design.seeds} seeds at each of "
        f"{len(design.rates)} learning rates, for {design.epochs} epochs on {design.images:,} images."
    )


def rates_of(design: Design, trained: Array) -> str:
    return vector(rate for rate, whole in zip(design.rates, trained, strict=True) if whole)


def over_rates(lab: Lab, overrides: Overrides, design: Design) -> Trainings:
    """Train one model at all learning rates with all seeds."""
    data = replace(lab.first(lab.digits, design.images), test=lab.first(lab.digits.held_out, 2000))
    errors = [
        [error_after(data, overrides, rate, design.epochs, lab.seed + i) for i in range(design.seeds)]
        for rate in design.rates
    ]
    return Trainings(np.array(errors), mse(flat(data.held_out.array), flat(data.array).mean(axis=0)))


def error_after(data: Data, overrides: Overrides, rate: float, epochs: int, seed: int) -> float:
    """The test error after a training at this learning rate; infinite if the loss was not finite."""
    training = {"learning_rate": rate, "batch_size": 32}
    overrides = {**overrides, "encoder": {"widths": [UNITS]}, "training": training}
    try:
        run = train_run("y5", data, None, overrides, epochs, seed)
    except TrainingError:
        return float("inf")
    x = data.held_out.array
    return mse(flat(x), run.reconstruct_scaled(x))


def spreads(errors: Array) -> Array:
    """By learning rate, the standard deviation over seeds of the logarithms of `errors (rates, seeds)`."""
    return np.asarray(np.std(np.log(errors), axis=1, ddof=1))


def ratio_of_spreads(first: Array, second: Array) -> Estimate:
    """The ratio of two standard deviations of log errors `(rates, seeds)`, with its 95 % interval.

    The geometric mean over rates of the ratio of the standard deviations over seeds. The interval is that of
    the jackknife, which leaves out one seed at a time: unlike the F test it does not need normal errors.
    Miller 1968, Jackknifing variances, Annals of Mathematical Statistics 39.
    """

    def log_ratio(seeds: Array) -> float:
        return float(np.mean(np.log(spreads(first[:, seeds]) / spreads(second[:, seeds]))))

    seeds = np.arange(first.shape[1])
    n, whole = len(seeds), log_ratio(seeds)
    ratio = mean_of([n * whole - (n - 1) * log_ratio(np.delete(seeds, i)) for i in seeds])
    value, low, high = np.exp([ratio.value, ratio.low, ratio.high])
    return Estimate(float(value), float(low), float(high))


def difference_of_shares(first: int, second: int, of: int) -> Estimate:
    """The difference of two shares of `of` trainings, with its 95 % interval.

    Newcombe 1998, Interval estimation for the difference between independent proportions, Statistics in
    Medicine 17, method 10, from the intervals of Wilson.
    """
    from scipy.stats import binomtest

    (p, low, high), (q, low2, high2) = (
        (k / of, *binomtest(k, of).proportion_ci(method="wilson")) for k in (first, second)
    )
    down, up = np.hypot(p - low, high2 - q), np.hypot(high - p, q - low2)
    return Estimate(p - q, float(p - q - down), float(p - q + up))


def named(design: Design, name: str, trainings: Trainings) -> dict[str, float]:
    """The results of a model by learning rate, with names for the page."""
    per_rate = {"error": np.median(trainings.errors, axis=1), "failures": trainings.failed.sum(axis=1)}
    return {
        f"{name}_{key}_at_{rate:g}": float(value)
        for key, values in per_rate.items()
        for rate, value in zip(design.rates, values, strict=True)
    }


def figures(design: Design, models: Mapping[str, Trainings], trained: Array) -> tuple[Figure, ...]:
    """The spread where every training succeeded, and the failures at all learning rates."""
    return (
        lines(
            [rate for rate, whole in zip(design.rates, trained, strict=True) if whole],
            {name: [*100 * spreads(t.errors[trained])] for name, t in models.items()},
            f"Standard deviation over {design.seeds} seeds of the logarithm of the test error, where no "
            "training failed: nearly the relative spread of the error.",
            across="learning rate",
            up="spread in %",
            log_x=True,
        ),
        table(
            ("learning rate", *(f"{name}: {what}" for name in models for what in ("median error", "failed"))),
            [(number(rate), *cells(models, i)) for i, rate in enumerate(design.rates)],
            "Median over seeds of the mean squared test error per pixel, and the share of trainings that are "
            "no better than the mean image. The VAE also minimises a KL term, so its error is not compared "
            "with the AE's.",
        ),
    )


def cells(models: Mapping[str, Trainings], i: int) -> list[str]:
    """The row of the table for the learning rate at index `i`."""
    return [
        cell
        for t in models.values()
        for cell in (number(float(np.median(t.errors[i]))), percent(float(t.failed[i].mean())))
    ]


K8 = Entry(
    "K8",
    "training stability",
    "Training a vanilla autoencoder can be unstable; a VAE is more stable due to regularisation.",
    stability,
)
