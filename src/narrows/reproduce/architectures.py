"""Lecture Y's statement that each kind of data has its architecture: images, sequences and graphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from narrows.data.examples import Data
from narrows.data.readers import as_data
from narrows.data.schema import Array
from narrows.data.sources import InMemory
from narrows.reproduce.drawings import lines, strip
from narrows.reproduce.findings import Check, Figure, Finding, at_least, median_of
from narrows.reproduce.graph_networks import Links, compare_links
from narrows.reproduce.lab import Lab, held_out_images, mse, reconstruct_images
from narrows.reproduce.pelz import SHOWN
from narrows.reproduce.tables import number, table
from narrows.reproduce.trials import subset
from narrows.runs.run import Run

STEPS, COUNT = 24, 900
"""Time steps of a sequence, and sequences; a third of them are for testing."""

NAMES = {"mlp": "MLP", "conv": "CNN", "gru": "RNN"}

NETWORKS = {
    "mlp": {"name": "mlp", "activation": "silu"},
    "conv": {"name": "conv", "activation": "silu"},
    "gru": {"name": "gru", "linear": False},
}

RATES = {"gru": {"learning_rate": 1e-2}}
"""Recurrent networks learn slowly at the rate of the others."""


class Duel(NamedTuple):
    """The test errors of two networks over seeds, for data in order and shuffled.

    Attributes:
        what: of the data is shuffled, the same way in all examples.
        networks: an MLP and the one for this kind of data.
        errors: by order and network.
    """

    what: str
    networks: tuple[str, str]
    errors: Mapping[tuple[str, str], Sequence[float]]

    @property
    def medians(self) -> dict[str, float]:
        """By a name for tables."""
        return {
            f"{NAMES[network]}, {self.what} {order}": float(np.median(errors))
            for (order, network), errors in self.errors.items()
        }

    def checks(self) -> tuple[Check, Check]:
        """That the network for this kind of data is better, and by less where the data are shuffled."""
        plain, own = self.networks
        ordered, shuffled = (
            median_of([a / b for a, b in zip(self.errors[o, plain], self.errors[o, own], strict=True)])
            for o in ("in order", "shuffled")
        )
        name = f"{NAMES[plain]}'s error / {NAMES[own]}'s, {self.what} in order"
        return (
            at_least(name, ordered, 1, "equal networks"),
            at_least(name, ordered, shuffled.value, f"with shuffled {self.what}"),
        )

    def told(self) -> str:
        """The ratios of the errors, for a sentence."""
        first, second = self.checks()
        return (
            f"with {self.what} in order the MLP's error is {first.measured.value:.2f} times that of the "
            f"{NAMES[self.networks[1]]}, with shuffled {self.what} {second.bound:.2f} times"
        )


def architectures(lab: Lab) -> Finding:
    images = subset(lab.digits, lab.pick(10_000, 1000), lab.pick(10_000, 500))
    shuffled = permuted(images, np.random.default_rng(0).permutation(784))
    pixels = duel(lab, "pixels", ("mlp", "conv"), images, shuffled)
    sequences = oscillations()
    mixed = permuted(sequences, np.random.default_rng(1).permutation(STEPS))
    steps = duel(lab, "time steps", ("mlp", "gru"), sequences, mixed)
    links = compare_links(lab)
    return Finding(
        {**pixels.medians, **steps.medians, **links.medians},
        {"pca_mse": lab.pca(images, 16)[1]},
        (*pixels.checks(), steps.checks()[1], *links.checks()),
        f"A convolution uses which pixels are neighbours: {pixels.told()}. A recurrent network uses which "
        f"time steps follow each other: {steps.told()}. A graph network uses which nodes are joined: "
        f"{links.told()}. That a recurrent network is better than an MLP is not checked.",
        (
            error_table(pixels.medians, "16 latent dimensions, the same images and epochs."),
            networks_strip(lab, images, shuffled),
            error_table(steps.medians, "3 latent dimensions, damped oscillations from a random step on."),
            networks_curves(lab, sequences),
            auc_table(links),
        ),
        partly=True,
    )


def duel(lab: Lab, what: str, networks: tuple[str, str], ordered: Data, shuffled: Data) -> Duel:
    """The errors of both networks on both data."""
    return Duel(
        what,
        networks,
        {
            (order, network): network_errors(lab, network, data)
            for order, data in (("in order", ordered), ("shuffled", shuffled))
            for network in networks
        },
    )


def error_table(medians: Mapping[str, float], caption: str) -> Figure:
    rows = ((name, number(error)) for name, error in medians.items())
    return table(("network", "test error"), rows, caption)


def auc_table(links: Links) -> Figure:
    rows = ((name.removeprefix("AUC, "), number(auc)) for name, auc in links.medians.items())
    caption = f"16 latent dimensions, {links.graph}; from the features of the nodes."
    return table(("network", "AUC of held-out edges"), rows, caption)


def networks_strip(lab: Lab, data: Data, shuffled: Data) -> Figure:
    """Test images and their reconstructions by both networks, and as the networks see shuffled images."""
    x, mixed = (held_out_images(part)[:SHOWN] for part in (data, shuffled))
    rows = {"Original": x}
    for name, images, part in (("in order", x, data), ("shuffled", mixed, shuffled)):
        rows |= {} if part is data else {"Shuffled": mixed}
        for network in ("mlp", "conv"):
            rows[f"{network}, {name}"] = reconstruct_images(fit_network(lab, network, part, lab.seed), images)
    return strip(rows, "Test images, with pixels in order and shuffled, and their reconstructions.")


def networks_curves(lab: Lab, data: Data) -> Figure:
    """A test sequence and its reconstructions."""
    x = data.held_out.array[:1]
    made = {
        NAMES[network]: fit_network(lab, network, data, lab.seed).reconstruct(x)[0, :, 0]
        for network in ("mlp", "gru")
    }
    curves = {name: y.tolist() for name, y in {"original": x[0, :, 0], **made}.items()}
    caption = "A test sequence and its reconstructions."
    return lines(range(STEPS), curves, caption, across="time step", up="value")


def network_errors(lab: Lab, network: str, data: Data) -> list[float]:
    """The test errors of autoencoders with this kind of encoder, over seeds."""
    error = image_error if data.schema.spatial == 2 else sequence_error
    return [
        error(fit_network(lab, network, data, seed), data.held_out.array)
        for seed in lab.seeds[: lab.pick(3, 1)]
    ]


def image_error(run: Run, images: Array) -> float:
    """The mean squared error per value, on the scale from 0 to 1."""
    x = images / np.float32(255)
    return mse(x, reconstruct_images(run, x))


def sequence_error(run: Run, sequences: Array) -> float:
    """The mean squared error per value."""
    return mse(sequences, run.reconstruct(sequences))


def fit_network(lab: Lab, network: str, data: Data, seed: int) -> Run:
    """An autoencoder with this kind of encoder; 16 latent dimensions for images, 3 for sequences."""
    latent_dim, epochs = (16, lab.pick(8, 4)) if data.schema.spatial == 2 else (3, lab.pick(30, 12))
    overrides = {
        "encoder": NETWORKS[network],
        "training": {"schedule": "one-cycle", **RATES.get(network, {})},
    }
    return lab.fit("autoencoder", data, latent_dim=latent_dim, epochs=epochs, overrides=overrides, seed=seed)


def permuted(data: Data, order: Array) -> Data:
    """The same examples with their values permuted by `order (values,)`."""

    def permute(values: Array) -> Array:
        return values.reshape(len(values), -1)[:, order].reshape(values.shape)

    test = replace(data.held_out, source=InMemory(permute(data.held_out.array)))
    return replace(data, source=InMemory(permute(data.array)), test=test, name=f"{data.name}-shuffled")


def oscillations() -> Data:
    """Sequences of 24 steps: 0, and from a random step on a damped oscillation; two thirds for training."""
    rng = np.random.default_rng(0)
    begin, speed, size = (
        rng.uniform(low, high, (COUNT, 1)) for low, high in ((0.0, 18.0), (0.5, 0.9), (0.5, 1.5))
    )
    since = np.clip(np.arange(STEPS) - begin, 0, None)
    x = size * np.exp(-since / 8) * np.sin(speed * since) + 0.02 * rng.standard_normal((COUNT, STEPS))
    parts = (x[: COUNT // 3], x[COUNT // 3 :])
    test, train = (
        as_data(part[..., None].astype(np.float32), kind="sequences", name="oscillations") for part in parts
    )
    return replace(train, test=test)
