"""Deck Y: fully connected and convolutional autoencoders, their regularisations, the VAE."""

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
from narrows.reproduce.lab import (
    Entry,
    Figure,
    Finding,
    Lab,
    held_out_images,
    mean_image_cross_entropy,
    mean_image_error,
    mse,
    reconstruct_images,
)
from narrows.reproduce.pelz import SHOWN, codes, epochs_of, originals
from narrows.reproduce.tables import number, table
from narrows.runs.inference import inference
from narrows.runs.run import Run
from narrows.training.history import Epoch


def dense(lab: Lab) -> Finding:
    run, x = lab.fit("y1", epochs=lab.pick(None, 30)), held_out_images(lab.digits)
    found, pca = mse(x, reconstruct_images(run, x)), lab.pca(lab.digits, 3)[1]
    limit = lab.pick(0.0370, 0.9 * mean_image_error(lab.digits))
    return Finding(
        {"test_mse": found},
        {"pca_mse": pca, "wanted": limit},
        found <= limit,
        f"Three numbers: test error {found:.4f} per pixel, PCA's {pca:.4f}.",
        (
            architecture(run),
            originals(run, x, "What three numbers keep of a digit."),
            latent_space(lab, run, "y1"),
            epochs_of(run),
        ),
    )


def latent_space(lab: Lab, run: Run, name: str) -> Figure:
    """The deck's picture: the codes of test images, and the empty space between them."""
    test = lab.digits.held_out
    assert test.labels is not None
    n = min(3000, len(test))
    plane, note = principal_plane(run.encode(test.array[:n]))
    return scatters({f"{name}, test images": (plane, test.labels[:n])}, note)


def pooled(lab: Lab) -> Finding:
    run, x = lab.fit("y2", epochs=lab.pick(None, 30)), held_out_images(lab.digits)
    found, pca = mse(x, reconstruct_images(run, x)), lab.pca(lab.digits, 32)[1]
    limit = lab.pick(0.0300, 0.9 * mean_image_error(lab.digits))
    return Finding(
        {"test_mse": found, "code": run.model.code_size},
        {"pca_mse": pca, "wanted": limit},
        found <= limit,
        f"The code is the pooled map, 8×2×2 = 32 numbers: test error {found:.4f}. PCA with 32 numbers comes "
        "to "
        f"{pca:.4f}, so this network of 5,729 weights is well behind it.",
        (architecture(run), originals(run, x, "What the pooled map keeps of a digit."), epochs_of(run)),
    )


def contractive(lab: Lab) -> Finding:
    epochs = lab.pick(None, 30)
    run = lab.fit("y3", epochs=epochs)
    plain = lab.fit("y3", epochs=epochs, overrides={"penalties": []})
    x = held_out_images(lab.digits)
    ours, before = (float(np.sqrt(jacobians(r, x[:500]).mean())) for r in (run, plain))
    error, without = mse(x, reconstruct_images(run, x)), mse(x, reconstruct_images(plain, x))
    return Finding(
        {"jacobian_norm": ours, "test_mse": error},
        {"jacobian_norm_without": before, "mse_without": without},
        before >= lab.pick(3, 1.2) * ours,
        f"The norm of the code's derivative falls from {before:.2f} to {ours:.2f} (root mean square over 500 "
        "test "
        f"images), {before / ours:.1f} times; the error is {error:.4f}, without the penalty {without:.4f}. "
        "Part of "
        "the fall is scale: a smaller code with a larger decoder says the same, which is why the original "
        "ties "
        f"their weights.",
        (
            originals(run, x, "With the contractive penalty."),
            originals(plain, x, "The same network without it."),
        ),
    )


def jacobians(run: Run, x: Array) -> Array:
    """‖∂E(x)/∂x‖²_F of each of the images `x (n, height, width)` in [0, 1], exactly."""
    model = run.model.eval()

    def code(image: torch.Tensor) -> torch.Tensor:
        return model.encode(Batch(image[None]))[0]

    found = torch.vmap(torch.func.jacrev(code))(torch.as_tensor(x)[:, None])
    return found.detach().flatten(1).square().sum(dim=1).numpy()


