"""Overfitting, underfitting, collapse, and quality against compression (K5)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from narrows.data.examples import Data
from narrows.reproduce.collapse import collapse
from narrows.reproduce.depth import K12
from narrows.reproduce.detail import K9
from narrows.reproduce.drawings import lines, strip
from narrows.reproduce.few_images import K11, few_images, fit_few
from narrows.reproduce.few_images import UNITS as FEW_UNITS
from narrows.reproduce.findings import Check, Figure, Finding, at_least, at_most
from narrows.reproduce.lab import Entry, Lab
from narrows.reproduce.tables import number, table
from narrows.reproduce.trials import mlp, reconstruct_bytes, reconstruction_error, subset
from narrows.runs.run import Run

CODE = 16
"""Latent dimensions, where they are not varied."""

UNITS = 256
"""In each hidden layer."""

RATIO = 1.5
"""Overfitting: the test error is more than this many times the training error. Underfitting: the training
error is more than this many times that of a network which suits the data."""

SHOWN = 10


class Case(NamedTuple):
    """A network and its errors.

    Attributes:
        name: the network and its data.
        training_error: mean squared error on the training images.
        test_error: mean squared error on the test images.
        reference: the training error of a network that suits the data.
    """

    name: str
    training_error: float
    test_error: float
    reference: float

    @property
    def diagnosis(self) -> str:
        """Overfitting, underfitting or neither.

        >>> Case("", 0.01, 0.03, 0.02).diagnosis, Case("", 0.04, 0.04, 0.02).diagnosis
        ('overfitting', 'underfitting')
        """
        if self.training_error > RATIO * self.reference:
            return "underfitting"
        return (
            "overfitting"
            if self.test_error > RATIO * self.training_error
            else "neither over- nor underfitting"
        )


class Errors(NamedTuple):
    """Mean squared test errors.

    Attributes:
        by_size: by latent dimensions.
        pca: of PCA, by components.
        by_depth: by hidden layers in encoder and decoder each.
        cross_entropy: of a network trained with cross-entropy.
    """

    by_size: dict[int, float]
    pca: dict[int, float]
    by_depth: dict[int, float]
    cross_entropy: float


def some_digits(lab: Lab) -> Data:
    """The images of these experiments."""
    return subset(lab.digits, lab.pick(8000, 1500), lab.pick(2000, 500))


def autoencoder(lab: Lab, latent_dim: int, widths: Sequence[int], **changes: Any) -> Run:
    """A plain autoencoder with hidden layers of `widths` in encoder and decoder each."""
    overrides = {**mlp(widths), **changes}
    return lab.fit("autoencoder", some_digits(lab), latent_dim=latent_dim, overrides=overrides, epochs=12)


def by_code_size(lab: Lab) -> dict[int, Run]:
    """Autoencoders with 2 to 32 latent dimensions and two hidden layers in encoder and decoder each."""
    return {size: autoencoder(lab, size, [UNITS] * 2) for size in lab.pick((2, 4, 8, 16, 32), (2, 16))}


def by_depth(lab: Lab) -> dict[int, Run]:
    """Autoencoders with 0 to 4 hidden layers in encoder and decoder each."""
    return {n: autoencoder(lab, CODE, [UNITS] * n) for n in lab.pick((0, 1, 2, 3, 4), (0, 2))}


def common_issues(lab: Lab) -> Finding:
    """Networks that are too large, too small or too regularised, and what shows it."""
    data = some_digits(lab)
    cases, collapses, errors = diagnose(lab), collapse(lab, data), measure(lab, data)
    growth = max(b / a for a, b in pairwise(errors.by_size.values()))
    return Finding(
        {
            "rows": len(data),
            "diagnoses": {case.name: case.diagnosis for case in cases},
            **collapses.named(),
            "test_error_by_latent_dim": {str(k): v for k, v in errors.by_size.items()},
            "test_error_by_depth": {str(k): v for k, v in errors.by_depth.items()},
            "test_error_with_cross_entropy": errors.cross_entropy,
        },
        {"pca_test_error_by_latent_dim": {str(k): v for k, v in errors.pca.items()}},
        (
            *case_checks(cases),
            *collapses.checks(),
            at_most("largest error / that of the next smaller code", growth, 1, "the next smaller code"),
        ),
        "\n".join((*map(case_sentence, cases), *collapses.sentences(), *error_sentences(errors))),
        (
            case_table(cases),
            *error_plots(errors, f"{len(by_code_size(lab)[CODE].history)} epochs on {len(data):,} images"),
            sizes_strip(lab, data),
            *collapses.figures,
        ),
    )


def case_checks(cases: Sequence[Case]) -> tuple[Check, ...]:
    """The first network suits the data, the second overfits, and the third underfits."""
    suited, large, small = cases[:3]
    ratio, source = "test / training error", "half as much again, as defined below"
    return (
        at_most(f"{ratio}, {suited.name}", suited.test_error / suited.training_error, RATIO, source),
        at_least(f"{ratio}, {large.name}", large.test_error / large.training_error, RATIO, source),
        at_least(
            f"training error / the first's, {small.name}",
            small.training_error / small.reference,
            RATIO,
            source,
        ),
    )


def measure(lab: Lab, data: Data) -> Errors:
    sizes, depths = by_code_size(lab), by_depth(lab)
    entropy = autoencoder(lab, CODE, [UNITS] * 2, loss={"name": "bernoulli"})
    return Errors(
        {size: reconstruction_error(run, data.held_out) for size, run in sizes.items()},
        {size: lab.pca(data, size)[1] for size in sizes},
        {depth: reconstruction_error(run, data.held_out) for depth, run in depths.items()},
        reconstruction_error(entropy, data.held_out),
    )


def diagnose(lab: Lab) -> list[Case]:
    """A network that suits the data, one too large for few images, one too small, and one with noise."""
    data, few = some_digits(lab), few_images(lab)
    runs = {
        f"{UNITS} units, {len(data):,} images": (autoencoder(lab, CODE, [UNITS] * 2), data),
        f"{FEW_UNITS} units, {len(few)} images": (fit_few(lab, 1), few),
        f"8 units, {len(data):,} images": (autoencoder(lab, CODE, [8]), data),
        f"{FEW_UNITS} units, {len(few)} images with noise": (fit_few(lab, 1, "denoising"), few),
    }
    errors = {
        name: (reconstruction_error(run, rows), reconstruction_error(run, rows.held_out))
        for name, (run, rows) in runs.items()
    }
    suited, *_ = errors.values()
    return [Case(name, *pair, suited[0]) for name, pair in errors.items()]


def case_sentence(case: Case) -> str:
    return (
        f"{case.name}: {case.diagnosis} (training error {number(case.training_error)}, test error "
        f"{number(case.test_error)})."
    )


def error_sentences(errors: Errors) -> tuple[str, str, str]:
    small, *_, large = errors.by_size
    best = min(errors.by_depth, key=errors.by_depth.__getitem__)
    return (
        f"The test error is {number(errors.by_size[small])} with {small} latent dimensions and "
        f"{number(errors.by_size[large])} with {large} (PCA: {number(errors.pca[small])} and "
        f"{number(errors.pca[large])}).",
        f"Among networks with {', '.join(map(str, errors.by_depth))} hidden "
        f"layers in encoder and decoder each and {CODE} latent dimensions, the one with {best} has the "
        f"smallest test error ({number(errors.by_depth[best])}).",
        "Two hidden layers trained with "
        f"cross-entropy have a squared error of {number(errors.cross_entropy)}, trained with squared error "
        f"{number(errors.by_size[CODE])}.",
    )


def case_table(cases: Sequence[Case]) -> Figure:
    return table(
        ("hidden layers and data", "training error", "test error", "test / training", "diagnosis"),
        (
            (
                case.name,
                number(case.training_error),
                number(case.test_error),
                number(case.test_error / case.training_error),
                case.diagnosis,
            )
            for case in cases
        ),
        f"All with {CODE} latent dimensions. Overfitting: the test error is more than {RATIO} times the "
        f"training error. Underfitting: the training error is more than {RATIO} times that of the first "
        "network, which suits the data. Noise on the input is a regularisation.",
    )


def error_plots(errors: Errors, training: str) -> tuple[Figure, Figure]:
    """The test error by latent dimensions and by hidden layers."""
    return (
        lines(
            list(errors.by_size),
            {"autoencoder": [*errors.by_size.values()], "PCA": [*errors.pca.values()]},
            "Quality against compression: the test error by latent dimensions, of PCA and of an autoencoder "
            f"with two hidden layers in encoder and decoder each, after {training}.",
            across="latent dimensions",
            up="mean squared error",
            log_x=True,
            log_y=True,
        ),
        lines(
            list(errors.by_depth),
            {"autoencoder": [*errors.by_depth.values()], "PCA": [errors.pca[CODE]] * len(errors.by_depth)},
            f"The test error by depth with {CODE} latent dimensions, after {training}. Without a hidden "
            "layer the encoder is linear, and the decoder is linear followed by a sigmoid.",
            across="hidden layers in encoder and decoder each",
            up="mean squared error",
        ),
    )


def sizes_strip(lab: Lab, data: Data) -> Figure:
    images = data.held_out.array[:SHOWN]
    rows = {f"{size} dimensions": reconstruct_bytes(run, images) for size, run in by_code_size(lab).items()}
    return strip(
        {"Original": images / 255, **rows}, "Test images and their reconstructions, by latent dimensions."
    )


K5 = Entry(
    "K5",
    "common issues of autoencoders",
    "Consider the latent space's dimension, depth, loss and regularisation; common issues are overfitting, "
    "underfitting, mode collapse (in VAEs) and quality against compression.",
    common_issues,
)

ENTRIES: tuple[Entry, ...] = (K5, K9, K11, K12)
