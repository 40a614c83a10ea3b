"""Whether a latent space is continuous and complete (K3), and the entries about latent spaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from narrows.data.schema import Array
from narrows.reproduce.aggregate_posterior import K10
from narrows.reproduce.code_clusters import K14
from narrows.reproduce.drawings import lines, strip
from narrows.reproduce.findings import Figure, Finding, at_most
from narrows.reproduce.generation import K7, ae, fitted_normal, images_of
from narrows.reproduce.gradients import K2
from narrows.reproduce.lab import Entry, Lab, decode, encode, flat
from narrows.reproduce.stability import K8
from narrows.reproduce.tables import number, percent
from narrows.reproduce.variational import K1, vae
from narrows.runs.run import Run

Map = Callable[[Array], Array]
"""From codes to images or back, each a row of values."""

STEPS = 32
"""Steps of a straight line between two codes."""

TEST, PRIOR, FITTED = "codes of test images", "N(0, I)", "normal fitted to the codes"

KEYS = {TEST: "test_codes", PRIOR: "prior", FITTED: "fitted_normal"}
"""The distributions that codes are drawn from, and their names among the measured values."""


class Lines(NamedTuple):
    """Decoded straight lines between codes.

    Attributes:
        changes: the change of the image in each step `(pairs, STEPS)`, a Euclidean distance.
    """

    changes: Array

    @property
    def unevenness(self) -> float:
        """The largest step divided by the mean step, the mean over lines; 1 for equal steps."""
        return float((self.changes.max(axis=1) / self.changes.mean(axis=1)).mean())


class Space(NamedTuple):
    """Measures of a latent space.

    Attributes:
        lines: straight lines between codes of test images.
        sensitivity: relative change of the image under a small random change of the code.
        round_trip: the error of codes that are decoded and encoded again, by their distribution.
        examples: ten images decoded from such codes, and from the codes after the round trip.
    """

    lines: Lines
    sensitivity: float
    round_trip: dict[str, float]
    examples: dict[str, tuple[Array, Array]]


def decode_lines(decoder: Map, first: Array, second: Array) -> Lines:
    """Lines from each of `first (pairs, code_size)` to its partner in `second`, in equal steps."""
    shares = np.linspace(0, 1, STEPS + 1)[:, None]
    codes = np.concatenate([a + shares * (b - a) for a, b in zip(first, second, strict=True)])
    images = decoder(codes).reshape(len(first), STEPS + 1, -1)
    return Lines(np.linalg.norm(np.diff(images, axis=1), axis=2))


def round_trip_error(z: Array, again: Array) -> float:
    """Root mean square of `again - z (n, code_size)`, relative to the standard deviation of `z`.

    0 if each code is encoded to itself; 1 if all are encoded to their mean.
    """
    return float(np.sqrt(np.sum((again - z) ** 2) / np.sum((z - z.mean(axis=0)) ** 2)))


def sensitivity(decoder: Map, codes: Array, rng: np.random.Generator, step: float = 0.1) -> float:
    """The change of the image when a code moves by `step` standard deviations in a random direction.

    Root mean square, relative to the standard deviation of the images decoded from `codes (n, code_size)`.
    """
    random = rng.standard_normal(codes.shape)
    deviation = np.sqrt(np.mean(np.sum((codes - codes.mean(axis=0)) ** 2, axis=1)))
    moved = codes + step * deviation * random / np.linalg.norm(random, axis=1, keepdims=True)
    images = decoder(codes)
    variation = np.sum((images - images.mean(axis=0)) ** 2)
    return float(np.sqrt(np.sum((decoder(moved) - images) ** 2) / variation))


def regular(lab: Lab) -> Finding:
    """Continuity and completeness of the latent space of Y5, and of an AE with the same network."""
    vae_space, ae_space = measure(lab, vae(lab)), measure(lab, ae(lab))
    continuous = (
        vae_space.lines.unevenness < ae_space.lines.unevenness
        and vae_space.sensitivity < ae_space.sensitivity
    )
    complete = vae_space.round_trip[PRIOR] < min(ae_space.round_trip[PRIOR], ae_space.round_trip[FITTED])
    return Finding(
        named("vae", vae_space) | {"continuous": continuous, "complete": complete},
        named("autoencoder", ae_space),
        (
            at_most(
                "largest / mean step, VAE",
                vae_space.lines.unevenness,
                ae_space.lines.unevenness,
                "the AE",
            ),
            at_most("sensitivity, VAE", vae_space.sensitivity, ae_space.sensitivity, "the AE"),
            at_most(
                "round trip of codes from N(0, I), VAE",
                vae_space.round_trip[PRIOR],
                min(ae_space.round_trip[PRIOR], ae_space.round_trip[FITTED]),
                "the AE",
            ),
        ),
        "Compared with an AE of the same network the latent space of the VAE is "
        f"{'more' if continuous else 'not clearly more'} continuous and {'more' if complete else 'not more'} "
        f"complete. {continuity_sentence(vae_space, ae_space)} {completeness_sentence(vae_space, ae_space)}",
        (
            interpolations(lab),
            sorted_steps({"VAE": vae_space, "AE": ae_space}),
            round_trip_strip("VAE", vae_space),
            round_trip_strip("AE", ae_space),
        ),
    )


def measure(lab: Lab, run: Run) -> Space:
    """The measures of the latent space of `run`, from test images."""
    data, rng = lab.digits, np.random.default_rng(lab.seed)
    decoder, encoder = partial(decode, run), partial(encode, run)
    codes = encoder(flat(data.held_out.array[:2000]))
    pairs = min(500, len(codes) // 2)
    sources = {
        TEST: codes,
        PRIOR: rng.standard_normal(codes.shape),
        FITTED: fitted_normal(codes, len(codes), rng),
    }
    trips = {name: (z, encoder(decoder(z))) for name, z in sources.items()}
    return Space(
        decode_lines(decoder, codes[:pairs], codes[pairs : 2 * pairs]),
        sensitivity(decoder, codes, rng),
        {name: round_trip_error(z, again) for name, (z, again) in trips.items()},
        {name: (decoder(z[:10]), decoder(again[:10])) for name, (z, again) in trips.items()},
    )


def named(name: str, space: Space) -> dict[str, float]:
    """The measures of a space, with names for the page."""
    return {
        f"{name}_largest_over_mean_step": space.lines.unevenness,
        f"{name}_sensitivity": space.sensitivity,
        **{f"{name}_{KEYS[source]}_round_trip_error": error for source, error in space.round_trip.items()},
    }


def continuity_sentence(vae_space: Space, ae_space: Space) -> str:
    return (
        f"Continuity: a straight line between the codes of two test images is cut into {STEPS} steps. The "
        f"largest step changes the image {number(vae_space.lines.unevenness)} times as much as the mean step "
        f"in the VAE and {number(ae_space.lines.unevenness)} times in the AE (1 for equal steps). A random "
        "change of a code by a tenth of the codes' standard deviation changes the image by "
        f"{percent(vae_space.sensitivity)} of the images' standard deviation in the VAE and "
        f"{percent(ae_space.sensitivity)} in the AE."
    )


def completeness_sentence(vae_space: Space, ae_space: Space) -> str:
    return (
        "Completeness: codes drawn from N(0, I), decoded and encoded again, change by "
        f"{percent(vae_space.round_trip[PRIOR])} of their standard deviation in the VAE and by "
        f"{percent(ae_space.round_trip[PRIOR])} in the AE. If they are drawn from a normal distribution "
        f"fitted to the AE's codes they change by {percent(ae_space.round_trip[FITTED])}. The codes of test "
        f"images change by {percent(vae_space.round_trip[TEST])} in the VAE and "
        f"{percent(ae_space.round_trip[TEST])} in the AE."
    )


def interpolations(lab: Lab) -> Figure:
    """Linear interpolation between two test images in both latent spaces, and between the pixels."""
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
        "Linear interpolation between two test images: between their codes, and between their pixels.",
    )


def sorted_steps(spaces: Mapping[str, Space]) -> Figure:
    """The steps of the lines, sorted, relative to the mean step; the mean over lines."""
    curves = {name: relative_steps(space.lines).mean(axis=0).tolist() for name, space in spaces.items()}
    return lines(
        list(range(1, STEPS + 1)),
        {**curves, "linear decoder": [1.0] * STEPS},
        "Change of the image in each step of a straight line between two codes, sorted from the largest to "
        "the smallest and relative to the mean step; mean over pairs of test images. With a linear decoder "
        "all steps are equal.",
        across="step, sorted",
        up="change, relative",
    )


def relative_steps(straight: Lines) -> Array:
    """The changes of each line from the largest to the smallest, relative to their mean."""
    return np.sort(straight.changes, axis=1)[:, ::-1] / straight.changes.mean(axis=1, keepdims=True)


def round_trip_strip(name: str, space: Space) -> Figure:
    rows = {
        f"{source}{suffix}": images_of(images)
        for source, pair in space.examples.items()
        for suffix, images in zip(("", "; again"), pair, strict=True)
    }
    return strip(
        rows,
        f"{name}: decoded codes, and below them (again) the images after these were encoded and decoded once "
        "more. In a complete latent space the two rows agree and show digits.",
    )


K3 = Entry(
    "K3",
    "regular latent spaces",
    "Regularisation makes a latent space continuous, close points do not decode to completely different "
    "contents, and complete, a point sampled from it gives meaningful content.",
    regular,
)

ENTRIES: tuple[Entry, ...] = (K1, K2, K3, K7, K8, K10, K14)
