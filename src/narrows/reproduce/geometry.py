"""Whether a denoising autoencoder projects onto the data (K4), and the entries about geometry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from narrows.reproduce.dimensions import K6
from narrows.reproduce.drawings import lines, strip
from narrows.reproduce.findings import Check, Figure, Finding, at_least, at_most, mean_of
from narrows.reproduce.lab import Entry, Lab, mse, reconstruct
from narrows.reproduce.manifolds import K13
from narrows.reproduce.robustness import (
    CLEAN,
    DRAWN,
    LEVELS,
    NETWORKS,
    SALTED,
    Input,
    Outcome,
    Outcomes,
    corrupt_tests,
    error_ratio,
    fit_pairs,
    kept_share,
    mean_distance,
    mean_error,
    observe,
    pairs_of,
)
from narrows.reproduce.spiral import Plane, arrows, compare, curve_of
from narrows.reproduce.tables import number, percent, table
from narrows.reproduce.trials import subset
from narrows.runs.run import Run

IDENTITY = 0.9
"""A model that keeps at least this share of weak noise is close to the identity, which keeps all."""

SHOWN = 10


def projects(lab: Lab) -> Finding:
    """The same network trained on clean and on noisy images, tested under several kinds of noise."""
    data = subset(lab.digits, lab.pick(4000, 800), lab.pick(1000, 200))
    runs = {name: fit_pairs(lab, data, name) for name in lab.pick(tuple(NETWORKS), ("32",))}
    widest = [*runs][-1]
    given = corrupt_tests(data, runs["32"]["AE"][0])
    found = {
        name: {model: [observe(run, given) for run in of] for model, of in pairs.items()}
        for name, pairs in runs.items()
    }
    plane = compare(lab)
    return Finding(
        {"images": len(data), "seeds": len(lab.seeds), **named("DAE", found), **plane.named("DAE")},
        {**named("AE", found), **plane.named("AE"), **unchanged(given)},
        (*(check for name in runs for check in image_checks(name, found[name])), *plane_checks(plane)),
        f"{noise_sentence(found, len(data))}\n{plane_sentence(plane)} "
        f"{identity_sentence(widest, found[widest], plane)}",
        (
            arrows(plane),
            noise_strip({model: of[0] for model, of in runs[widest].items()}, given, widest),
            *(error_plot(name, outcomes, given) for name, outcomes in found.items()),
            outcome_table(found, given),
        ),
    )


def image_checks(name: str, outcomes: Outcomes) -> tuple[Check, ...]:
    """The denoising autoencoder beside the plain one, with the latent dimensions `name`."""
    with_code = f"with {name} latent dimensions"
    return (
        at_most(
            f"DAE's test error / the AE's, {DRAWN}, {with_code}", error_ratio(outcomes, DRAWN), 1, "the AE"
        ),
        at_most(f"the same, {SALTED}, {with_code}", error_ratio(outcomes, SALTED), 1, "the AE"),
        at_most(
            f"DAE's distance from the training images / the AE's, {DRAWN}, {with_code}",
            mean_of([d.distances[DRAWN] / a.distances[DRAWN] for d, a in pairs_of(outcomes)]),
            1,
            "the AE",
        ),
    )


def plane_checks(plane: Plane) -> tuple[Check, ...]:
    return (
        at_most(
            "DAE's distance from the nearest point of the spiral / the AE's",
            mean_of([d / a for d, a in zip(plane.after["DAE"], plane.after["AE"], strict=True)]),
            1,
            "the AE",
        ),
        at_least(
            "share of weak noise that the AE keeps, 8 latent dimensions for 2 coordinates",
            mean_of(kept_on(plane, "AE")),
            IDENTITY,
            "the identity, to a tenth",
        ),
    )


def kept_on(plane: Plane, model: str) -> list[float]:
    return [kept_share(run, curve_of(run)) for run in plane.runs[model]]


def mean_kept(outcomes: Sequence[Outcome]) -> str:
    return percent(float(np.mean([outcome.kept for outcome in outcomes])))


def named(model: str, found: Mapping[str, Outcomes]) -> dict[str, float]:
    """Means over seeds for a model, with names for the page."""
    return {
        f"{model} error, {noise}, {name} dimensions": mean_error(outcomes[model], noise)
        for name, outcomes in found.items()
        for noise in (CLEAN, DRAWN, SALTED)
    }


def unchanged(given: Input) -> dict[str, float]:
    """The errors of the noisy images."""
    return {
        f"error of the noisy image, {noise}": mse(given.x, given.noisy[noise]) for noise in (DRAWN, SALTED)
    }


def noise_sentence(found: Mapping[str, Outcomes], images: int) -> str:
    """The errors under noise, and what the training on noisy images costs on clean ones."""
    return (
        f"{images:,} training images; the denoising autoencoder is trained with noise of {DRAWN}. Under such "
        f"noise its test error beside the plain one's is {both_errors(found, DRAWN)}.\nOn clean images "
        f"the errors are {both_errors(found, CLEAN)}."
    )


def both_errors(found: Mapping[str, Outcomes], noise: str) -> str:
    return " and ".join(
        f"{number(mean_error(of['DAE'], noise))} against {number(mean_error(of['AE'], noise))} with {name} "
        "latent dimensions"
        for name, of in found.items()
    )


def plane_sentence(plane: Plane) -> str:
    after = {model: number(float(np.mean(values))) for model, values in plane.after.items()}
    return (
        f"In a plane, noisy points are {number(plane.before)} away from the nearest point of a spiral on "
        f"average; the denoising autoencoder leads them to {after['DAE']} from it, the plain one to "
        f"{after['AE']}."
    )


def identity_sentence(name: str, outcomes: Outcomes, plane: Plane) -> str:
    """How near the plain autoencoders are to the identity, in the plane and on images."""
    return (
        f"Of weak noise the plain autoencoder keeps {percent(float(np.mean(kept_on(plane, 'AE'))))} in the "
        f"plane, with 8 latent dimensions for 2 coordinates, and {mean_kept(outcomes['AE'])} on images, with "
        f"{name} for 784 pixels; the identity keeps all."
    )


def noise_strip(runs: Mapping[str, Run], given: Input, dimensions: str) -> Figure:
    """Noisy test images, and their reconstructions by both models."""
    side = round(given.x.shape[1] ** 0.5)
    rows = {"Original": given.x[:SHOWN]}
    for name in (f"σ = {LEVELS[-1]:g}", SALTED):
        noisy = given.noisy[name][:SHOWN]
        rows[name] = noisy
        rows |= {f"{model}, {name}": reconstruct(run, noisy) for model, run in runs.items()}
    images = {name: row.reshape(-1, side, side) for name, row in rows.items()}
    caption = (
        f"The strongest noise of the training, and noise of another kind; {dimensions} latent dimensions."
    )
    return strip(images, caption)


def error_plot(name: str, outcomes: Outcomes, given: Input) -> Figure:
    """The test error by the standard deviation of the noise."""
    levels = [CLEAN, *(f"σ = {std:g}" for std in LEVELS)]
    return lines(
        [0.0, *LEVELS],
        {
            "denoising": [mean_error(outcomes["DAE"], level) for level in levels],
            "plain": [mean_error(outcomes["AE"], level) for level in levels],
            "noisy image": [mse(given.x, given.noisy[level]) for level in levels],
        },
        f"Error against the clean test images by the noise on the input, with {name} latent dimensions, mean "
        f"over seeds. The denoising autoencoder is trained with {DRAWN}.",
        across="σ of the noise",
        up="mean squared error",
    )


def outcome_table(found: Mapping[str, Outcomes], given: Input) -> Figure:
    """Errors, distances from the data, and the share of noise that is kept."""
    models = {f"{model}, {name}": of for name, outcomes in found.items() for model, of in outcomes.items()}
    tests = (CLEAN, DRAWN, SALTED)
    errors = [
        (
            f"error, {noise}",
            mse(given.x, given.noisy[noise]),
            [mean_error(of, noise) for of in models.values()],
        )
        for noise in tests
    ]
    far = [
        (
            f"distance, {noise}",
            mean_distance(given.noisy[noise], given.train),
            [float(np.mean([outcome.distances[noise] for outcome in of])) for of in models.values()],
        )
        for noise in tests
    ]
    return table(
        ("", "test image", *models),
        [
            *((name, number(before), *map(number, after)) for name, before, after in [*errors, *far]),
            ("noise kept", percent(1), *(mean_kept(of) for of in models.values())),
        ],
        "The test images as they are, and reconstructed by each model with its number of latent dimensions, "
        "means over seeds: error against the clean image, distance from the nearest training image, and the "
        "share of weak noise (σ = 0.1) that is kept.",
    )


K4 = Entry(
    "K4",
    "a denoising autoencoder projects onto the data",
    "A denoising autoencoder learns a projection from a neighbourhood of the training data back onto them "
    "and is more robust; a plain one may learn the identity function, which brings the risk of overfitting.",
    projects,
)

ENTRIES: tuple[Entry, ...] = (K4, K6, K13)
