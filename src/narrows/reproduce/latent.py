"""Spaces of codes: continuous and complete (K3), and the same digits together (K14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from narrows.data.schema import Array
from narrows.evaluation.pca import Pca
from narrows.reproduce.drawings import lines, scatters, strip
from narrows.reproduce.generation import K7, K10, ae, images_of, like
from narrows.reproduce.gradients import K2
from narrows.reproduce.lab import Entry, Figure, Finding, Lab, decode, encode, flat
from narrows.reproduce.stability import K8
from narrows.reproduce.tables import number, percent, table
from narrows.reproduce.variational import K1, SMALL_STEPS, vae
from narrows.runs.run import Run

Map = Callable[[Array], Array]
"""From codes to images or back, each a row of numbers."""

STEPS = 32
"""Into which a line between two codes is cut."""


class Walks(NamedTuple):
    """Straight walks between codes: the change of the image `(pairs, STEPS)` in each step."""

    changes: Array

    @property
    def unevenness(self) -> float:
        """The largest change of a walk, relative to its mean one: the mean over walks; 1 is even."""
        return float((self.changes.max(axis=1) / self.changes.mean(axis=1)).mean())


def walked(decode: Map, first: Array, second: Array) -> Walks:
    """From each of `first (pairs, code_size)` to its partner in `second`, in equal steps."""
    shares = np.linspace(0, 1, STEPS + 1)[:, None]
    paths = np.concatenate([a + shares * (b - a) for a, b in zip(first, second, strict=True)])
    images = decode(paths).reshape(len(first), STEPS + 1, -1)
    return Walks(np.linalg.norm(np.diff(images, axis=1), axis=2))


def unexplained(z: Array, back: Array) -> float:
    """Root mean square of `back - z (n, code_size)`, relative to the spread of `z` around its mean.

    0 where each code comes back; 1 where the same code comes back from everywhere.
    """
    return float(np.sqrt(np.sum((back - z) ** 2) / np.sum((z - z.mean(axis=0)) ** 2)))


def jolt(decode: Map, codes: Array, rng: np.random.Generator, step: float = 0.1) -> float:
    """How far an image moves when its code does by `step` of the codes' spread, anywhither.

    Root mean square, relative to the spread of the images decoded from `codes (n, code_size)`.
    """
    random = rng.standard_normal(codes.shape)
    radius = np.sqrt(np.mean(np.sum((codes - codes.mean(axis=0)) ** 2, axis=1)))
    moved = codes + step * radius * random / np.linalg.norm(random, axis=1, keepdims=True)
    images = decode(codes)
    spread = np.sum((images - images.mean(axis=0)) ** 2)
    return float(np.sqrt(np.sum((decode(moved) - images) ** 2) / spread))


class Space(NamedTuple):
    """A latent space: its decoder's walks and jolt, and how codes come back, by where they were drawn."""

    walks: Walks
    jolt: float
    back: dict[str, float]
    drawn: dict[str, tuple[Array, Array]]


def regular(lab: Lab) -> Finding:
    """Continuity and completeness of Y5 beside an AE with the same network."""
    spaces = {"VAE": explored(lab, vae(lab)), "AE": explored(lab, ae(lab))}
    ours, theirs = spaces.values()
    continuous = ours.walks.unevenness < theirs.walks.unevenness and ours.jolt < theirs.jolt
    least = min(theirs.back["N(0, I)"], theirs.back["normal fitted to the codes"])
    complete = ours.back["N(0, I)"] < least
    return Finding(
        named("vae", ours) | {"continuous": continuous, "complete": complete},
        named("autoencoder", theirs),
        continuous and complete,
        f"Beside an AE with the same network the VAE is {'more' if continuous else 'not clearly more'} "
        f"continuous, and {'more' if complete else 'not more'} complete. On straight walks between the codes "
        f"of test images the largest of {STEPS} steps changes the image {number(ours.walks.unevenness)} "
        f"times as much as the mean step in the VAE, {number(theirs.walks.unevenness)} times in the AE (1: "
        f"even); a random move by a tenth of the codes' spread changes it by {percent(ours.jolt)} of the "
        f"images' spread, in the AE by {percent(theirs.jolt)}: neither space has jumps. Codes drawn from "
        f"N(0, I), decoded and encoded again, are off by {percent(ours.back['N(0, I)'])} of their spread in "
        f"the VAE, and by {percent(theirs.back['N(0, I)'])} in the AE; by "
        f"{percent(theirs.back['normal fitted to the codes'])} if they are drawn from a normal distribution "
        "fitted to the AE's codes. Codes of test images are off by "
        f"{percent(ours.back['codes of test images'])} and {percent(theirs.back['codes of test images'])}.",
        (interpolated(lab), steps_drawn(spaces), *(there_and_back(*pair) for pair in spaces.items())),
    )


