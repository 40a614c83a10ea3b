"""The curse of dimensionality (deck Y): volumes, samples, predictions and distances."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import exp, gamma, lgamma, log, pi
from typing import NamedTuple

import numpy as np

from narrows.data.schema import Array
from narrows.evaluation.pca import Pca
from narrows.reproduce.capacity import CODE, by_code_size, some_digits
from narrows.reproduce.drawings import lines
from narrows.reproduce.lab import Entry, Figure, Finding, Lab, flat
from narrows.reproduce.tables import number, percent, table

NAN = float("nan")

RADIUS = 0.1
"""How near a neighbour is wanted, in a cube of side 1."""

DRAWN = 400_000
"""Points of a cube, for its share that is in the sphere."""

REPEATS = 20
"""Draws of few rows, over which a classifier's accuracy is the mean."""

NEIGHBOURS = 5


class Sets(NamedTuple):
    """Rows in [0, 1] and their classes, to learn from and to judge on."""

    x: Array
    y: Array
    x_test: Array
    y_test: Array


def curse(lab: Lab) -> Finding:
    """The formula and its consequences, on drawn points and on digits."""
    rng = np.random.default_rng(lab.seed)
    volumes = {d: monte_carlo(d, DRAWN, rng) for d in range(2, 11)}
    agree = all(abs(found - ratio(d)) < 4 * deviation(ratio(d), DRAWN) for d, found in volumes.items())
    near = {d: found_near(d, rng) for d in range(1, lab.pick(6, 5))}
    sets = images(lab)
    few, many, dimensions = peak(lab, sets)
    spread = {d: contrast(rng.random((1000, d)), rng.random((100, d))) for d in (2, 8, 32, 128, 784)}
    real = contrasts(lab, sets)
    neighbours = accuracies(lab, sets)
    size = max(neighbours["code"])
    raw = nearest_classes(sets.x, sets.y, sets.x_test, sets.y_test)
    measured = {
        "ratio_drawn": {str(d): found for d, found in volumes.items()},
        "share_with_a_neighbour": {str(d): found for d, found in near.items()},
        "lda_accuracy_few_rows": dict(zip(map(str, dimensions), few, strict=True)),
        "lda_accuracy_many_rows": dict(zip(map(str, dimensions), many, strict=True)),
        "contrast_uniform": {str(d): value for d, value in spread.items()},
        "contrast_digits": real,
        "knn_accuracy": {kind: {str(k): a for k, a in of.items()} for kind, of in neighbours.items()},
    }
    peaks = max(few[1:-1]) > max(few[0], few[-1] + 0.02)
    halves = all(abs(share - 0.5) < 0.1 for share in near.values())
    fades = all(a > b for a, b in pairwise(spread.values()))
    return Finding(
        measured,
        {
            "ratio": {str(d): ratio(d) for d in volumes},
            "points_wanted": {str(d): points_wanted(d) for d in (1, 2, 3, 5, 10, 20)},
            "knn_accuracy_pixels": raw,
        },
        agree and halves and peaks and fades and real["code"] > real["pixels"],
        f"{told_of_volumes()} {told_of_peak(dimensions, few, many, few_of(lab), len(sets.x))} From a random "
        f"point of the cube the farthest of 1000 points is farther than the nearest by {number(spread[2])} "
        f"times the nearest's distance in 2 dimensions, {number(spread[784], 2)} times in 784. Digits are "
        f"not random points: {number(real['pixels'])} in pixels, {number(real['code'])} in a code of {CODE}. "
        f"Nearest neighbours tell {percent(raw)} right from 784 pixels and "
        f"{percent(neighbours['code'][size])} from a code of {size}.",
        (
            volume_drawn(volumes),
            neighbours_table(near),
            peak_drawn(dimensions, few, many, few_of(lab), len(sets.x)),
            contrast_table(spread, real),
            accuracy_drawn(neighbours, raw),
        ),
    )


def told_of_volumes() -> str:
    """Volumes and points wanted, in words."""
    return (
        f"The sphere fills {percent(ratio(2))} of its square, {percent(ratio(3))} of its cube and "
        f"{percent(ratio(10))} in 10 dimensions; {DRAWN:,} drawn points agree from 2 to 10. A neighbour "
        f"within {RADIUS} in half of the cases takes {points_wanted(2):,.0f} points in a square, "
        f"{points_wanted(5):,.0f} in 5 dimensions and {number(points_wanted(10), 2)} in 10."
    )


