"""The curse of dimensionality (K6): volumes, sample sizes, classification and distances."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from narrows.data.schema import Array
from narrows.evaluation.pca import Pca
from narrows.reproduce.capacity import CODE, by_code_size, some_digits
from narrows.reproduce.drawings import lines
from narrows.reproduce.findings import Check, Figure, Finding, at_least, at_most
from narrows.reproduce.lab import Entry, Lab, flat
from narrows.reproduce.tables import number, percent, table
from narrows.reproduce.volumes import (
    DRAWN,
    largest_deviation,
    monte_carlo,
    neighbour_table,
    points_needed,
    ratio,
    share_near,
    volume_plot,
    volume_sentence,
)

REPEATS = 20
"""Random subsets of few rows, over which a classifier's accuracy is averaged."""

NEIGHBOURS = 5


class Sets(NamedTuple):
    """Training and test images as rows in [0, 1], and their classes."""

    x: Array
    y: Array
    x_test: Array
    y_test: Array


class Peak(NamedTuple):
    """Accuracy of linear discriminant analysis by principal components.

    Attributes:
        dimensions: numbers of principal components.
        few: accuracies with few labelled rows, means over `REPEATS` subsets.
        many: accuracies with all labelled rows.
        rows: how many rows are few, and all.
    """

    dimensions: list[int]
    few: list[float]
    many: list[float]
    rows: tuple[int, int]


class Consequences(NamedTuple):
    """The measured consequences.

    Attributes:
        volumes: the share of random points of a cube inside its sphere, by dimension.
        near: the share of points with a near neighbour, by dimension.
        peak: accuracy of linear discriminant analysis.
        uniform: contrast of distances between random points, by dimension.
        digits: contrast of distances between digits, by representation.
        neighbours: accuracy of nearest neighbours in codes and principal components, by dimension.
        pixels: accuracy of nearest neighbours in pixels.
    """

    volumes: dict[int, float]
    near: dict[int, float]
    peak: Peak
    uniform: dict[int, float]
    digits: dict[str, float]
    neighbours: dict[str, dict[int, float]]
    pixels: float

    def checks(self) -> tuple[Check, ...]:
        """The formula agrees with random points, and every consequence is seen."""
        half = max(abs(share - 0.5) for share in self.near.values())
        contrast = max(b / a for a, b in pairwise(self.uniform.values()))
        few, best = self.peak.few, max(self.peak.few[1:-1])
        off, code = largest_deviation(self.volumes), self.digits["code"]
        return (
            at_most("largest deviation from the formula, in standard deviations", off, 4, "chance"),
            at_most("largest |share with a neighbour − ½|", half, 0.1, "the number of points computed for ½"),
            at_least("best accuracy of few rows between the ends", best, few[0], "the fewest components"),
            at_least("the same", best, few[-1] + 0.02, "the most components, and 2 %"),
            at_most("largest contrast / that of the next lower dimension", contrast, 1, "it fades"),
            at_least("contrast of distances in the code", code, self.digits["pixels"], "pixels"),
        )


def curse(lab: Lab) -> Finding:
    """The formula and its consequences, on random points and on digits."""
    c = measure(lab)
    return Finding(
        {
            "ratio_drawn": as_json(c.volumes),
            "share_with_a_neighbour": as_json(c.near),
            "lda_accuracy_few_rows": as_json(dict(zip(c.peak.dimensions, c.peak.few, strict=True))),
            "lda_accuracy_many_rows": as_json(dict(zip(c.peak.dimensions, c.peak.many, strict=True))),
            "contrast_uniform": as_json(c.uniform),
            "contrast_digits": c.digits,
            "knn_accuracy": {name: as_json(of) for name, of in c.neighbours.items()},
        },
        {
            "ratio": {str(d): ratio(d) for d in c.volumes},
            "points_needed": {str(d): points_needed(d) for d in (1, 2, 3, 5, 10, 20)},
            "knn_accuracy_pixels": c.pixels,
        },
        c.checks(),
        f"{volume_sentence(c.volumes)}\n{peak_sentence(c.peak)}\n{contrast_sentence(c)} "
        f"{neighbour_sentence(c)}",
        (
            volume_plot(c.volumes),
            neighbour_table(c.near),
            peak_plot(c.peak),
            contrast_table(c.uniform, c.digits),
            accuracy_plot(c.neighbours, c.pixels),
        ),
    )


