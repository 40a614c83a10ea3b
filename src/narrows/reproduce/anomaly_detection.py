"""Anomaly detection: one digit is normal, and all others are anomalies (U4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor
from typing import NamedTuple

import numpy as np

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.estimators.anomaly_detector import AnomalyDetector
from narrows.evaluation.pca import Pca
from narrows.reproduce.drawings import strip
from narrows.reproduce.findings import Check, Figure, Finding, at_least, at_most
from narrows.reproduce.lab import Entry, Lab, flat
from narrows.reproduce.tables import number, percent, table
from narrows.reproduce.trials import subset
from narrows.reproduce.use_models import autoencoder, mean_gain
from narrows.tasks.anomalies.conformal import threshold

EXPECTED = 0.05
"""The share of normal images that may be flagged."""

CODE = 8
"""Latent dimensions."""

SIDE = 6
"""Pixels along a side of the square that is inverted in a normal image."""

OURS = "autoencoder"


class Normal(NamedTuple):
    """What one digit as the normal one gives.

    Attributes:
        auroc: by method.
        flagged: normal test images above the threshold.
        tested: normal test images.
        calibrated: held-out images that the threshold is taken from.
        pixels: the pixel AUROC of heat maps of damaged images.
        pixels_pca: that of the squared residual of PCA.
    """

    auroc: Mapping[str, float]
    flagged: int
    tested: int
    calibrated: int
    pixels: float
    pixels_pca: float


def detects(lab: Lab) -> Finding:
    """AUROC, false positives and heat maps with each digit as the normal one."""
    data = subset(lab.digits, lab.pick(20_000, 3000))
    digits = range(lab.pick(10, 4))
    results, figures = [], list[Figure]()
    for digit in digits:
        train = images_of(data, digit)[: lab.pick(1000, 250)]
        detector = AnomalyDetector(autoencoder(CODE, lab.pick(20, 10), lab.seed)).fit(train)
        results.append(judge(detector, train, data.held_out, digit))
        figures = figures or [heat_maps(detector, data.held_out, digit)]
    means = mean_auroc(results)
    pixels, pixels_pca = (float(np.mean([getattr(r, k) for r in results])) for k in ("pixels", "pixels_pca"))
    return Finding(
        {
            "auroc": means[OURS],
            "false_positive_rate": false_positive_rate(results),
            "pixel_auroc": pixels,
            "digits": len(results),
        },
        {
            **{f"auroc_{name}": value for name, value in means.items() if name != OURS},
            "allowed_false_positive_rate": EXPECTED,
            "pixel_auroc_PCA error": pixels_pca,
        },
        checks(results),
        sentence(results, means, pixels, pixels_pca),
        (*figures, auroc_table(results)),
    )


def images_of(data: Data, digit: int) -> Array:
    """The images of one digit, `(n, height, width)`."""
    return data.array[np.asarray(data.labels) == digit]


def judge(detector: AnomalyDetector, train: Array, test: Data, digit: int) -> Normal:
    """Judge a detector that was fitted to images `train` of `digit`, on all digits of `test`."""
    found = detector.detector_
    normal, scores = np.asarray(test.labels) == digit, found.scores(test.array)
    by_method = {OURS: scores, **found.baselines(test.array)}
    limit = threshold(found.held_out, EXPECTED).score
    damaged, square = with_squares(test.array[normal], np.random.default_rng(digit))
    residual = pca_residual(train, damaged)
    return Normal(
        {name: auroc(~normal, each) for name, each in by_method.items()},
        int((scores[normal] > limit).sum()),
        int(normal.sum()),
        len(found.held_out),
        pixel_auroc(np.asarray(detector.contributions(damaged)), square),
        pixel_auroc(residual, square),
    )


def auroc(anomalous: Array, scores: Array) -> float:
    """The probability that an anomaly scores higher than a normal image."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(anomalous, scores))


