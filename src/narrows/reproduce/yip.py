"""Lecture Y: fully connected and convolutional autoencoders, their regularisation, and the VAE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from narrows.data.schema import Array
from narrows.report.figures import principal_plane
from narrows.reproduce.architectures import architectures
from narrows.reproduce.code_spaces import in_space
from narrows.reproduce.drawings import architecture, lines, scatters, strip
from narrows.reproduce.findings import Figure, Finding, at_most, median_of
from narrows.reproduce.lab import (
    Entry,
    Lab,
    class_mean_cross_entropy,
    count_weights,
    held_out_images,
    mean_image_error,
    mse,
    reconstruct_images,
)
from narrows.reproduce.pelz import (
    ERROR,
    LABEL,
    NATS,
    SHOWN,
    SLIDES,
    error_curve,
    median_error,
    reconstruction_strip,
)
from narrows.reproduce.penalties import Y3, Y4
from narrows.reproduce.tables import number, table
from narrows.runs.run import Run
from narrows.training.history import Epoch


def dense(lab: Lab) -> Finding:
    runs, x = lab.fit_seeds("y1"), held_out_images(lab.digits)
    error, pca = median_error(runs, x), lab.pca(lab.digits, 3)[1]
    return Finding(
        {"test_mse": error.value},
        {"pca_mse": pca},
        (
            *lab.pick((at_most(ERROR, error, 0.0370, f"{SLIDES}: 0.0356, and 4 % for other seeds"),), ()),
            at_most(ERROR, error, pca, "PCA with 3 components"),
        ),
        f"With three latent dimensions the test error is {error.value:.4f} per pixel; PCA's is {pca:.4f}.",
        (
            architecture(runs[0]),
            reconstruction_strip(
                runs[0], x, "Test images and their reconstructions from three latent dimensions."
            ),
            latent_space(lab, runs[0], "y1"),
            in_space(lab, runs[0], "The same codes of test images in their three dimensions, by digit."),
            error_curve(runs[0]),
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
    runs, x = lab.fit_seeds("y2"), held_out_images(lab.digits)
    run, error = runs[0], median_error(runs, x)
    pca, mean = lab.pca(lab.digits, 32)[1], mean_image_error(lab.digits)
    return Finding(
        {"test_mse": error.value, "latent_dim": run.model.code_size},
        {"pca_mse": pca, "mean_image_mse": mean},
        (
            lab.pick(
                at_most(ERROR, error, 0.0300, f"{SLIDES}: 0.0296, and 1 % for other seeds"),
                at_most(ERROR, error, 0.5 * mean, "half that of the mean image"),
            ),
        ),
        "The code is the pooled feature map, 8×2×2 = 32 values. The test error of this network with "
        f"{count_weights(run):,} weights is {error.value:.4f}; PCA with 32 components reaches {pca:.4f}.",
        (
            architecture(run),
            reconstruction_strip(
                run, x, "Test images and their reconstructions from the pooled feature map."
            ),
            error_curve(run),
        ),
    )


def variational(lab: Lab) -> Finding:
    samples: dict[str, Array] = {}
    z = np.random.default_rng(lab.seed).standard_normal((SHOWN, 20), dtype=np.float32)

    def decode_same_codes(run: Run, epoch: Epoch) -> None:
        if epoch.number in lab.pick((1, 2, 5, 10), (1, 2, 3, 5)):
            samples[f"Epoch {epoch.number}"] = run.decode(z) / 255

    runs = lab.fit_seeds("y5", watch=decode_same_codes)
    run, squared = runs[0], lab.fit("y5-mse")
    total = median_of([run.history[-1]["validation"]["total"] for run in runs])
    kl, kl_squared = (r.history[-1]["validation"]["kl"] for r in (run, squared))
    x, label = held_out_images(lab.digits), class_mean_cross_entropy(lab.digits)
    error, squared_error = (mse(x, reconstruct_images(r, x)) for r in (run, squared))
    return Finding(
        {
            "test_nats": total.value,
            "kl": kl,
            "kl_squared": kl_squared,
            "mse": error,
            "mse_squared": squared_error,
        },
        {"class_mean_nats": label},
        (
            *lab.pick((at_most(NATS, total, 106.5, f"{SLIDES}: 105.6, and 1 % for other seeds"),), ()),
            at_most(NATS, total, label, LABEL),
        ),
        f"With cross-entropy the negative ELBO is {total.value:.1f} nats per test image. The slides name "
        "this loss BCE and comment it 'mse loss'. With squared error the KL term is "
        f"{kl_squared:.1f} nats instead of {kl:.1f}, because Σ(x − x̂)² is small compared "
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
    x = held_out_images(lab.digits)
    trained = {
        name: lab.fit_seeds("y6", latent_dim=latent_dim, overrides=overrides)
        for name, (latent_dim, overrides) in list(DEEP_KINDS.items())[: lab.pick(None, 2)]
    }
    errors = {name: median_error(of, x) for name, of in trained.items()}
    pretrained, whole, *_ = errors.values()
    pca, mean = lab.pca(lab.digits, 30)[1], mean_image_error(lab.digits)
    values = {name: error.value for name, error in errors.items()}
    return Finding(
        values,
        {"pca_mse": pca, "mean_image_mse": mean},
        (
            at_most(f"{ERROR}, pretrained", pretrained, whole.value, "without pretraining"),
            lab.pick(
                at_most(f"{ERROR}, pretrained", pretrained, pca, "PCA with 30 components"),
                at_most(f"{ERROR}, pretrained", pretrained, 0.5 * mean, "half that of the mean image"),
            ),
        ),
        f"Four layers of sigmoid units, the same number of epochs: the test error is {pretrained.value:.4f} "
        f"with layer-wise pretraining and {whole.value:.4f} without; PCA's is {pca:.4f}. Claim K12 tests "
        "whether this is still needed.",
        (
            error_table("training", values, "Under- and overcomplete codes."),
            curves_of_the_whole({name: of[0] for name, of in trained.items()}),
        ),
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


ENTRIES: tuple[Entry, ...] = (
    Entry("Y1", "fully connected autoencoder", "784-128-64-12-3 and back, tanh at the end; blurry?", dense),
    Entry(
        "Y2",
        "convolutional autoencoder with pooling",
        "Convolutions and pooling to 8×2×2; more details?",
        pooled,
    ),
    Y3,
    Y4,
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
        "A vector: multilayer perceptron; a field: convolutional network; a sequence: recurrent network; a "
        "graph: graph network.",
        architectures,
    ),
)