def as_json(values: Mapping[int, float]) -> dict[str, float]:
    return {str(d): value for d, value in values.items()}


def measure(lab: Lab) -> Consequences:
    rng, sets = np.random.default_rng(lab.seed), images(lab)
    volumes = {d: monte_carlo(d, DRAWN, rng) for d in range(2, 11)}
    near = {d: share_near(d, rng) for d in range(1, lab.pick(6, 5))}
    uniform = {d: contrast(rng.random((1000, d)), rng.random((100, d))) for d in (2, 8, 32, 128, 784)}
    return Consequences(
        volumes,
        near,
        find_peak(lab, sets),
        uniform,
        contrasts(lab, sets),
        accuracies(lab, sets),
        knn_accuracy(sets.x, sets.y, sets.x_test, sets.y_test),
    )


def images(lab: Lab) -> Sets:
    """The digits of these experiments."""
    data = some_digits(lab)
    test = data.held_out
    assert data.labels is not None
    assert test.labels is not None
    return Sets(flat(data.array), data.labels, flat(test.array), test.labels)


def find_peak(lab: Lab, sets: Sets) -> Peak:
    """Accuracy of linear discriminant analysis with few and with all rows, by principal components.

    The components are those of all training images; only the labels are few.
    """
    dimensions = lab.pick([2, 5, 10, 20, 40, 80, 120, 160, 185], [2, 5, 10, 20, 40, 60])
    x, x_test = scores(sets, dimensions[-1])
    rng, n = np.random.default_rng(lab.seed), int(lab.pick(200, 80))
    subsets = [rng.permutation(len(x))[:n] for _ in range(REPEATS)]
    few, many = [], []
    for d in dimensions:
        repeated = [discriminant(x[rows, :d], sets.y[rows], x_test[:, :d], sets.y_test) for rows in subsets]
        few.append(float(np.mean(repeated)))
        many.append(discriminant(x[:, :d], sets.y, x_test[:, :d], sets.y_test))
    return Peak(dimensions, few, many, (n, len(x)))


def scores(sets: Sets, dimensions: int) -> tuple[Array, Array]:
    """Principal component scores `(n, dimensions)` of the training and the test images."""
    pca = Pca.fit(sets.x, dimensions)
    x, x_test = ((part - pca.mean) @ pca.directions.T for part in (sets.x, sets.x_test))
    return x, x_test