def with_squares(images: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """8-bit images `(n, height, width)` with an inverted square each, and where it is, of the same shape."""
    n, height, width = images.shape
    tops, lefts = (rng.integers(4, size - SIDE - 3, n)[:, None, None] for size in (height, width))
    down, across = np.arange(height)[:, None], np.arange(width)
    square = (down >= tops) & (down < tops + SIDE) & (across >= lefts) & (across < lefts + SIDE)
    return np.where(square, 255 - images, images), square


def pca_residual(train: Array, images: Array) -> Array:
    """The squared residual of each pixel by PCA with as many components as the code has dimensions."""
    pca, x = Pca.fit(flat(train), CODE), flat(images)
    return ((x - pca.reconstruct(x)) ** 2).reshape(images.shape)


def pixel_auroc(maps: Array, square: Array) -> float:
    """The probability that a pixel in a square has a higher value in `maps (n, height, width)` than others.

    Of all images together (Bergmann et al. 2019, "MVTec AD", CVPR).
    """
    return auroc(square.ravel(), maps.ravel())


def false_positive_rate(results: Sequence[Normal]) -> float:
    """The share of all normal test images that are flagged."""
    return sum(r.flagged for r in results) / sum(r.tested for r in results)


def largest_by_chance(results: Sequence[Normal]) -> float:
    """The rate that only 1 in 40 such experiments exceeds if test images are like the held-out ones.

    How many of `tested` images exceed a threshold that is an order statistic of `calibrated` ones has a
    beta-binomial distribution; the rate is over all digits, by simulation.
    """
    from scipy.stats import betabinom

    rng, counts = np.random.default_rng(0), np.zeros(20_000)
    for r in results:
        above = max(1, floor(EXPECTED * (r.calibrated + 1) + 1e-9))
        counts += betabinom.rvs(r.tested, above, r.calibrated + 1 - above, size=len(counts), random_state=rng)
    return float(np.quantile(counts, 0.975) / sum(r.tested for r in results))


def checks(results: Sequence[Normal]) -> tuple[Check, ...]:
    """Better than PCA and neighbours, not more false positives than allowed, a map that shows damage."""
    by_method = {name: [r.auroc[name] for r in results] for name in results[0].auroc}
    pixels = mean_gain([r.pixels for r in results], [r.pixels_pca for r in results])
    chance = f"{percent(EXPECTED)} are allowed; 1 in 40 experiments is above this bound by chance"
    return (
        *(
            at_least(f"AUROC − that of {name}", mean_gain(by_method[OURS], by_method[name]), 0, name)
            for name in ("PCA error", "k nearest neighbours")
        ),
        at_most("false positive rate", false_positive_rate(results), largest_by_chance(results), chance),
        at_least("pixel AUROC of heat maps − that of PCA's residual", pixels, 0, "squared residuals of PCA"),
    )


def mean_auroc(results: Sequence[Normal]) -> dict[str, float]:
    """The mean over digits for each method."""
    return {name: float(np.mean([r.auroc[name] for r in results])) for name in results[0].auroc}


def sentence(results: Sequence[Normal], means: Mapping[str, float], pixels: float, pixels_pca: float) -> str:
    others = ", ".join(f"{number(value)} by {name}" for name, value in means.items() if name != OURS)
    return (
        f"A detector is fitted to images of one digit; all other digits are anomalies. Its AUROC is "
        f"{number(means[OURS])}, the mean over {len(results)} digits ({others}): the probability that an "
        f"anomaly scores higher than a normal image.\nWith a threshold that {percent(EXPECTED)} of the "
        f"held-out normal images exceed, {percent(false_positive_rate(results))} of the normal test images "
        f"are flagged.\nIf a square of {SIDE}×{SIDE} pixels is inverted in normal images, a pixel in a "
        f"square is brighter in the heat map than another pixel with probability {number(pixels)} (squared "
        f"residuals of PCA {number(pixels_pca)})."
    )


def heat_maps(detector: AnomalyDetector, test: Data, digit: int) -> Figure:
    """Normal images, the same with an inverted square, and other digits, with their heat maps."""
    labels = np.asarray(test.labels)
    normal = test.array[labels == digit][:4]
    damaged, _ = with_squares(normal, np.random.default_rng(0))
    others = test.array[labels != digit][:4]
    images = np.concatenate([normal, damaged, others])
    maps = np.asarray(detector.contributions(images))
    bright = float(np.quantile(maps, 0.995))
    return strip(
        {"Image": images / 255.0, "Heat map": np.clip(maps / bright, 0, 1)},
        f"The detector of the digit {digit}: four normal test images, the same with an inverted square, and "
        "four other digits. Bright pixels of a heat map contribute most to the score; all have one scale.",
    )


def auroc_table(results: Sequence[Normal]) -> Figure:
    names = list(results[0].auroc)
    rows = [(str(digit), *(number(r.auroc[name]) for name in names)) for digit, r in enumerate(results)]
    return table(
        ("normal digit", *names),
        [*rows, ("mean", *map(number, mean_auroc(results).values()))],
        "AUROC by the digit that is normal. The methods without a network are fitted to the same images.",
    )


U4 = Entry(
    "U4",
    "anomaly detection",
    "Anomaly detection is an application of autoencoders: what is unlike the training data is reconstructed "
    "badly, and is found by a threshold on the error. Narrows compares the image and its residual "
    "with those of normal images.",
    detects,
)