def told_of_peak(
    dimensions: Sequence[int], few: Sequence[float], many: Sequence[float], n: int, all_of_them: int
) -> str:
    """The accuracy of linear discriminant analysis in words."""
    best = int(np.argmax(few))
    return (
        f"With {n} digits to learn from, linear discriminant analysis is best in {dimensions[best]} "
        f"dimensions ({percent(few[best])}) and gets {percent(few[-1])} in {dimensions[-1]}; with "
        f"{all_of_them:,} it gets {percent(many[-1])} there."
    )


def ratio(d: int) -> float:
    """The share of a cube in `d` dimensions that its inscribed sphere fills.

    V_sphere / V_cube = π^(d/2) / (d · 2^(d-1) · Γ(d/2))

    >>> round(ratio(2), 4), round(ratio(3), 4)
    (0.7854, 0.5236)
    """
    return exp(d / 2 * log(pi) - log(d) - (d - 1) * log(2) - lgamma(d / 2))


def monte_carlo(d: int, n: int, rng: np.random.Generator) -> float:
    """The share of `n` points drawn in the cube [-1, 1]^d that are in the sphere."""
    return float(np.mean((rng.uniform(-1, 1, (n, d)) ** 2).sum(axis=1) <= 1))


def deviation(share: float, n: int) -> float:
    """The standard deviation of a share found in `n` draws."""
    return float((share * (1 - share) / n) ** 0.5)


def points_wanted(d: int) -> float:
    """Random points in the unit cube of which, half of the time, one is within `RADIUS` of a place.

    n = ln 2 / (V_d · r^d), of a cube whose opposite sides are joined, so that it has no border.
    """
    volume = pi ** (d / 2) / gamma(d / 2 + 1)
    return float(log(2) / (volume * RADIUS**d))