def discriminant(x: Array, y: Array, x_test: Array, y_test: Array) -> float:
    """The test accuracy of linear discriminant analysis."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    return float(LinearDiscriminantAnalysis().fit(x, y).score(x_test, y_test))


def contrast(points: Array, places: Array) -> float:
    """(farthest - nearest) / nearest of `points (n, d)`, the mean over `places (m, d)`."""
    from sklearn.metrics import pairwise_distances

    distances = pairwise_distances(places, points)
    nearest, farthest = distances.min(axis=1), distances.max(axis=1)
    return float(np.mean((farthest - nearest) / nearest))


def contrasts(lab: Lab, sets: Sets) -> dict[str, float]:
    """The contrast of 1000 digits from 100 others: in pixels, in pixels shuffled among images, in codes."""
    run, data = by_code_size(lab)[CODE], some_digits(lab)
    codes, code_places = run.encode(data.array[:1000]), run.encode(data.held_out.array[:100])
    pixels, places = sets.x[:1000], sets.x_test[:100]
    rng = np.random.default_rng(lab.seed)
    shuffled, shuffled_places = (rng.permuted(part, axis=0) for part in (pixels, places))
    return {
        "pixels": contrast(pixels, places),
        "pixels_shuffled": contrast(shuffled, shuffled_places),
        "code": contrast(codes, code_places),
    }


def accuracies(lab: Lab, sets: Sets) -> dict[str, dict[int, float]]:
    """Test accuracy of nearest neighbours in codes and in principal components, by dimensions."""
    runs, data = by_code_size(lab), some_digits(lab)
    x, x_test = scores(sets, max(runs))
    codes = {size: (run.encode(data.array), run.encode(data.held_out.array)) for size, run in runs.items()}
    return {
        "code": {size: knn_accuracy(z, sets.y, z_test, sets.y_test) for size, (z, z_test) in codes.items()},
        "PCA": {size: knn_accuracy(x[:, :size], sets.y, x_test[:, :size], sets.y_test) for size in runs},
    }


def knn_accuracy(x: Array, y: Array, x_test: Array, y_test: Array) -> float:
    """The test accuracy of the most frequent class among the nearest neighbours."""
    from sklearn.neighbors import KNeighborsClassifier

    return float(KNeighborsClassifier(NEIGHBOURS).fit(x, y).score(x_test, y_test))


def peak_sentence(peak: Peak) -> str:
    best, (few, many) = int(np.argmax(peak.few)), peak.rows
    return (
        f"With {few} labelled digits the accuracy of linear discriminant analysis is largest in "
        f"{peak.dimensions[best]} dimensions ({percent(peak.few[best])}) and {percent(peak.few[-1])} in "
        f"{peak.dimensions[-1]}; with {many:,} it is {percent(peak.many[-1])} there."
    )


def contrast_sentence(c: Consequences) -> str:
    return (
        "The contrast is the difference of the largest and the smallest distance from a point to 1000 "
        f"others, divided by the smallest. For random points it is {number(c.uniform[2])} in 2 dimensions "
        f"and {number(c.uniform[784], 2)} in 784; for digits it is {number(c.digits['pixels'])} in the 784 "
        f"pixels and {number(c.digits['code'])} in {CODE} latent dimensions."
    )


def neighbour_sentence(c: Consequences) -> str:
    size = max(c.neighbours["code"])
    return (
        f"The accuracy of nearest neighbours is {percent(c.pixels)} in the pixels and "
        f"{percent(c.neighbours['code'][size])} in {size} latent dimensions."
    )


def peak_plot(peak: Peak) -> Figure:
    few, many = peak.rows
    return lines(
        peak.dimensions,
        {f"{few} digits": [100 * a for a in peak.few], f"{many:,} digits": [100 * a for a in peak.many]},
        "Peaking: test accuracy of linear discriminant analysis by the number of principal components, with "
        f"{few} labelled digits (mean of {REPEATS} subsets) and with {many:,}.",
        across="dimensions",
        up="accuracy in %",
    )


def contrast_table(uniform: dict[int, float], digits: dict[str, float]) -> Figure:
    names = {
        "pixels": "digits, 784 pixels",
        "pixels_shuffled": "digits, each pixel shuffled",
        "code": f"digits, {CODE} latent dimensions",
    }
    return table(
        ("", "(farthest − nearest) / nearest"),
        (
            *((f"random points, {d} dimensions", number(value)) for d, value in uniform.items()),
            *((name, number(digits[key])) for key, name in names.items()),
        ),
        "Contrast of the distances from 100 places to 1000 points. If it is small, all points are about "
        "equally far away, and the nearest one means little. Shuffling each pixel among the images keeps the "
        "distribution of every pixel and removes the dependence between pixels.",
    )


def accuracy_plot(neighbours: dict[str, dict[int, float]], pixels: float) -> Figure:
    sizes = list(neighbours["code"])
    percents = {name: [100 * a for a in of.values()] for name, of in neighbours.items()}
    return lines(
        sizes,
        {
            "code of an autoencoder": percents["code"],
            "PCA": percents["PCA"],
            "pixels": [100 * pixels] * len(sizes),
        },
        f"Test accuracy of {NEIGHBOURS} nearest neighbours: in latent dimensions, in as many principal "
        "components, and in all 784 pixels.",
        across="dimensions",
        up="accuracy in %",
        log_x=True,
    )


K6 = Entry(
    "K6",
    "the curse of dimensionality",
    "The share of a cube that its sphere fills tends to zero: an exponential increase in the required "
    "number of samples, a peak in predictive power, and a loss of meaning for the distance function.",
    curse,
)
