"""Whether the same digits are close to each other in a latent space (K14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.evaluation.pca import Pca
from narrows.reproduce.drawings import scatters
from narrows.reproduce.findings import Check, Figure, Finding, at_least, mean_of
from narrows.reproduce.lab import Entry, Lab, encode, flat
from narrows.reproduce.latent_models import ae
from narrows.reproduce.tables import number, percent, table
from narrows.reproduce.variational import SMALL_BATCHES
from narrows.runs.run import Run

STRUCTURE = 0.25
"""Below this silhouette there are no separate groups (Kaufman & Rousseeuw 1990, Finding groups in data)."""


class Clustering(NamedTuple):
    """How well digits are grouped: accuracy of 10 nearest neighbours, and the silhouette."""

    neighbours: float
    silhouette: float


class Compared(NamedTuple):
    """The groupings in codes and in principal components, by dimensions, and in pixels.

    Attributes:
        codes: by dimensions, one for each seed.
        pca: by dimensions.
        pixels: of the images themselves.
    """

    codes: Mapping[int, Sequence[Clustering]]
    pca: Mapping[int, Clustering]
    pixels: Clustering

    def mean(self, size: int) -> Clustering:
        """The mean over seeds of the codes of `size` dimensions."""
        return Clustering(*np.mean(self.codes[size], axis=0).tolist())


def clustering(train: Array, y: Array, test: Array, y_test: Array) -> Clustering:
    """Of rows `(n, dimensions)`: neighbours of `test` rows in `train`, and the silhouette of `test`."""
    from sklearn.metrics import silhouette_score
    from sklearn.neighbors import KNeighborsClassifier

    neighbours = KNeighborsClassifier(10).fit(train, y).score(test, y_test)
    return Clustering(float(neighbours), float(silhouette_score(test, y_test)))


def same_digits(lab: Lab) -> Finding:
    """k-NN accuracy and silhouette in 2, 3 and 20 latent dimensions, as many components, and pixels."""
    train = lab.first(lab.digits, 10_000)
    test = lab.first(lab.digits.held_out, 2000)
    runs = {2: [y1(lab, 2)], 3: [y1(lab, None, seed) for seed in lab.seeds], 20: [ae(lab)]}
    pcas = {size: lab.pca(train, size)[0] for size in runs}
    compared = compare(train, test, runs, pcas)
    used = [directions_in_use(encode(run, flat(test.array))) for run in runs[3]]
    return Finding(
        named("autoencoder", {size: compared.mean(size) for size in runs}) | {"directions_in_use_of_3": used},
        {
            **named("pca", compared.pca),
            "pixels_neighbours": compared.pixels.neighbours,
            "pixels_silhouette": compared.pixels.silhouette,
        },
        checks(compared.codes[3], compared.pca[3]),
        f"{neighbours_sentence(compared, len(test), len(train))}\n"
        f"{silhouette_sentence(compared)}{unused_sentence(used)}",
        (code_scatter(test, runs[2][0], pcas[2]), cluster_table(compared)),
    )


def checks(codes: Sequence[Clustering], pca: Clustering) -> tuple[Check, ...]:
    """The same digits are close to each other, and closer than in as many principal components."""
    neighbours, silhouettes = (mean_of(values) for values in zip(*codes, strict=True))
    nearer = "a code is as near to its own digit as to the nearest other one"
    return (
        at_least("accuracy of 10 neighbours", neighbours, pca.neighbours, "PCA, 3 components"),
        at_least("silhouette", silhouettes, pca.silhouette, "PCA, 3 components"),
        at_least("silhouette", silhouettes, 0, nearer),
    )


def compare(train: Data, test: Data, runs: Mapping[int, Sequence[Run]], pcas: Mapping[int, Pca]) -> Compared:
    def of(features: Callable[[Array], Array]) -> Clustering:
        x, x_test = (features(flat(part.array)) for part in (train, test))
        return clustering(x, np.asarray(train.labels), x_test, np.asarray(test.labels))

    return Compared(
        {size: [of(partial(encode, run)) for run in each] for size, each in runs.items()},
        {size: of(partial(project, pca)) for size, pca in pcas.items()},
        of(lambda x: x),
    )


def project(pca: Pca, x: Array) -> Array:
    """The scores `(n, dimensions)` of `x (n, values)`."""
    return (x - pca.mean) @ pca.directions.T


def y1(lab: Lab, latent_dim: int | None, seed: int | None = None) -> Run:
    """Y1 trained on all digits; the quick table has fewer images and takes smaller batches."""
    if not lab.quick:
        return lab.fit("y1", latent_dim=latent_dim, seed=seed)
    data = lab.first(lab.digits, 2000)
    return lab.fit("y1", data, latent_dim=latent_dim, overrides=SMALL_BATCHES, epochs=12, seed=seed)


def directions_in_use(codes: Array) -> int:
    """Principal directions of `codes (n, code_size)` with more than 1e-6 of the variance of the first."""
    variances = np.linalg.eigvalsh(np.cov(codes, rowvar=False))
    return int(np.sum(variances > 1e-6 * variances.max()))


def named(name: str, clusterings: Mapping[int, Clustering]) -> dict[str, float]:
    """The values of every size, with names for the page."""
    return {
        f"{name}_{size}_{key}": value for size, c in clusterings.items() for key, value in c._asdict().items()
    }


def neighbours_sentence(compared: Compared, tests: int, trained: int) -> str:
    codes, pca = {size: compared.mean(size) for size in compared.codes}, compared.pca
    return (
        f"Ten nearest neighbours among {trained:,} training images classify {tests:,} test images. Their "
        f"accuracy is {percent(codes[3].neighbours)} in the three latent dimensions of Y1 (mean over "
        f"{len(compared.codes[3])} seeds), "
        f"{percent(pca[3].neighbours)} in three principal components and "
        f"{percent(compared.pixels.neighbours)} in the pixels. It is {percent(codes[2].neighbours)} in two "
        f"latent dimensions and {percent(pca[2].neighbours)} in two components, and "
        f"{percent(codes[20].neighbours)} in the 20 latent dimensions of an AE with Y5's network and "
        f"{percent(pca[20].neighbours)} in 20 components."
    )


def silhouette_sentence(compared: Compared) -> str:
    code = compared.mean(3).silhouette
    return (
        f"The silhouette is {number(code, 2)} in the three latent dimensions, "
        f"{number(compared.pca[3].silhouette, 2)} in three components and "
        f"{number(compared.pixels.silhouette, 2)} in the pixels. It is 1 for compact, well separated groups; "
        f"a value {'below' if code < STRUCTURE else 'above'} {STRUCTURE} means "
        f"{'no' if code < STRUCTURE else 'some'} separate groups, even if neighbours are mostly of the same "
        "digit."
    )


def unused_sentence(used: Sequence[int]) -> str:
    """Why codes of three dimensions may lie in a plane or on a line; empty if none do."""
    if min(used) == 3:
        return ""
    listed = ", ".join(map(str, used))
    return (
        f" The codes of Y1 vary in {listed} of 3 directions, seed by seed: some units of its narrow ReLU "
        "layers are inactive."
    )


def code_scatter(test: Data, run: Run, pca: Pca) -> Figure:
    x, labels = flat(test.array), np.asarray(test.labels)
    return scatters(
        {
            "two latent dimensions": (encode(run, x), labels),
            "first two principal components": (project(pca, x), labels),
        },
        "Codes of test images, coloured by digit. The models were trained without labels.",
    )


def cluster_table(compared: Compared) -> Figure:
    names = {2: "Y1, 2 latent dimensions", 3: "Y1, 3 latent dimensions", 20: "AE with Y5's network, 20"}
    rows = [
        (label, percent(c.neighbours), number(c.silhouette, 2))
        for size, name in names.items()
        for label, c in ((name, compared.mean(size)), (f"PCA, {size} components", compared.pca[size]))
    ]
    pixels = compared.pixels
    return table(
        ("features of an image", "accuracy of 10 nearest neighbours", "silhouette"),
        [*rows, ("all pixels", percent(pixels.neighbours), number(pixels.silhouette, 2))],
        "How close the same digits are: nearest neighbours measure small distances, the silhouette measures "
        "whether groups are compact and separate.",
    )


K14 = Entry(
    "K14",
    "clusters in latent space",
    "Clustering: same digits are close to each other in the latent space.",
    same_digits,
)
