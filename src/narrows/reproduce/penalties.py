"""Penalties of lecture Y: a contractive code (Y3) and sparse layers (Y4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from narrows.core.records import Batch
from narrows.data.schema import Array
from narrows.reproduce.drawings import strip
from narrows.reproduce.findings import Figure, Finding, at_least, at_most, median_of
from narrows.reproduce.lab import Entry, Lab, held_out_images, mean_image_error
from narrows.reproduce.pelz import ERROR, SHOWN, codes, median_error, reconstruction_strip
from narrows.reproduce.tables import number, table
from narrows.runs.inference import inference
from narrows.runs.run import Run


def contractive(lab: Lab) -> Finding:
    runs = lab.fit_seeds("y3")
    plain = lab.fit_seeds("y3", overrides={"penalties": []})
    x = held_out_images(lab.digits)
    norms, plain_norms = ([jacobian_norm(run, x[:500]) for run in of] for of in (runs, plain))
    ratio = median_of([a / b for a, b in zip(plain_norms, norms, strict=True)])
    error, plain_error = median_error(runs, x).value, median_error(plain, x).value
    return Finding(
        {"jacobian_norm": norms[0], "test_mse": error},
        {"jacobian_norm_without": plain_norms[0], "mse_without": plain_error},
        (
            at_least(
                "Jacobian norm without / with penalty", ratio, lab.pick(3, 1.2), "a clear effect; none is 1"
            ),
            at_most(ERROR, error, 1.5 * plain_error, "1.5 times that without penalty"),
        ),
        f"The penalty reduces the Jacobian norm of the encoder from {plain_norms[0]:.2f} to {norms[0]:.2f} "
        f"(root mean square over 500 test images), by a factor of {ratio.value:.1f} in the median. The test "
        f"error is {error:.4f} with the penalty and {plain_error:.4f} without. Part of the reduction is "
        "scale only: smaller codes with a decoder of larger weights carry the same information, which is why "
        "the original ties the weights.",
        (
            reconstruction_strip(runs[0], x, "With the contractive penalty."),
            reconstruction_strip(plain[0], x, "The same network without the penalty."),
        ),
    )


def jacobian_norm(run: Run, x: Array) -> float:
    """The root mean square over images `x` of ‖∂E(x)/∂x‖_F."""
    return float(np.sqrt(jacobians(run, x).mean()))


def jacobians(run: Run, x: Array) -> Array:
    """‖∂E(x)/∂x‖²_F of each of the images `x (n, height, width)` in [0, 1], exact."""
    model = run.model.eval()

    def code(image: torch.Tensor) -> torch.Tensor:
        return model.encode(Batch(image[None]))[0]

    jacobian = torch.vmap(torch.func.jacrev(code))(torch.as_tensor(x)[:, None])
    return jacobian.detach().flatten(1).square().sum(dim=1).numpy()


RHO = 0.2
"""The target mean activation of Y4."""

HALF = "half that of the mean image: the code tells images apart"

SPARSE_FORMS: dict[str, Any] = {
    "none": [],
    "of each example (Y)": [{"name": "sparse-kl", "form": "example", "rho": RHO, "weight": 30.0}],
    "of each unit (Ng)": [{"name": "sparse-kl", "form": "unit", "rho": RHO, "weight": 0.3}],
}
"""The two forms of the sparsity penalty, and no penalty."""


def sparse(lab: Lab) -> Finding:
    x = held_out_images(lab.digits)
    trained = {
        name: lab.fit_seeds("y4", overrides={"penalties": penalties})
        for name, penalties in SPARSE_FORMS.items()
    }
    runs = {name: of[0] for name, of in trained.items()}
    means = {name: activations(lab, run) for name, run in runs.items()}
    errors = {name: median_error(of, x) for name, of in trained.items()}
    deviations = {name: median_of([off_target(lab, run) for run in of]) for name, of in trained.items()}
    mean = mean_image_error(lab.digits)
    plain, largest = errors["none"].value, max(d.value for n, d in deviations.items() if n != "none")
    ratio = max(error.value for error in errors.values()) / plain
    return Finding(
        {
            f"{key} {name}": value
            for name in runs
            for key, value in (
                ("mse", errors[name].value),
                *zip(("hidden", "code"), means[name], strict=True),
            )
        },
        {"rho": RHO, "mean_image_mse": mean},
        tuple(
            check
            for name in runs
            if name != "none"
            for check in (
                at_most(f"|mean activation / ρ − 1|, {name}", deviations[name], 0.2, f"ρ = {RHO}, to 20 %"),
                at_most(f"{ERROR}, {name}", errors[name], 1.5 * plain, "1.5 times that without penalty"),
                at_most(f"{ERROR}, {name}", errors[name], 0.5 * mean, HALF),
            )
        ),
        "With either form of the penalty the mean activation of the hidden layer and of the code deviates "
        f"from ρ = {RHO} by at most {100 * largest:.0f} %, and the test error is at most {ratio:.2f} times "
        "that without penalty. The lecture's form constrains the mean over the units of a layer for each "
        "example; the usual form constrains the mean over the examples for each unit.",
        (activation_table(means, {name: error.value for name, error in errors.items()}), activity(lab, runs)),
    )


def off_target(lab: Lab, run: Run) -> float:
    """The larger relative deviation of the mean activations of the two layers from ρ."""
    return max(abs(mean / RHO - 1) for mean in activations(lab, run))


def activity(lab: Lab, runs: Mapping[str, Run]) -> Figure:
    """The codes of eight test images under each penalty, as images of 10×10 units."""
    codes_of = {name: codes(lab, run)[:SHOWN].reshape(-1, 10, 10) for name, run in runs.items()}
    return strip(
        {"Test images": held_out_images(lab.digits)[:SHOWN], **codes_of},
        "Eight test images, and the activations of the 100 units of their codes (white: 1).",
    )


def activations(lab: Lab, run: Run) -> tuple[float, float]:
    """The mean of the hidden layer and of the code over the test images."""
    x = torch.as_tensor(held_out_images(lab.digits))[:, None]
    with inference(run.model):
        hidden = run.model.encoder(x, {}).hidden[0]
    return float(hidden.mean()), float(codes(lab, run).mean())


def activation_table(means: Mapping[str, tuple[float, float]], errors: Mapping[str, float]) -> Figure:
    return table(
        ("penalty", "mean of the hidden layer", "mean of the code", "test error"),
        ((name, *(number(mean) for mean in means[name]), number(errors[name])) for name in means),
        "Mean activations on the test images under the two forms of the penalty, and without it.",
    )


Y3 = Entry(
    "Y3",
    "contractive autoencoder",
    "A penalty on the Jacobian of the encoder makes the code change little when the input does.",
    contractive,
)

Y4 = Entry(
    "Y4",
    "sparse autoencoder",
    "Compressing by deactivating units instead of an explicit bottleneck, with a KL penalty on their mean "
    "activation.",
    sparse,
)
