"""Whether a latent space is continuous and complete (K3), and the entries about latent spaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from narrows.data.schema import Array
from narrows.reproduce.aggregate_posterior import K10
from narrows.reproduce.code_clusters import K14
from narrows.reproduce.code_spaces import latent_plane
from narrows.reproduce.drawings import lines, strip
from narrows.reproduce.findings import Check, Estimate, Figure, Finding, at_least, mean_of
from narrows.reproduce.generation import AE, FITTED, K7, REAL, VAE, images_of
from narrows.reproduce.gradients import K2
from narrows.reproduce.lab import Entry, Lab, decode, encode, flat
from narrows.reproduce.latent_models import ae, fitted_normal, images, seeds, vae
from narrows.reproduce.sample_quality import COMPARED, Features, Nearness
from narrows.reproduce.stability import K8
from narrows.reproduce.tables import number, percent, table
from narrows.reproduce.toy_shapes import gradients
from narrows.reproduce.variational import K1
from narrows.runs.run import Run

Map = Callable[[Array], Array]
"""From codes to images, each a row of values."""

STEPS = 32
"""Steps of a straight line between two codes, of which the changes are measured."""

SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
"""The places on a walk at which images are compared with real ones; the middle is `MIDWAY`."""

MIDWAY = SHARES.index(0.5)

PIXELS = "pixels"

BY_AE = "the AE, sampled from a normal fitted to its codes"


class Walks(NamedTuple):
    """Walks along straight lines between the codes of two test images.

    Attributes:
        nearness: of the images at each of `SHARES`.
        unevenness: the largest of `STEPS` steps divided by the mean step, the mean over walks.
    """

    nearness: list[Nearness]
    unevenness: float


class Seed(NamedTuple):
    """The results of one seed: samples by kind, and walks by model."""

    samples: Mapping[str, Nearness]
    walks: Mapping[str, Walks]


def regular(lab: Lab) -> Finding:
    """Realism and variety of samples and walks, in the latent spaces of Y5 and of an AE with its network."""
    features = lab.once(Features)
    results = [measure(lab, features, seed) for seed in seeds(lab)]
    real = features.nearness(flat(lab.digits.held_out.array))
    pixels = crossfades(lab, features)
    return Finding(
        {"seeds": len(results), **named(VAE, "vae", results)},
        {
            **named(AE, "autoencoder", results),
            **{f"autoencoder_fitted_normal_{key}": mean(results, FITTED, key) for key in Nearness._fields},
            **{f"real_test_images_{key}": value for key, value in real._asdict().items()},
            **{f"pixels_midway_{key}": value for key, value in pixels[MIDWAY]._asdict().items()},
        },
        checks(results),
        f"{completeness_sentence(results, real)}\n{continuity_sentence(results, pixels)}",
        (
            interpolations(lab),
            latent_plane(lab),
            *gradients(lab),
            walk_plot(results, pixels),
            samples_strip(lab),
            nearness_table(results, real, pixels),
        ),
    )


def measure(lab: Lab, features: Features, seed: int) -> Seed:
    rng, models = np.random.default_rng(seed), {VAE: vae(lab, seed), AE: ae(lab, seed)}
    x = flat(lab.digits.held_out.array)
    samples = {
        kind: features.nearness(decode(models[model], codes))
        for kind, (model, codes) in draw(lab, models, rng).items()
    }
    return Seed(samples, {name: walk(run, features, encode(run, x)) for name, run in models.items()})


def draw(lab: Lab, models: Mapping[str, Run], rng: np.random.Generator) -> dict[str, tuple[str, Array]]:
    """For each kind of samples the model, and as many codes as images are compared."""
    z = rng.standard_normal((COMPARED, models[VAE].model.code_size))
    own = fitted_normal(models[AE].encode(images(lab).array), COMPARED, rng)
    return {VAE: (VAE, z), AE: (AE, z), FITTED: (AE, own)}


def walk(run: Run, features: Features, codes: Array) -> Walks:
    """Walks from each of the `codes (n, code_size)` to the next one; the last goes to the first."""
    first, second = codes[:COMPARED], np.roll(codes[:COMPARED], -1, axis=0)
    nearness = [features.nearness(decode(run, first + share * (second - first))) for share in SHARES]
    return Walks(nearness, unevenness(changes(partial(decode, run), first[:300], second[:300])))


def crossfades(lab: Lab, features: Features) -> list[Nearness]:
    """The same walks between the pixels of the images."""
    x = flat(lab.digits.held_out.array)[:COMPARED]
    return [features.nearness(x + share * (np.roll(x, -1, axis=0) - x)) for share in SHARES]


def changes(decoder: Map, first: Array, second: Array) -> Array:
    """The change of the image in each step from `first (pairs, code_size)` to its partner in `second`.

    `(pairs, STEPS)`, Euclidean distances, with equal steps of the code.
    """
    shares = np.linspace(0, 1, STEPS + 1)[:, None]
    codes = np.concatenate([a + shares * (b - a) for a, b in zip(first, second, strict=True)])
    decoded = decoder(codes).reshape(len(first), STEPS + 1, -1)
    return np.asarray(np.linalg.norm(np.diff(decoded, axis=1), axis=2))


def unevenness(steps: Array) -> float:
    """The largest of `steps (pairs, STEPS)` over the mean one, the mean over pairs; 1 for equal steps."""
    return float((steps.max(axis=1) / steps.mean(axis=1)).mean())


def gain(results: Sequence[Seed], key: str) -> Estimate:
    """Precision or coverage of the VAE's samples minus the AE's, which suit its codes."""
    return mean_of([getattr(r.samples[VAE], key) - getattr(r.samples[FITTED], key) for r in results])


def midway(results: Sequence[Seed], model: str, key: str) -> list[float]:
    """Precision or coverage of the images in the middle of the walks, for each seed."""
    return [getattr(result.walks[model].nearness[MIDWAY], key) for result in results]


def midway_gain(results: Sequence[Seed], key: str) -> Estimate:
    """Precision or coverage of the VAE's images midway minus the AE's."""
    return mean_of(np.subtract(midway(results, VAE, key), midway(results, AE, key)).tolist())


def checks(results: Sequence[Seed]) -> tuple[Check, ...]:
    """The VAE's latent space is more complete, and realistic between codes, than the AE's."""
    return (
        at_least("realism of samples, VAE − AE", gain(results, "precision"), 0, BY_AE),
        at_least("variety of samples, VAE − AE", gain(results, "coverage"), 0, BY_AE),
        at_least("realism midway, VAE − AE", midway_gain(results, "precision"), 0, "the AE"),
    )


def mean(results: Sequence[Seed], kind: str, key: str) -> float:
    return float(np.mean([getattr(result.samples[kind], key) for result in results]))


def mean_unevenness(results: Sequence[Seed], model: str) -> float:
    return float(np.mean([result.walks[model].unevenness for result in results]))


def named(model: str, name: str, results: Sequence[Seed]) -> dict[str, float]:
    """The means over seeds of a model, with names for the page."""
    keys = Nearness._fields
    return {
        **{f"{name}_samples_{key}": mean(results, model, key) for key in keys},
        **{f"{name}_midway_{key}": float(np.mean(midway(results, model, key))) for key in keys},
        f"{name}_largest_over_mean_step": mean_unevenness(results, model),
    }


def completeness_sentence(results: Sequence[Seed], real: Nearness) -> str:
    precision, coverage = (
        {kind: percent(mean(results, kind, key)) for kind in (VAE, AE, FITTED)} for key in Nearness._fields
    )
    return (
        f"Completeness: of samples from N(0, I) {precision[VAE]} are near a real image with the VAE and "
        f"{precision[AE]} with an AE of the same network, {precision[FITTED]} if the AE's codes are drawn "
        f"from a normal distribution fitted to them; of real test images {percent(real.precision)}. Their "
        f"variety, the share of real images that a sample is near to, is {coverage[VAE]}, {coverage[AE]} and "
        f"{coverage[FITTED]}; of test images {percent(real.coverage)}. Means over {len(results)} seeds."
    )


def continuity_sentence(results: Sequence[Seed], pixels: Sequence[Nearness]) -> str:
    blind = pixels[MIDWAY].precision >= np.mean(midway(results, AE, "precision"))
    overlaid = "; the measure does not see that such an image shows two digits" if blind else ""
    precision, coverage = (
        {model: percent(float(np.mean(midway(results, model, key)))) for model in (VAE, AE)}
        for key in Nearness._fields
    )
    return (
        "Continuity: midway between the codes of two test images, "
        f"{precision[VAE]} of the decoded images are near a real one with the VAE and {precision[AE]} with "
        f"the AE (midway between the pixels {percent(pixels[MIDWAY].precision)}{overlaid}); they cover "
        f"{coverage[VAE]} and {coverage[AE]} of the real images. In the narrow sense both spaces are "
        f"continuous: if such a walk is cut into {STEPS} steps, the largest changes the image "
        f"{number(mean_unevenness(results, VAE))} times as much as the mean step with the VAE and "
        f"{number(mean_unevenness(results, AE))} times with the AE (1 for equal steps)."
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
        {**rows, PIXELS: images_of(between(*ends))},
        "Linear interpolation between two test images: between their codes, and between their pixels.",
    )


def walk_plot(results: Sequence[Seed], pixels: Sequence[Nearness]) -> Figure:
    """Realism along the walks."""
    curves = {
        name: [
            float(np.mean([result.walks[model].nearness[place].precision for result in results]))
            for place in range(len(SHARES))
        ]
        for name, model in (("VAE", VAE), ("AE", AE))
    }
    return lines(
        SHARES,
        {**curves, PIXELS: [near.precision for near in pixels]},
        "The share of images that are near a real one, along straight lines between the codes of two test "
        "images, and between their pixels. At both ends it is that of reconstructions.",
        across="share of the way",
        up="near a real image",
    )


def samples_strip(lab: Lab) -> Figure:
    """Ten samples of each kind."""
    models = {VAE: vae(lab), AE: ae(lab)}
    drawn = draw(lab, models, np.random.default_rng(lab.seed))
    rows = {kind: images_of(decode(models[model], codes[:10])) for kind, (model, codes) in drawn.items()}
    return strip(rows, "Ten samples of each kind. In a complete latent space all are digits.")


def nearness_table(results: Sequence[Seed], real: Nearness, pixels: Sequence[Nearness]) -> Figure:
    rows = [(kind, [result.samples[kind] for result in results]) for kind in (VAE, AE, FITTED)]
    rows += [
        (f"{name}, midway", [result.walks[model].nearness[MIDWAY] for result in results])
        for name, model in (("VAE", VAE), ("AE", AE))
    ]
    rows += [(f"{PIXELS}, midway", [pixels[MIDWAY]]), (REAL, [real])]
    return table(
        ("images", "realism", "variety"),
        [(name, *map(percent, np.mean(each, axis=0))) for name, each in rows],
        f"Realism and variety of {COMPARED:,} images, measured in the features of a small digit classifier; "
        "means over seeds. Realism (precision) is the share of images that are as near to a real one as that "
        "one's third neighbour among the real images; variety (coverage) is the share of real images that "
        "one of the images is as near to.",
    )


K3 = Entry(
    "K3",
    "regular latent spaces",
    "Regularisation makes a latent space continuous, close points do not decode to completely different "
    "contents, and complete, a point sampled from it gives meaningful content.",
    regular,
)

ENTRIES: tuple[Entry, ...] = (K1, K2, K3, K7, K8, K10, K14)
