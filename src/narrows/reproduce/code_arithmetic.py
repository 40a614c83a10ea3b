"""Interpolation between codes, and arithmetic with codes (U6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from narrows.data.schema import Array
from narrows.reproduce.drawings import strip
from narrows.reproduce.findings import Check, Figure, Finding, at_least, at_most, median_of
from narrows.reproduce.lab import Entry, Lab, flat, mse
from narrows.reproduce.latent_models import ae, images, vae
from narrows.reproduce.overlays import OverlayDetector
from narrows.reproduce.sample_quality import Features
from narrows.reproduce.tables import medians_over, number, percent
from narrows.reproduce.turned_images import (
    ANGLES,
    JUDGED,
    ByAngle,
    Halfway,
    by_codes,
    by_pixels,
    errors_halfway,
    turned_strip,
    turned_table,
)
from narrows.reproduce.use_models import seeds
from narrows.runs.run import Run
from narrows.tasks.generation.arithmetic import arithmetic
from narrows.tasks.generation.interpolate import interpolate

ON_STRIP = 10
"""Images in a row of a figure."""

PIXELS, VAE, AE = "pixels", "VAE", "AE"
"""What is averaged and added: pixels, or the codes of a model."""


class Questions(NamedTuple):
    """Test images, 8 bits, `(n, height, width)` each.

    Attributes:
        first: of pairs of different digits.
        second: the other ones.
        a: the digits `b`, thickened.
        b: thin digits.
        c: thin digits of another class.
        thick: the digits `c`, thickened: what a − b + c should be.
        digits: the classes of `c`, `(n,)`.
    """

    first: Array
    second: Array
    a: Array
    b: Array
    c: Array
    thick: Array
    digits: Array


class Answers(NamedTuple):
    """Images in [0, 1], `(n, values)` each: halfway between pairs, and a − b + c."""

    midway: Array
    sums: Array


class Judged(NamedTuple):
    """The quality of the answers.

    Attributes:
        turned: by angle, the error halfway between images turned to both sides, against the images.
        single: share of images halfway between two digits that are taken for one digit, and not for two laid
            over each other.
        kept: share of the sums that are classified as the digit of c.
        error: mean squared error of the sums against thick c.
    """

    turned: ByAngle
    single: float
    kept: float
    error: float


def computes(lab: Lab) -> Finding:
    """Interpolation and a − b + c in the latent spaces of Y5 and of an AE, beside pixels."""
    features, asked = lab.once(Features), questions(lab, lab.pick(300, 40))
    trained = images(lab)
    pixels = judge(in_pixels(asked), by_pixels, asked, features, detector(lab, flat(trained.array)))
    models = [{VAE: vae(lab, seed), AE: ae(lab, seed)} for seed in seeds(lab)]
    results = [{name: judge_run(lab, run, asked, features) for name, run in each.items()} for each in models]
    judged = {name: [each[name] for each in results] for name in (VAE, AE)}
    return Finding(
        {"pairs": len(asked.first), **named("vae", median(judged[VAE]))},
        {**named("autoencoder", median(judged[AE])), **named("pixels", pixels)},
        checks(judged[VAE], pixels),
        sentence(median(judged[VAE]), median(judged[AE]), pixels, len(results)),
        (
            turned_strip(
                asked.first, {name: by_codes(run) for name, run in models[0].items()} | {PIXELS: by_pixels}
            ),
            turned_table(
                {VAE: median(judged[VAE]).turned, AE: median(judged[AE]).turned, PIXELS: pixels.turned}
            ),
            paths_strip(models[0], asked),
            sums_strip(models[0], asked),
        ),
    )


def questions(lab: Lab, n: int) -> Questions:
    """`n` pairs and triples of test images, drawn at random; thin are the third of a digit with least ink."""
    rng, images = np.random.default_rng(lab.seed), lab.digits.held_out.array
    labels = np.asarray(lab.digits.held_out.labels)
    thin = with_least_ink(images, labels)
    pairs, triples = [], []
    for _ in range(n):
        d, e = rng.choice(np.unique(labels), 2, replace=False)
        pairs.append([rng.choice(np.flatnonzero(labels == digit)) for digit in (d, e)])
        triples.append([rng.choice(np.flatnonzero(thin & (labels == digit))) for digit in (d, e)])
    first, second = np.array(pairs).T
    b, c = np.array(triples).T
    sums = thickened(images[b]), images[b], images[c], thickened(images[c])
    return Questions(images[first], images[second], *sums, labels[c])


def with_least_ink(images: Array, labels: Array) -> Array:
    """Which images belong to the third of their digit with the least ink, `(n,)`."""
    ink, thin = images.reshape(len(images), -1).mean(axis=1), np.zeros(len(images), dtype=bool)
    for digit in np.unique(labels):
        thin |= (labels == digit) & (ink <= np.quantile(ink[labels == digit], 1 / 3))
    return thin


def thickened(images: Array) -> Array:
    """Images `(n, height, width)`, each pixel the maximum of itself and its four neighbours."""
    from scipy.ndimage import generate_binary_structure, grey_dilation

    cross = generate_binary_structure(2, 1)[None]
    return np.asarray(grey_dilation(images, footprint=cross))


def in_codes(run: Run, asked: Questions) -> Answers:
    """The answers of a model, by the tasks of the package."""
    pairs = zip(asked.first, asked.second, strict=True)
    midway = [interpolate(run, np.stack(pair), alphas=[0.5])["linear"].values[0] for pair in pairs]
    triples = zip(asked.a, asked.b, asked.c, strict=True)
    sums = [arithmetic(run, np.stack([a, c]), b[None]).value[0] for a, b, c in triples]
    return Answers(flat(np.stack(midway)), flat(np.stack(sums)))


def in_pixels(asked: Questions) -> Answers:
    """The same sums of pixels, clipped to [0, 1]."""
    first, second, a, b, c = (flat(each) for each in asked[:5])
    return Answers((first + second) / 2, np.clip(a - b + c, 0, 1))


def detector(lab: Lab, made: Array) -> OverlayDetector:
    """What tells one digit from two, trained on images `made` from training images, or on these."""
    labels = np.asarray(images(lab).labels)[: len(made)]
    n = lab.pick(5000, 1500)
    return OverlayDetector(made[:n], labels[:n], lab.pick(3, 6), lab.seed)


def judge_run(lab: Lab, run: Run, asked: Questions, features: Features) -> Judged:
    """The quality of the answers of a model; its own reconstructions are the images of one digit."""
    made = flat(run.reconstruct(images(lab).array[: lab.pick(5000, 1500)]))
    return judge(in_codes(run, asked), by_codes(run), asked, features, detector(lab, made))


def judge(
    answers: Answers, halfway: Halfway, asked: Questions, features: Features, overlays: OverlayDetector
) -> Judged:
    kept = features.digits(answers.sums) == asked.digits
    return Judged(
        errors_halfway(asked.first, halfway),
        overlays.single(answers.midway),
        float(kept.mean()),
        mse(answers.sums, flat(asked.thick)),
    )


def checks(by_vae: Sequence[Judged], pixels: Judged) -> tuple[Check, ...]:
    """Halfway between a turned image and its opposite is the image, and a − b + c is the thick c."""
    turned = median_of([each.turned[JUDGED] / pixels.turned[JUDGED] for each in by_vae])
    kept = median_of([each.kept - pixels.kept for each in by_vae])
    error = median_of([each.error / pixels.error for each in by_vae])
    return (
        at_most(f"error halfway between images turned by ±{JUDGED}° / that of pixels", turned, 1, PIXELS),
        at_least("a − b + c classified as the digit of c, minus that of pixels", kept, 0, PIXELS),
        at_most("error of a − b + c against the thick c / that of pixels", error, 1, PIXELS),
    )


def median(judged: Sequence[Judged]) -> Judged:
    """The median over seeds."""
    turned = {angle: float(np.median([each.turned[angle] for each in judged])) for angle in ANGLES}
    return Judged(turned, *np.median([each[1:] for each in judged], axis=0).tolist())


def named(name: str, judged: Judged) -> dict[str, float]:
    """The values with names for the page."""
    return {
        **{f"{name}_error_halfway_turned_{angle}": error for angle, error in judged.turned.items()},
        f"{name}_one_digit_halfway": judged.single,
        f"{name}_sums_with_digit_of_c": judged.kept,
        f"{name}_sums_error_against_thick_c": judged.error,
    }


def sentence(by_vae: Judged, by_ae: Judged, pixels: Judged, seeds: int) -> str:
    return (
        f"Halfway between an image turned by {JUDGED}° to the left and the same turned to the right, the "
        f"VAE's image differs from the image itself by a mean squared error of "
        f"{number(by_vae.turned[JUDGED])} (AE {number(by_ae.turned[JUDGED])}, average of pixels "
        f"{number(pixels.turned[JUDGED])}).\nHalfway between two different digits there is no right answer; "
        f"{percent(by_vae.single)} of the VAE's images show one digit there, and the others two laid over "
        "each other, by a classifier trained on its reconstructions and on averages of two (AE "
        f"{percent(by_ae.single)}, average of pixels {percent(pixels.single)}).\n"
        "In a − b + c b and c are thin digits of two classes and a is b with thicker strokes: "
        f"{percent(by_vae.kept)} of the results are classified as the digit of c (AE "
        f"{percent(by_ae.kept)}, pixels {percent(pixels.kept)}), and their mean squared error against c "
        f"with thicker strokes is {number(by_vae.error)} (AE {number(by_ae.error)}, pixels "
        f"{number(pixels.error)}). {medians_over(seeds)}"
    )


def paths_strip(models: Mapping[str, Run], asked: Questions) -> Figure:
    """One path, through each latent space and through the pixels."""
    pair = np.stack([asked.first[0], asked.second[0]])
    rows = {name: interpolate(run, pair, ON_STRIP)["linear"].values / 255.0 for name, run in models.items()}
    share = np.linspace(0, 1, ON_STRIP)[:, None, None]
    rows["Pixels"] = ((1 - share) * pair[0] + share * pair[1]) / 255
    return strip(
        rows,
        "From one test image to another: z = (1 − α)·z₁ + α·z₂ in both latent spaces, and the same mixture "
        "of pixels. The code on the slides runs from the second image to the first.",
    )


def sums_strip(models: Mapping[str, Run], asked: Questions) -> Figure:
    """The first triples and their sums."""
    some = Questions(*(each[:ON_STRIP] for each in asked))
    shape = some.a.shape
    answers = {name: in_codes(run, some) for name, run in models.items()} | {"Pixels": in_pixels(some)}
    given = {"a": some.a / 255.0, "b": some.b / 255.0, "c": some.c / 255.0, "Thick c": some.thick / 255.0}
    sums = {f"a − b + c, {name}": each.sums.reshape(shape) for name, each in answers.items()}
    return strip(
        {**given, **sums},
        "Arithmetic with codes and with pixels: b and c are thin digits, and a is b, thickened.",
    )


U6 = Entry(
    "U6",
    "interpolation and latent arithmetic",
    "The latent space of a VAE is meaningful: it can be used for interpolation and arithmetic.",
    computes,
)
