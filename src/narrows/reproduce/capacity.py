"""Too much and too little of a network, of its code and of its layers (decks P, Y and S)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from narrows.data.examples import Data
from narrows.reproduce.depth import FEW_UNITS, K11, K12, few_rows, memorised
from narrows.reproduce.detail import K9
from narrows.reproduce.drawings import lines, strip
from narrows.reproduce.lab import Entry, Figure, Finding, Lab
from narrows.reproduce.tables import number, table
from narrows.reproduce.trials import mlp, reconstruct_bytes, reconstruction_error, subset
from narrows.runs.run import Run

CODE = 16
UNITS = 256
"""In each hidden layer."""

OVER = 1.5
"""A test error over this many times the training error is overfitting; a training error over this many
times that of a network which suits is underfitting."""

STILL = 0.01
"""A number of the code whose variance over the data is less is inactive (Burda et al. 2016)."""

STRONG = 20.0
"""A weight of the KL term under which a code collapses."""

SHOWN = 10


class Case(NamedTuple):
    """A network, its errors on training and test images, and the training error of one that suits."""

    name: str
    learned: float
    judged: float
    suited: float

    @property
    def diagnosis(self) -> str:
        """What ails it, if anything.

        >>> Case("", 0.01, 0.03, 0.02).diagnosis, Case("", 0.04, 0.04, 0.02).diagnosis
        ('overfitting', 'underfitting')
        """
        if self.learned > OVER * self.suited:
            return "underfitting"
        return "overfitting" if self.judged > OVER * self.learned else "neither"


def some_digits(lab: Lab) -> Data:
    """The images of the curves."""
    return subset(lab.digits, 8000)


def autoencoder(lab: Lab, size: int, widths: Sequence[int], **changes: Any) -> Run:
    """A plain autoencoder with layers of `widths` and `size` numbers in its code."""
    overrides = {**mlp(widths), **changes}
    return lab.fit(
        "autoencoder", some_digits(lab), latent_dim=size, overrides=overrides, epochs=lab.pick(12, 12)
    )


def by_code_size(lab: Lab) -> dict[int, Run]:
    """Two hidden layers each way, and codes from 2 numbers to 32."""
    return {size: autoencoder(lab, size, [UNITS] * 2) for size in lab.pick((2, 4, 8, 16, 32), (2, 4, 16))}


def by_depth(lab: Lab) -> dict[int, Run]:
    """The same code, with no hidden layer and up to four each way."""
    return {n: autoencoder(lab, CODE, [UNITS] * n) for n in lab.pick((0, 1, 2, 3, 4), (0, 2))}


def common_issues(lab: Lab) -> Finding:
    """Networks with too much and too little of something, and what shows it."""
    data = some_digits(lab)
    sizes, depths = by_code_size(lab), by_depth(lab)
    cases, collapse = diagnosed(lab), inactive(lab)
    curve = {size: reconstruction_error(run, data.held_out) for size, run in sizes.items()}
    layers = {depth: reconstruction_error(run, data.held_out) for depth, run in depths.items()}
    pca = {size: lab.pca(data, size)[1] for size in sizes}
    how = f"after {len(sizes[CODE].history)} epochs with {len(data):,} images"
    best = min(layers, key=layers.__getitem__)
    crossentropy = reconstruction_error(
        autoencoder(lab, CODE, [UNITS] * 2, loss={"name": "bernoulli"}), data.held_out
    )
    measured = {
        "rows": len(data),
        "diagnoses": {case.name: {**case._asdict(), "diagnosis": case.diagnosis} for case in cases},
        "inactive_of_20": collapse,
        "test_error_by_code_size": {str(k): v for k, v in curve.items()},
        "test_error_by_depth": {str(k): v for k, v in layers.items()},
        "test_error_with_cross_entropy": crossentropy,
    }
    named = [case.diagnosis for case in cases[:3]] == ["neither", "overfitting", "underfitting"]
    collapsed = collapse["1"] < 10 < collapse[f"{STRONG:g}"]
    falls = all(a > b for a, b in pairwise(curve.values()))
    small, *_, large = curve
    return Finding(
        measured,
        {"pca_test_error_by_code_size": {str(k): v for k, v in pca.items()}},
        named and collapsed and falls,
        f"{' '.join(told(case) for case in cases)} {told_of_collapse(collapse)} Compression costs quality: "
        f"the test error falls from {number(curve[small])} with {small} numbers to {number(curve[large])} "
        f"with {large} (PCA: {number(pca[small])} and {number(pca[large])}). Of "
        f"{', '.join(map(str, layers))} hidden layers each way, {best} did best with {CODE} numbers "
        f"({number(layers[best])}). Trained with cross-entropy, two hidden layers come to a squared error of "
        f"{number(crossentropy)} instead of {number(curve[CODE])}.",
        (diagnoses(cases), *curves(curve, pca, layers, how), codes(sizes, data), collapsing(lab)),
    )


def diagnosed(lab: Lab) -> list[Case]:
    """A network that suits the data, one too large for few images, one too small, and a remedy."""
    data, few = some_digits(lab), few_rows(lab)
    runs = {
        f"{UNITS} units, {len(data):,} images": (autoencoder(lab, CODE, [UNITS] * 2), data),
        f"{FEW_UNITS} units, {len(few)} images": (memorised(lab, 1), few),
        f"8 units, {len(data):,} images": (autoencoder(lab, CODE, [8]), data),
        f"{FEW_UNITS} units, {len(few)} images with noise": (memorised(lab, 1, "denoising"), few),
    }
    errors = {
        name: (reconstruction_error(run, of), reconstruction_error(run, of.held_out))
        for name, (run, of) in runs.items()
    }
    suited, *_ = errors.values()
    return [Case(name, *both, suited[0]) for name, both in errors.items()]


def told(case: Case) -> str:
    """A case in words."""
    return (
        f"{case.name}: {case.diagnosis} (training error {number(case.learned)}, test {number(case.judged)})."
    )


def told_of_collapse(inactive: dict[str, int]) -> str:
    """The VAEs in words."""
    strong = f"{STRONG:g}"
    return (
        f"Of the 20 numbers in a VAE's code {inactive[strong]} are inactive where its KL term weighs "
        f"{strong}, {inactive['1']} where it weighs 1."
    )


def vae(lab: Lab, beta: float) -> Run:
    overrides = {"bottleneck": {"beta": beta}}
    return lab.fit("y5", some_digits(lab), overrides=overrides, epochs=lab.pick(10, 8))


def inactive(lab: Lab) -> dict[str, int]:
    """How many of 20 numbers in a VAE's code do not vary, by the weight of its KL term."""
    test = some_digits(lab).held_out.array
    found = {beta: vae(lab, beta).encode(test).var(0) for beta in (1.0, STRONG)}
    return {f"{beta:g}": int((variances < STILL).sum()) for beta, variances in found.items()}


