"""Lecture Y: fully connected and convolutional autoencoders, their regularisation, and the VAE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from narrows.core.records import Batch
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.data.sources import InMemory
from narrows.report.figures import principal_plane
from narrows.reproduce.drawings import architecture, lines, scatters, strip
from narrows.reproduce.findings import Figure, Finding, at_least, at_most
from narrows.reproduce.lab import (
    Entry,
    Lab,
    count_weights,
    held_out_images,
    mean_image_cross_entropy,
    mean_image_error,
    mse,
    reconstruct_images,
)
from narrows.reproduce.pelz import SHOWN, codes, error_curve, reconstruction_strip
from narrows.reproduce.tables import number, table
from narrows.runs.inference import inference
from narrows.runs.run import Run
from narrows.training.history import Epoch


def dense(lab: Lab) -> Finding:
    run, x = lab.fit("y1", epochs=lab.pick(None, 30)), held_out_images(lab.digits)
    test_error, pca = mse(x, reconstruct_images(run, x)), lab.pca(lab.digits, 3)[1]
    threshold = lab.pick(0.0370, 0.9 * mean_image_error(lab.digits))
    source = lab.pick("the network of the slides run elsewhere, 0.0356", "90 % of the mean image's error")
    return Finding(
        {"test_mse": test_error},
        {"pca_mse": pca, "threshold": threshold},
        (at_most("test error per pixel", test_error, threshold, source),),
        f"With three latent dimensions the test error is {test_error:.4f} per pixel; PCA's is {pca:.4f}.",
        (
            architecture(run),
            reconstruction_strip(
                run, x, "Test images and their reconstructions from three latent dimensions."
            ),
            latent_space(lab, run, "y1"),
            error_curve(run),
        ),
    )


def latent_space(lab: Lab, run: Run, name: str) -> Figure:
    """The lecture's figure: codes of test images, with empty regions between them."""
    test = lab.digits.held_out
    assert test.labels is not None
    n = min(3000, len(test))
    plane, note = principal_plane(run.encode(test.array[:n]))
    return scatters({f"{name}, test images": (plane, test.labels[:n])}, note)


def pooled(lab: Lab) -> Finding:
    run, x = lab.fit("y2", epochs=lab.pick(None, 30)), held_out_images(lab.digits)
    test_error, pca = mse(x, reconstruct_images(run, x)), lab.pca(lab.digits, 32)[1]
    threshold = lab.pick(0.0300, 0.9 * mean_image_error(lab.digits))
    source = lab.pick("the network of the slides run elsewhere, 0.0296", "90 % of the mean image's error")
    return Finding(
        {"test_mse": test_error, "latent_dim": run.model.code_size},
        {"pca_mse": pca, "threshold": threshold},
        (at_most("test error per pixel", test_error, threshold, source),),
        "The code is the pooled feature map, 8×2×2 = 32 values. The test error of this network with "
        f"{count_weights(run):,} weights is {test_error:.4f}; PCA with 32 components reaches {pca:.4f}.",
        (
            architecture(run),
            reconstruction_strip(
                run, x, "Test images and their reconstructions from the pooled feature map."
            ),
            error_curve(run),
        ),
    )


def contractive(lab: Lab) -> Finding:
    epochs = lab.pick(None, 30)
    run = lab.fit("y3", epochs=epochs)
    plain = lab.fit("y3", epochs=epochs, overrides={"penalties": []})
    x = held_out_images(lab.digits)
    norm, plain_norm = (float(np.sqrt(jacobians(r, x[:500]).mean())) for r in (run, plain))
    error, plain_error = (mse(x, reconstruct_images(r, x)) for r in (run, plain))
    return Finding(
        {"jacobian_norm": norm, "test_mse": error},
        {"jacobian_norm_without": plain_norm, "mse_without": plain_error},
        (at_least("Jacobian norm without / with penalty", plain_norm / norm, lab.pick(3, 1.2), "set here"),),
        f"The penalty reduces the Jacobian norm of the encoder from {plain_norm:.2f} to {norm:.2f} (root "
        f"mean square over 500 test images), by a factor of {plain_norm / norm:.1f}. The test error is "
        f"{error:.4f} with the penalty and {plain_error:.4f} without. Part of the reduction is scale only: "
        "smaller codes with a decoder of larger weights carry the same information, which is why the "
        "original ties the weights.",
        (
            reconstruction_strip(run, x, "With the contractive penalty."),
            reconstruction_strip(plain, x, "The same network without the penalty."),
        ),
    )


def jacobians(run: Run, x: Array) -> Array:
    """‖∂E(x)/∂x‖²_F of each of the images `x (n, height, width)` in [0, 1], exact."""
    model = run.model.eval()

    def code(image: torch.Tensor) -> torch.Tensor:
        return model.encode(Batch(image[None]))[0]

    jacobian = torch.vmap(torch.func.jacrev(code))(torch.as_tensor(x)[:, None])
    return jacobian.detach().flatten(1).square().sum(dim=1).numpy()