def found_near(d: int, rng: np.random.Generator, cubes: int = 200) -> float:
    """How often one of so many drawn points is within `RADIUS`, over places in a number of cubes."""
    from scipy.spatial import cKDTree

    n = round(points_wanted(d))
    places = 4000 // cubes
    found = [
        cKDTree(rng.random((n, d)), boxsize=1).query(rng.random((places, d)))[0] <= RADIUS
        for _ in range(cubes if n < 5000 else cubes // 20)
    ]
    return float(np.mean(found))


def images(lab: Lab) -> Sets:
    """The digits of the curves."""
    data = some_digits(lab)
    test = data.held_out
    assert data.labels is not None
    assert test.labels is not None
    return Sets(flat(data.array), data.labels, flat(test.array), test.labels)


def few_of(lab: Lab) -> int:
    """Rows of the small training set."""
    return int(lab.pick(200, 80))


def peak(lab: Lab, sets: Sets) -> tuple[list[float], list[float], list[int]]:
    """Accuracy of linear discriminant analysis on few rows and on all, by principal components.

    The components are those of all training images; only the labels are few.
    """
    dimensions = lab.pick([2, 5, 10, 20, 40, 80, 120, 160, 185], [2, 5, 10, 20, 40, 60])
    pca = Pca.fit(sets.x, dimensions[-1])
    x, x_test = ((part - pca.mean) @ pca.directions.T for part in (sets.x, sets.x_test))
    rng = np.random.default_rng(lab.seed)
    draws = [rng.permutation(len(x))[: few_of(lab)] for _ in range(REPEATS)]
    few, many = [], []
    for d in dimensions:
        told = [discriminant(x[rows, :d], sets.y[rows], x_test[:, :d], sets.y_test) for rows in draws]
        few.append(float(np.mean(told)))
        many.append(discriminant(x[:, :d], sets.y, x_test[:, :d], sets.y_test))
    return few, many, dimensions


def discriminant(x: Array, y: Array, x_test: Array, y_test: Array) -> float:
    """The accuracy of linear discriminant analysis."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    return float(LinearDiscriminantAnalysis().fit(x, y).score(x_test, y_test))


def contrast(points: Array, places: Array) -> float:
    """(farthest - nearest) / nearest of `points (n, d)`, the mean over `places (m, d)`."""
    from sklearn.metrics import pairwise_distances

    distances = pairwise_distances(places, points)
    nearest, farthest = distances.min(axis=1), distances.max(axis=1)
    return float(np.mean((farthest - nearest) / nearest))


def contrasts(lab: Lab, sets: Sets) -> dict[str, float]:
    """Of 1000 digits from 100 others: in pixels, in pixels shuffled among images, and in a code."""
    run = by_code_size(lab)[CODE]
    data = some_digits(lab)
    codes, places = run.encode(data.array[:1000]), run.encode(data.held_out.array[:100])
    pixels, others = sets.x[:1000], sets.x_test[:100]
    rng = np.random.default_rng(lab.seed)
    loose, apart = (rng.permuted(part, axis=0) for part in (pixels, others))
    return {
        "pixels": contrast(pixels, others),
        "pixels_shuffled": contrast(loose, apart),
        "code": contrast(codes, places),
    }


def accuracies(lab: Lab, sets: Sets) -> dict[str, dict[int, float]]:
    """Accuracy of nearest neighbours by the size of a code, and by principal components."""
    runs = by_code_size(lab)
    data = some_digits(lab)
    pca = Pca.fit(sets.x, max(runs))
    x, x_test = ((part - pca.mean) @ pca.directions.T for part in (sets.x, sets.x_test))
    found: dict[str, dict[int, float]] = {"code": {}, "PCA": {}}
    for size, run in runs.items():
        codes, others = run.encode(data.array), run.encode(data.held_out.array)
        found["code"][size] = nearest_classes(codes, sets.y, others, sets.y_test)
        found["PCA"][size] = nearest_classes(x[:, :size], sets.y, x_test[:, :size], sets.y_test)
    return found


def nearest_classes(x: Array, y: Array, x_test: Array, y_test: Array) -> float:
    """The accuracy of the commonest class among the nearest neighbours."""
    from sklearn.neighbors import KNeighborsClassifier

    return float(KNeighborsClassifier(NEIGHBOURS).fit(x, y).score(x_test, y_test))


def volume_drawn(volumes: dict[int, float]) -> Figure:
    dimensions = list(range(1, 31))
    return lines(
        dimensions,
        {
            "formula": [ratio(d) for d in dimensions],
            "drawn points": [volumes.get(d, NAN) for d in dimensions],
        },
        f"V_sphere / V_cube = π^(d/2) / (d · 2^(d−1) · Γ(d/2)), and the share of {DRAWN:,} points drawn in "
        "the cube that are in the sphere, from 2 to 10 dimensions.",
        across="dimensions",
        up="share of the cube",
        log_y=True,
    )


def neighbours_table(near: dict[int, float]) -> Figure:
    """Points needed for a near neighbour, by dimension."""
    rows = (
        (str(d), number(points_wanted(d), 4), percent(near[d]) if d in near else "")
        for d in (*near, 10, 20, 50)
    )
    return table(
        ("dimensions", "points needed", "found"),
        rows,
        f"Random points needed in a cube of side 1, so that half of all places have one within {RADIUS}; and "
        "the share of places that had one when so many were drawn. The cube's opposite sides are joined.",
    )


def peak_drawn(
    dimensions: Sequence[int], few: Sequence[float], many: Sequence[float], n: int, all_of_them: int
) -> Figure:
    return lines(
        dimensions,
        {f"{n} digits": [100 * a for a in few], f"{all_of_them:,} digits": [100 * a for a in many]},
        "Peaking: right answers of linear discriminant analysis on test images, in so many principal "
        f"components. With {n} labelled digits (mean of {REPEATS} draws) further dimensions harm long before "
        "there are as many as digits.",
        across="dimensions",
        up="right answers in %",
    )


def contrast_table(spread: dict[int, float], real: dict[str, float]) -> Figure:
    """How much farther the farthest point is than the nearest."""
    uniform = ((f"random points, {d} dimensions", number(value)) for d, value in spread.items())
    names = {
        "pixels": "digits, 784 pixels",
        "pixels_shuffled": "the same, each pixel shuffled",
        "code": f"code of {CODE}",
    }
    return table(
        ("", "(farthest − nearest) / nearest"),
        (*uniform, *((name, number(real[key])) for key, name in names.items())),
        "Distances from 100 places to 1000 points. Where the number is small all points are about as far "
        "away, and which is nearest means little. Each pixel shuffled among the images leaves every pixel's "
        "distribution, but not the digits: they lie near a surface of few dimensions.",
    )


def accuracy_drawn(found: dict[str, dict[int, float]], raw: float) -> Figure:
    sizes = list(found["code"])
    percents = {name: [100 * a for a in of.values()] for name, of in found.items()}
    return lines(
        sizes,
        {
            "code of an autoencoder": percents["code"],
            "PCA": percents["PCA"],
            "pixels": [100 * raw] * len(sizes),
        },
        f"Right answers of {NEIGHBOURS} nearest neighbours on test images: in codes, in as many principal "
        "components, and in all 784 pixels.",
        across="dimensions",
        up="right answers in %",
        log_x=True,
    )


K6 = Entry(
    "K6",
    "the curse of dimensionality",
    "V_sphere / V_cube = π^(d/2) / (d · 2^(d−1) · Γ(d/2)) → 0: an exponential increase in the required "
    "number of samples, a peak in predictive power, and a loss of meaning for the distance function.",
    curse,
)