def explored(lab: Lab, run: Run) -> Space:
    """What `Space` says of `run`, from test images."""
    data, rng = lab.digits, np.random.default_rng(lab.seed)
    to_images, to_codes = partial(decode, run), partial(encode, run)
    codes = to_codes(flat(data.held_out.array[:2000]))
    pairs = min(500, len(codes) // 2)
    sources = {
        "codes of test images": codes,
        "N(0, I)": rng.standard_normal(codes.shape),
        "normal fitted to the codes": like(codes, len(codes), rng),
    }
    drawn = {name: (z, to_codes(to_images(z))) for name, z in sources.items()}
    return Space(
        walked(to_images, codes[:pairs], codes[pairs : 2 * pairs]),
        jolt(to_images, codes, rng),
        {name: unexplained(z, back) for name, (z, back) in drawn.items()},
        {name: (to_images(z[:10]), to_images(back[:10])) for name, (z, back) in drawn.items()},
    )


KEYS = {
    "codes of test images": "test_codes",
    "N(0, I)": "prior",
    "normal fitted to the codes": "fitted_normal",
}
"""Where codes are drawn, and its name among the numbers."""


def named(name: str, space: Space) -> dict[str, float]:
    """The numbers of a space, flat."""
    return {
        f"{name}_largest_over_mean_step": space.walks.unevenness,
        f"{name}_change_by_a_tenth": space.jolt,
        **{f"{name}_{KEYS[source]}_off_by": off for source, off in space.back.items()},
    }


def interpolated(lab: Lab) -> Figure:
    """A walk between two test images through both spaces, and through the pixels."""
    labels = lab.digits.held_out.labels
    assert labels is not None
    pair = [int(np.flatnonzero(labels == digit)[0]) for digit in (7, 0)]
    ends = flat(lab.digits.held_out.array[pair])

    def between(first: Array, second: Array) -> Array:
        return first + np.linspace(0, 1, 10)[:, None] * (second - first)

    rows = {
        name: images_of(decode(run, between(*encode(run, ends))))
        for name, run in (("VAE", vae(lab)), ("AE", ae(lab)))
    }
    return strip(
        {**rows, "pixels": images_of(between(*ends))},
        "A straight walk from a test image to another: between their codes, and between the images "
        "themselves.",
    )


def steps_drawn(spaces: Mapping[str, Space]) -> Figure:
    """The steps of the walks from the largest to the smallest, relative to the mean step."""
    curves = {
        name: (
            np.sort(space.walks.changes, axis=1)[:, ::-1] / space.walks.changes.mean(axis=1, keepdims=True)
        )
        .mean(axis=0)
        .tolist()
        for name, space in spaces.items()
    }
    return lines(
        list(range(1, STEPS + 1)),
        {**curves, "linear decoder": [1.0] * STEPS},
        "Change of the image in each of the steps of a walk, from the largest to the smallest, relative to "
        "their mean: mean over pairs of test images. A linear decoder changes the same in each.",
        across="step, sorted",
        up="change, relative",
    )


def there_and_back(name: str, space: Space) -> Figure:
    rows = {
        f"{source}{suffix}": images_of(images)
        for source, pair in space.drawn.items()
        for suffix, images in zip(("", "; again"), pair, strict=True)
    }
    return strip(
        rows,
        f"{name}: codes decoded, and what the decoder makes of them after they were decoded and encoded "
        "again. In a complete space the two rows are the same, and show digits.",
    )


STRUCTURE = 0.25
"""A silhouette from which groups are separate at all (Kaufman & Rousseeuw 1990, Finding groups in data)."""


class Clustering(NamedTuple):
    """How well digits lie together: right answers of 10 nearest neighbours, and the silhouette."""

    neighbours: float
    silhouette: float


def clustered(train: Array, y: Array, test: Array, y_test: Array) -> Clustering:
    """Of rows `(n, numbers)`: neighbours are looked up in `train`, the silhouette is of `test`."""
    from sklearn.metrics import silhouette_score
    from sklearn.neighbors import KNeighborsClassifier

    neighbours = KNeighborsClassifier(10).fit(train, y).score(test, y_test)
    return Clustering(float(neighbours), float(silhouette_score(test, y_test)))


def same_digits(lab: Lab) -> Finding:
    """k-NN and silhouette in codes of 2, 3 and 20 numbers, beside PCA's of the same size and pixels."""
    train, test = lab.first(lab.digits, 10_000), lab.digits.held_out
    test = lab.first(test, 2000)
    runs = {2: y1(lab, 2), 3: y1(lab, None), 20: ae(lab)}

    def judged(encode: Map) -> Clustering:
        x, x_test = (encode(flat(part.array)) for part in (train, test))
        return clustered(x, np.asarray(train.labels), x_test, np.asarray(test.labels))

    pcas = {size: lab.pca(train, size)[0] for size in runs}
    ours = {size: judged(partial(encode, run)) for size, run in runs.items()}
    theirs = {size: judged(partial(projected, pca)) for size, pca in pcas.items()}
    pixels = judged(lambda x: x)
    code, linear = ours[3], theirs[3]
    used = directions_in_use(encode(runs[3], flat(test.array)))
    dead = f" Y1's codes take up {used} of their 3 directions: units of narrow ReLU layers die." * (used < 3)
    holds = code.neighbours > linear.neighbours and code.silhouette > max(linear.silhouette, 0)
    return Finding(
        numbered("autoencoder", ours) | {"directions_in_use_of_3": used},
        numbered("pca", theirs)
        | {"pixels_neighbours": pixels.neighbours, "pixels_silhouette": pixels.silhouette},
        holds,
        f"Of {len(test):,} test images, the ten nearest of {len(train):,} training images in Y1's code of "
        f"three numbers tell {percent(code.neighbours)} right, in PCA's {percent(linear.neighbours)}, in all "
        f"pixels {percent(pixels.neighbours)}; with two numbers it is {percent(ours[2].neighbours)} and "
        f"{percent(theirs[2].neighbours)}, with the AE of Y5's network and 20 numbers "
        f"{percent(ours[20].neighbours)} and {percent(theirs[20].neighbours)}. The silhouette is "
        f"{number(code.silhouette, 2)} in the code of three numbers, {number(linear.silhouette, 2)} in PCA's "
        f"and {number(pixels.silhouette, 2)} in the pixels. It is 1 for groups that are tight and apart; "
        f"{'below' if code.silhouette < STRUCTURE else 'above'} {STRUCTURE} it is read as "
        f"{'no' if code.silhouette < STRUCTURE else 'some'} structure of separate groups, however close "
        f"neighbours are.{dead}",
        (
            scatters(
                {
                    "code of two numbers": (encode(runs[2], flat(test.array)), np.asarray(test.labels)),
                    "first two principal components": (
                        projected(pcas[2], flat(test.array)),
                        np.asarray(test.labels),
                    ),
                },
                "Test images where their codes lie, coloured by digit; the models never saw a label.",
            ),
            cluster_table(ours, theirs, pixels),
        ),
    )


def projected(pca: Pca, x: Array) -> Array:
    """The scores `(n, dimensions)` of `x (n, values)`."""
    return (x - pca.mean) @ pca.directions.T


def y1(lab: Lab, latent_dim: int | None) -> Run:
    """Y1 on all digits; in the quick table more and smaller steps, because there are few images."""
    if not lab.quick:
        return lab.fit("y1", latent_dim=latent_dim)
    return lab.fit("y1", latent_dim=latent_dim, overrides=SMALL_STEPS, epochs=20)


def directions_in_use(codes: Array) -> int:
    """Principal directions of `codes (n, code_size)` with over 1e-6 of the variance of the first."""
    variances = np.linalg.eigvalsh(np.cov(codes, rowvar=False))
    return int(np.sum(variances > 1e-6 * variances.max()))


def numbered(name: str, found: Mapping[int, Clustering]) -> dict[str, float]:
    """The numbers of every size of code, flat."""
    return {f"{name}_{size}_{key}": value for size, c in found.items() for key, value in c._asdict().items()}


def cluster_table(
    ours: Mapping[int, Clustering], theirs: Mapping[int, Clustering], pixels: Clustering
) -> Figure:
    names = {2: "Y1 with a code of 2", 3: "Y1, code of 3", 20: "AE of Y5's network, code of 20"}
    rows = [
        (said, percent(c.neighbours), number(c.silhouette, 2))
        for size, name in names.items()
        for said, c in ((name, ours[size]), (f"PCA, {size} components", theirs[size]))
    ]
    return table(
        ("numbers that describe an image", "10 nearest neighbours right", "silhouette"),
        [*rows, ("all pixels", percent(pixels.neighbours), number(pixels.silhouette, 2))],
        "How far the same digits lie together: neighbours count what is near, the silhouette whether groups "
        "are tight and separate.",
    )


K3 = Entry(
    "K3",
    "regular latent spaces",
    "Regularisation makes a latent space continuous, close points do not decode to completely different "
    "contents, and complete, a point sampled from it gives meaningful content.",
    regular,
)

K14 = Entry(
    "K14",
    "clusters in latent space",
    "Clustering: same digits are close to each other in the latent space.",
    same_digits,
)

ENTRIES: tuple[Entry, ...] = (K1, K2, K3, K7, K8, K10, K14)