RHO = 0.2
"""The mean activation that Y4 is to have."""


def sparse(lab: Lab) -> Finding:
    epochs = lab.pick(None, 30)
    forms: dict[str, Any] = {
        "none": [],
        "of each example (Y)": [{"name": "sparse-kl", "form": "example", "rho": RHO, "weight": 30.0}],
        "of each unit (Ng)": [{"name": "sparse-kl", "form": "unit", "rho": RHO, "weight": 0.3}],
    }
    x = held_out_images(lab.digits)
    rows, found = [], {}
    for name, penalties in forms.items():
        run = lab.fit("y4", epochs=epochs, overrides={"penalties": penalties})
        means, error = activations(lab, run), mse(x, reconstruct_images(run, x))
        rows.append([name, *(number(mean) for mean in means), number(error)])
        found[name] = (means, error)
    plain = found["none"][1]
    ratios = [abs(m / RHO - 1) for name, (means, _) in found.items() if name != "none" for m in means]
    worst = max(error for _, error in found.values()) / plain
    return Finding(
        {
            f"{key} {name}": value
            for name, (means, error) in found.items()
            for key, value in (("mse", error), *zip(("hidden", "code"), means, strict=True))
        },
        {"rho": RHO},
        max(ratios) <= 0.2 and worst <= 1.5,
        f"Both forms bring the mean activation of the hidden layer and of the code near ρ = {RHO} (furthest "
        "off: "
        f"{100 * max(ratios):.0f} %), at up to {worst:.2f} times the error without. The deck's form asks it "
        "of "
        f"every example over a layer's units, the usual one of every unit over the examples.",
        (
            table(
                ["penalty", "mean of the hidden layer", "mean of the code", "test error"],
                rows,
                "The two forms.",
            ),
        ),
    )


def activations(lab: Lab, run: Run) -> tuple[float, float]:
    """The mean of the hidden layer and of the code over the test images."""
    x = torch.as_tensor(held_out_images(lab.digits))[:, None]
    with inference(run.model):
        hidden = run.model.encoder(x, {}).hidden[0]
    return float(hidden.mean()), float(codes(lab, run).mean())


def variational(lab: Lab) -> Finding:
    drawn: dict[str, Array] = {}
    z = np.random.default_rng(lab.seed).standard_normal((SHOWN, 20), dtype=np.float32)

    def look(run: Run, epoch: Epoch) -> None:
        if epoch.number in lab.pick((1, 2, 5, 10), (1, 5, 10, 20)):
            drawn[f"Epoch {epoch.number}"] = run.decode(z) / 255

    run = lab.fit("y5", epochs=lab.pick(None, 20), watch=look)
    squared = lab.fit("y5-mse", epochs=lab.pick(None, 20))
    last, other = (r.history[-1]["validation"] for r in (run, squared))
    limit = lab.pick(106.5, 0.95 * mean_image_cross_entropy(lab.digits))
    x = held_out_images(lab.digits)
    return Finding(
        {
            "test_nats": last["total"],
            "kl": last["kl"],
            "kl_squared": other["kl"],
            "mse": mse(x, reconstruct_images(run, x)),
            "mse_squared": mse(x, reconstruct_images(squared, x)),
        },
        {"wanted": limit},
        last["total"] <= limit,
        f"With cross-entropy the bound is {last['total']:.1f} nats on the test images. The deck's line is "
        "called "
        f"BCE and commented 'mse loss': with squared error the code carries {other['kl']:.1f} nats instead "
        "of "
        f"{last['kl']:.1f}, because Σ(x - x̂)² is small beside it, and the error is "
        f"{mse(x, reconstruct_images(squared, x)):.4f} "
        f"instead of {mse(x, reconstruct_images(run, x)):.4f}.",
        (
            strip(
                drawn,
                "The deck's figure: the same eight codes from N(0, I) decoded after more and more epochs.",
            ),
            latent_space(lab, run, "y5"),
            strip(
                {
                    "Original": x[:SHOWN],
                    "Cross-entropy": reconstruct_images(run, x[:SHOWN]),
                    "Squared": reconstruct_images(squared, x[:SHOWN]),
                },
                "Test images through either.",
            ),
        ),
    )


