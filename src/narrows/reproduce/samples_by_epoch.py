"""Samples of a VAE by epoch of its training (U5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.reproduce.drawings import lines, strip
from narrows.reproduce.findings import Check, Estimate, Figure, Finding, at_least, median_of
from narrows.reproduce.generation import BY_PCA, pca_samples
from narrows.reproduce.lab import Entry, Lab, flat
from narrows.reproduce.sample_quality import Features, Quality, mean_quality
from narrows.reproduce.tables import medians_over, number
from narrows.reproduce.trials import subset
from narrows.reproduce.use_models import BATCH, median_gain, seeds
from narrows.tasks.generation.sample import sample_by_epoch

LATENT = 20
"""Latent dimensions, those of Y5."""

SNAPSHOTS = 4
"""Epochs before the last from which samples are drawn."""

ON_STRIP = 12
"""Samples in a row of the figure."""

Samples = Mapping[int, Array]
"""By epoch, 8-bit images `(n, height, width)`."""

Qualities = Mapping[int, Sequence[Quality]]
"""By epoch, one quality for each seed."""


def generates_by_epoch(lab: Lab) -> Finding:
    """The quality of samples of Y5 after each of some epochs."""
    data, features, n = subset(lab.digits, lab.pick(8000, 3000)), lab.once(Features), lab.pick(3000, 1000)
    drawn = [draw(lab, data, seed, n) for seed in seeds(lab)]
    by_epoch = {epoch: judge([each[epoch] for each in drawn], features) for epoch in drawn[0]}
    pca = [features.quality(pca_samples(data, LATENT, n, np.random.default_rng(seed))) for seed in seeds(lab)]
    real = features.quality(flat(data.held_out.array))
    last = by_epoch[max(by_epoch)]
    return Finding(
        {
            "images": len(data),
            "samples": n,
            **{f"f1_after_epoch_{e}": f1(q).value for e, q in by_epoch.items()},
        },
        {"pca_f1": f1(pca).value, "real_test_images_f1": real.f1},
        checks(by_epoch[min(by_epoch)], last, pca),
        sentence(by_epoch, f1(pca).value, real.f1),
        (by_epoch_strip(drawn[0], data.held_out.array), quality_plot(by_epoch, f1(pca).value)),
    )


def draw(lab: Lab, data: Data, seed: int, n: int) -> Samples:
    """Train Y5 on `data`; `n` samples by epoch, of the same codes each time."""
    training = {"snapshots": SNAPSHOTS, "batch_size": BATCH}
    epochs = lab.pick(16, 10)
    run = lab.fit("y5", data, latent_dim=LATENT, overrides={"training": training}, epochs=epochs, seed=seed)
    drawn, _ = sample_by_epoch(run, n, seed)
    return {int(name.removeprefix("epoch ")): values for name, values in drawn.items()}


def judge(samples: Sequence[Array], features: Features) -> list[Quality]:
    return [features.quality(flat(each)) for each in samples]


def f1(qualities: Sequence[Quality]) -> Estimate:
    """The median F1 over seeds."""
    return median_of([quality.f1 for quality in qualities])


def f1_gain(first: Sequence[Quality], second: Sequence[Quality]) -> Estimate:
    """The median over seeds of the F1 of one kind of samples minus that of another."""
    return median_gain([quality.f1 for quality in first], [quality.f1 for quality in second])


def checks(first: Sequence[Quality], last: Sequence[Quality], pca: Sequence[Quality]) -> tuple[Check, ...]:
    """Samples become better with training, and better than those of PCA."""
    return (
        at_least("F1 of samples, last epoch − first", f1_gain(last, first), 0, "the first epoch"),
        at_least("F1 of samples after the last epoch, minus PCA's", f1_gain(last, pca), 0, BY_PCA),
    )


def sentence(by_epoch: Qualities, pca: float, real: float) -> str:
    listed = ", ".join(f"{number(f1(each).value)} after epoch {epoch}" for epoch, each in by_epoch.items())
    last = by_epoch[max(by_epoch)]
    return (
        f"The F1 of samples from N(0, I) is {listed}. {medians_over(len(last))} It is "
        f"{number(pca)} for samples of PCA with {LATENT} components and {number(real)} for test images. F1 "
        "is the harmonic mean of precision, the share of samples near a real image "
        f"({number(mean_quality(last, 'precision').value)} at the end), and coverage, the share of real "
        f"images near a sample ({number(mean_quality(last, 'coverage').value)}), in the features of a digit "
        "classifier."
    )


def by_epoch_strip(drawn: Samples, test: Array) -> Figure:
    rows = {f"Epoch {epoch}": values[:ON_STRIP] / 255.0 for epoch, values in drawn.items()}
    return strip(
        {**rows, "Test images": test[:ON_STRIP] / 255.0},
        "Samples from N(0, I) by epoch: each column is one code, decoded by the weights of that epoch.",
    )


def quality_plot(by_epoch: Qualities, pca: float) -> Figure:
    return lines(
        list(by_epoch),
        {"VAE": [f1(each).value for each in by_epoch.values()], "PCA": [pca] * len(by_epoch)},
        "The quality of samples by epoch.",
        across="epoch",
        up="F1 of samples",
        log_x=True,
    )


U5 = Entry(
    "U5",
    "generation",
    "Generated examples by epoch: z is drawn from N(0, I) and decoded.",
    generates_by_epoch,
)