def diagnoses(cases: Sequence[Case]) -> Figure:
    return table(
        ("hidden layers and data", "training error", "test error", "test / training", "diagnosis"),
        (
            (c.name, number(c.learned), number(c.judged), number(c.judged / c.learned), c.diagnosis)
            for c in cases
        ),
        f"{CODE} numbers in each code. Overfitting: the test error is over {OVER} times the training error. "
        f"Underfitting: the training error is over {OVER} times that of the first network, which suits the "
        "data. The noise on the input is a regularisation.",
    )


def curves(
    curve: dict[int, float], pca: dict[int, float], layers: dict[int, float], how: str
) -> tuple[Figure, Figure]:
    """The test error against the size of the code and against the number of hidden layers."""
    return (
        lines(
            list(curve),
            {"autoencoder": [*curve.values()], "PCA": [*pca.values()]},
            "Quality against compression: the test error of an autoencoder with two hidden layers each way, "
            f"{how}, and of PCA, against the numbers in the code.",
            across="numbers in the code",
            up="mean squared error",
            log_x=True,
            log_y=True,
        ),
        lines(
            list(layers),
            {"autoencoder": [*layers.values()], "PCA": [pca[CODE]] * len(layers)},
            f"The test error against depth, with {CODE} numbers in the code, {how}. With no hidden layer it "
            "is a linear code whose output is squashed to pixels.",
            across="hidden layers each way",
            up="mean squared error",
        ),
    )


def codes(sizes: dict[int, Run], data: Data) -> Figure:
    """What codes of each size keep."""
    some = data.held_out.array[:SHOWN]
    rows = {f"{size} numbers": reconstruct_bytes(run, some) for size, run in sizes.items()}
    return strip(
        {"Original": some / 255, **rows}, "Test images, and what is left of them in codes of each size."
    )


def collapsing(lab: Lab) -> Figure:
    some = some_digits(lab).held_out.array[:SHOWN]
    rows = {f"VAE, β = {beta:g}": reconstruct_bytes(vae(lab, beta), some) for beta in (1.0, STRONG)}
    caption = "Collapse: where the KL term weighs too much the code says little, and digits become alike."
    return strip({"Original": some / 255, **rows}, caption)


K5 = Entry(
    "K5",
    "common issues of autoencoders",
    "Consider the latent space's dimension, depth, loss and regularisation; common issues are overfitting, "
    "underfitting, mode collapse (in VAEs) and quality against compression.",
    common_issues,
)

ENTRIES: tuple[Entry, ...] = (K5, K9, K11, K12)