def layerwise(lab: Lab) -> Finding:
    epochs = lab.pick(None, 14)
    pre: Mapping[str, Any] = {"training": {"layerwise": 0.4}}
    whole: Mapping[str, Any] = {"training": {"layerwise": 0.0}}
    kinds = {
        "30 numbers, layer by layer first": (30, pre),
        "30 numbers, all at once": (30, whole),
        "1000 numbers (overcomplete), layer by layer first": (1000, pre),
        "30 numbers, tied weights, layer by layer first": (30, {**pre, "decoder": {"tied": True}}),
    }
    x = held_out_images(lab.digits)
    runs = {name: lab.fit("y6", latent_dim=d, overrides=o, epochs=epochs) for name, (d, o) in kinds.items()}
    errors = {name: mse(x, reconstruct_images(run, x)) for name, run in runs.items()}
    with_it, without = errors["30 numbers, layer by layer first"], errors["30 numbers, all at once"]
    curves = {
        name: [
            epoch["validation"]["reconstruction"] for epoch in runs[name].history if epoch["stage"] == "whole"
        ]
        for name in list(kinds)[:2]
    }
    longest = max(map(len, curves.values()))
    padded = {name: [np.nan] * (longest - len(curve)) + curve for name, curve in curves.items()}
    return Finding(
        errors,
        {"pca_mse": lab.pca(lab.digits, 30)[1]},
        with_it < without,
        f"Four layers of sigmoids, the same number of epochs: {with_it:.4f} with layers trained one by one "
        "first, "
        f"{without:.4f} all at once. Whether that is still needed is claim K12.",
        (
            table(
                ["training", "test error"],
                [[name, number(error)] for name, error in errors.items()],
                "Under- and overcomplete codes.",
            ),
            lines(
                range(1, longest + 1),
                padded,
                "Test error while the whole is trained.",
                across="epoch",
                up="squared error per image",
                log_y=True,
            ),
        ),
    )


def architectures(lab: Lab) -> Finding:
    data = lab.first(lab.digits, 10_000)
    order = np.random.default_rng(0).permutation(784)
    mixed = permuted(data, order)
    found = {}
    for place, part in (("in order", data), ("shuffled", mixed)):
        for network in ("mlp", "conv"):
            changes = {
                "encoder": {"name": network, "activation": "silu"},
                "training": {"schedule": "one-cycle"},
            }
            run = lab.fit("autoencoder", part, latent_dim=16, epochs=lab.pick(8, 5), overrides=changes)
            x = held_out_images(part)
            found[f"{network}, pixels {place}"] = mse(x, reconstruct_images(run, x))
    gain = found["mlp, pixels in order"] / found["conv, pixels in order"]
    after = found["mlp, pixels shuffled"] / found["conv, pixels shuffled"]
    return Finding(
        found,
        {"pca_mse": lab.pca(data, 16)[1]},
        gain > after,
        f"Neighbours are what a convolution knows of: with pixels in order the MLP's error is {gain:.2f} "
        "times the "
        f"CNN's, with all images' pixels shuffled alike {after:.2f} times. Vectors and tables go to MLPs and "
        "images to "
        f"either here; networks for sequences and graphs are not in this table.",
        (
            table(
                ["network", "test error"],
                [[name, number(error)] for name, error in found.items()],
                "16 numbers, the same rows and epochs.",
            ),
        ),
    )


def permuted(data: Data, order: Array) -> Data:
    """The same images with their pixels in another order."""

    def mix(values: Array) -> Array:
        return values.reshape(len(values), -1)[:, order].reshape(values.shape)

    test = replace(data.held_out, source=InMemory(mix(data.held_out.array)))
    return replace(data, source=InMemory(mix(data.array)), test=test, name=f"{data.name}-shuffled")


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