RHO = 0.2
"""The target mean activation of Y4."""

SPARSE_FORMS: dict[str, Any] = {
    "none": [],
    "of each example (Y)": [{"name": "sparse-kl", "form": "example", "rho": RHO, "weight": 30.0}],
    "of each unit (Ng)": [{"name": "sparse-kl", "form": "unit", "rho": RHO, "weight": 0.3}],
}
"""The two forms of the sparsity penalty, and no penalty."""


def sparse(lab: Lab) -> Finding:
    x, epochs = held_out_images(lab.digits), lab.pick(None, 30)
    runs = {
        name: lab.fit("y4", epochs=epochs, overrides={"penalties": penalties})
        for name, penalties in SPARSE_FORMS.items()
    }
    means = {name: activations(lab, run) for name, run in runs.items()}
    errors = {name: mse(x, reconstruct_images(run, x)) for name, run in runs.items()}
    deviation = max(abs(mean / RHO - 1) for name, pair in means.items() if name != "none" for mean in pair)
    ratio = max(errors.values()) / errors["none"]
    return Finding(
        {
            f"{key} {name}": value
            for name in runs
            for key, value in (("mse", errors[name]), *zip(("hidden", "code"), means[name], strict=True))
        },
        {"rho": RHO},
        (
            at_most("largest |mean activation / ρ - 1|", deviation, 0.2, "set here"),
            at_most("largest test error / without penalty", ratio, 1.5, "set here"),
        ),
        "With either form of the penalty the mean activation of the hidden layer and of the code deviates "
        f"from ρ = {RHO} by at most {100 * deviation:.0f} %, and the test error is at most {ratio:.2f} times "
        "that without penalty. The lecture's form constrains the mean over the units of a layer for each "
        "example; the usual form constrains the mean over the examples for each unit.",
        (activation_table(means, errors),),
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


def variational(lab: Lab) -> Finding:
    samples: dict[str, Array] = {}
    z = np.random.default_rng(lab.seed).standard_normal((SHOWN, 20), dtype=np.float32)

    def decode_same_codes(run: Run, epoch: Epoch) -> None:
        if epoch.number in lab.pick((1, 2, 5, 10), (1, 5, 10, 20)):
            samples[f"Epoch {epoch.number}"] = run.decode(z) / 255

    run = lab.fit("y5", epochs=lab.pick(None, 20), watch=decode_same_codes)
    squared = lab.fit("y5-mse", epochs=lab.pick(None, 20))
    costs, squared_costs = (r.history[-1]["validation"] for r in (run, squared))
    threshold = lab.pick(106.5, 0.95 * mean_image_cross_entropy(lab.digits))
    source = lab.pick("the network of the slides run elsewhere, 105.6", "95 % of the mean image's")
    x = held_out_images(lab.digits)
    error, squared_error = (mse(x, reconstruct_images(r, x)) for r in (run, squared))
    return Finding(
        {
            "test_nats": costs["total"],
            "kl": costs["kl"],
            "kl_squared": squared_costs["kl"],
            "mse": error,
            "mse_squared": squared_error,
        },
        {"threshold": threshold},
        (at_most("negative ELBO in nats per image", costs["total"], threshold, source),),
        f"With cross-entropy the negative ELBO is {costs['total']:.1f} nats per test image. The slides name "
        "this loss BCE and comment it 'mse loss'. With squared error the KL term is "
        f"{squared_costs['kl']:.1f} nats instead of {costs['kl']:.1f}, because Σ(x - x̂)² is small compared "
        f"with it, and the test error is {squared_error:.4f} instead of {error:.4f}.",
        (
            strip(
                samples,
                "The lecture's figure: the same eight codes from N(0, I), decoded after several epochs.",
            ),
            latent_space(lab, run, "y5"),
            both_losses(x, run, squared),
        ),
    )


def both_losses(x: Array, run: Run, squared: Run) -> Figure:
    """Test images and their reconstructions by Y5 with either loss."""
    outputs = {
        name: reconstruct_images(r, x[:SHOWN]) for name, r in (("Cross-entropy", run), ("Squared", squared))
    }
    return strip(
        {"Original": x[:SHOWN], **outputs}, "Test images and reconstructions after training with each loss."
    )


PRETRAINED: Mapping[str, Any] = {"training": {"layerwise": 0.4}}
WHOLE: Mapping[str, Any] = {"training": {"layerwise": 0.0}}

DEEP_KINDS: dict[str, tuple[int, Mapping[str, Any]]] = {
    "30 dimensions, pretrained": (30, PRETRAINED),
    "30 dimensions, not pretrained": (30, WHOLE),
    "1000 dimensions (overcomplete), pretrained": (1000, PRETRAINED),
    "30 dimensions, tied weights, pretrained": (30, {**PRETRAINED, "decoder": {"tied": True}}),
}
"""Latent dimensions and overrides of Y6; pretrained means layer by layer."""


def layerwise(lab: Lab) -> Finding:
    x, epochs = held_out_images(lab.digits), lab.pick(None, 14)
    runs = {
        name: lab.fit("y6", latent_dim=latent_dim, overrides=overrides, epochs=epochs)
        for name, (latent_dim, overrides) in DEEP_KINDS.items()
    }
    errors = {name: mse(x, reconstruct_images(run, x)) for name, run in runs.items()}
    pretrained, whole, *_ = errors.values()
    return Finding(
        errors,
        {"pca_mse": lab.pca(lab.digits, 30)[1]},
        (at_most("test error with pretraining", pretrained, whole, "without pretraining"),),
        f"Four layers of sigmoid units, the same number of epochs: the test error is {pretrained:.4f} with "
        f"layer-wise pretraining and {whole:.4f} without. Claim K12 tests whether this is still needed.",
        (error_table("training", errors, "Under- and overcomplete codes."), curves_of_the_whole(runs)),
    )


def curves_of_the_whole(runs: Mapping[str, Run]) -> Figure:
    """The test error of the first two runs by epoch of joint training, aligned at the last epoch."""
    curves = {
        name: [epoch["validation"]["reconstruction"] for epoch in run.history if epoch["stage"] == "whole"]
        for name, run in list(runs.items())[:2]
    }
    longest = max(map(len, curves.values()))
    return lines(
        range(1, longest + 1),
        {name: [np.nan] * (longest - len(curve)) + curve for name, curve in curves.items()},
        "Test error while all layers are trained together.",
        across="epoch",
        up="squared error per image",
        log_y=True,
    )


def error_table(head: str, errors: Mapping[str, float], caption: str) -> Figure:
    return table((head, "test error"), ((name, number(error)) for name, error in errors.items()), caption)


def architectures(lab: Lab) -> Finding:
    data = lab.first(lab.digits, 10_000)
    shuffled = permuted(data, np.random.default_rng(0).permutation(784))
    errors = {
        f"{network}, pixels {order}": network_error(lab, network, images)
        for order, images in (("in order", data), ("shuffled", shuffled))
        for network in ("mlp", "conv")
    }
    in_order, after = (
        errors[f"mlp, pixels {o}"] / errors[f"conv, pixels {o}"] for o in ("in order", "shuffled")
    )
    return Finding(
        errors,
        {"pca_mse": lab.pca(data, 16)[1]},
        (at_least("MLP's error / CNN's, pixels in order", in_order, after, "the same with shuffled pixels"),),
        "A convolution uses which pixels are neighbours. With pixels in order the MLP's error is "
        f"{in_order:.2f} times the CNN's; with the pixels of all images shuffled in the same way it is "
        f"{after:.2f} times. Networks for sequences and graphs are not measured here.",
        (error_table("network", errors, "16 latent dimensions, the same images and epochs."),),
    )


def network_error(lab: Lab, network: str, data: Data) -> float:
    """The test error of an autoencoder with this kind of encoder."""
    overrides = {"encoder": {"name": network, "activation": "silu"}, "training": {"schedule": "one-cycle"}}
    run = lab.fit("autoencoder", data, latent_dim=16, epochs=lab.pick(8, 5), overrides=overrides)
    x = held_out_images(data)
    return mse(x, reconstruct_images(run, x))


def permuted(data: Data, order: Array) -> Data:
    """The same images with their pixels permuted by `order (values,)`."""

    def permute(values: Array) -> Array:
        return values.reshape(len(values), -1)[:, order].reshape(values.shape)

    test = replace(data.held_out, source=InMemory(permute(data.held_out.array)))
    return replace(data, source=InMemory(permute(data.array)), test=test, name=f"{data.name}-shuffled")


ENTRIES: tuple[Entry, ...] = (
    Entry("Y1", "fully connected autoencoder", "784-128-64-12-3 and back, tanh at the end; blurry?", dense),
    Entry(
        "Y2",
        "convolutional autoencoder with pooling",
        "Convolutions and pooling to 8×2×2; more details?",
        pooled,
    ),
    Entry(
        "Y3",
        "contractive autoencoder",
        "The code changes little when the input does: + λ·E‖∂E(x)/∂x‖²_F.",
        contractive,
    ),
    Entry(
        "Y4",
        "sparse autoencoder",
        "Compressing by deactivating units instead of an explicit bottleneck: + Σ w·KL(ρ ‖ ρ_k(x)).",
        sparse,
    ),
    Entry("Y5", "fully connected VAE", "784-400-20 and back: learn the distribution directly.", variational),
    Entry(
        "Y6",
        "under- and overcomplete codes, layer-wise pretraining",
        "Deep networks can be pretrained layer by layer.",
        layerwise,
    ),
    Entry(
        "Y7",
        "one architecture per kind of data",
        "A vector: multilayer perceptron; a field: convolutional network; a graph: graph network.",
        architectures,
    ),
)
