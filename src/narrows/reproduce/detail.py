"""Sharpness of reconstructions by fully connected and convolutional autoencoders (K9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.reproduce.drawings import strip
from narrows.reproduce.findings import Check, Figure, Finding, at_least, at_most
from narrows.reproduce.lab import Entry, Lab, count_weights, flat
from narrows.reproduce.tables import number, percent, table
from narrows.reproduce.trials import SQUARED, mlp, reconstruct_bytes, reconstruction_error, subset
from narrows.runs.run import Run

CODE = 32
"""Latent dimensions, as many as lecture Y's convolutional autoencoder has."""

PAIR: dict[str, dict[str, Any]] = {
    "MLP": mlp([68]),
    "CNN": {
        "encoder": {"name": "conv", "channels": 16, "hidden": 0, "activation": "relu"},
        "loss": SQUARED,
    },
}
"""Two autoencoders with about the same number of weights: one hidden layer, or two convolutions."""

SHOWN = 10

Facts = Mapping[str, Any]
"""Latent dimensions, weights, test error and sharpness of a model."""

ByModel = Mapping[str, Facts]
BySet = Mapping[str, ByModel]


def checks(name: str, mlp: Facts, cnn: Facts) -> tuple[Check, Check]:
    """The CNN has a smaller error and sharper reconstructions than the MLP."""
    return (
        at_most(f"CNN's test error, {name}", cnn["test_error"], mlp["test_error"], "the MLP"),
        at_least(f"CNN's sharpness, {name}", cnn["sharpness"], mlp["sharpness"], "the MLP"),
    )


def blurry(lab: Lab) -> Finding:
    """An MLP and a CNN with equal codes and about as many weights, and the two of the lecture."""
    sets = {"digits": lab.digits} if lab.quick else {"digits": lab.digits, "clothes": lab.fashion}
    data = {name: subset(whole, lab.pick(8000, 1500), lab.pick(2000, 500)) for name, whole in sets.items()}
    pairs = {name: fit_pair(lab, part) for name, part in data.items()}
    lecture = {"Y1": lab.fit("y1"), "Y2": lab.fit("y2")}
    measured = {name: facts(runs, data[name]) for name, runs in pairs.items()}
    lecture_facts = facts(lecture, lab.digits)
    pca = {name: pca_facts(lab, part) for name, part in data.items()}
    n, epochs = len(data["digits"]), len(pairs["digits"]["MLP"].history)
    return Finding(
        {"rows": n, "latent_dim": CODE, **measured},
        {"lecture": lecture_facts, "pca": pca},
        tuple(check for name, f in measured.items() for check in checks(name, f["MLP"], f["CNN"])),
        f"{pair_sentence(measured, pca)} All have {CODE} latent dimensions and are trained on {n:,} images "
        f"for {epochs} epochs. The two networks of the lecture differ in latent dimensions: "
        f"{lecture_sentence(lecture_facts, 'Y1')}, {lecture_sentence(lecture_facts, 'Y2')}.",
        (
            *(facts_strip(runs, data[name], measured[name]) for name, runs in pairs.items()),
            facts_strip(lecture, lab.digits, lecture_facts),
            facts_table(measured, pca, lecture_facts),
        ),
    )


def fit_pair(lab: Lab, data: Data) -> dict[str, Run]:
    """Both networks, trained on the same images for the same number of epochs."""
    return {
        name: lab.fit("autoencoder", data, latent_dim=CODE, overrides=overrides, epochs=lab.pick(25, 10))
        for name, overrides in PAIR.items()
    }


def facts(runs: Mapping[str, Run], data: Data) -> dict[str, Facts]:
    """The facts of each run, on the test images."""
    test = data.held_out
    originals = test.array / 255
    return {
        name: {
            "latent_dim": run.model.code_size,
            "weights": count_weights(run),
            "test_error": reconstruction_error(run, test),
            "sharpness": sharpness(reconstruct_bytes(run, test.array), originals),
        }
        for name, run in runs.items()
    }


def sharpness(images: Array, originals: Array) -> float:
    """The mean gradient of images `(n, height, width)`, as a share of that of the originals."""
    return mean_gradient(images) / mean_gradient(originals)


def mean_gradient(images: Array) -> float:
    """The mean length of the gradient, from differences of neighbouring pixels."""
    down, right = np.diff(images, axis=1)[:, :, :-1], np.diff(images, axis=2)[:, :-1]
    return float(np.hypot(down, right).mean())


def pca_facts(lab: Lab, data: Data) -> dict[str, Any]:
    """The facts of PCA with as many components."""
    pca, error = lab.pca(data, CODE)
    test = data.held_out.array
    reconstructions = np.clip(pca.reconstruct(flat(test)), 0, 1).reshape(test.shape)
    return {
        "latent_dim": CODE,
        "weights": pca.mean.size + pca.directions.size,
        "test_error": error,
        "sharpness": sharpness(reconstructions, test / 255),
    }


def pair_sentence(measured: BySet, pca: ByModel) -> str:
    """Test error and sharpness of MLP, CNN and PCA on each set."""
    parts = (
        f"{name}: the MLP ({models['MLP']['weights']:,} weights) has a test error of "
        f"{number(models['MLP']['test_error'])} and a sharpness of {percent(models['MLP']['sharpness'])}, "
        f"the CNN ({models['CNN']['weights']:,} weights) {number(models['CNN']['test_error'])} and "
        f"{percent(models['CNN']['sharpness'])}, PCA {number(pca[name]['test_error'])} and "
        f"{percent(pca[name]['sharpness'])}"
        for name, models in measured.items()
    )
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def lecture_sentence(models: ByModel, name: str) -> str:
    f = models[name]
    return (
        f"{name} has {f['latent_dim']} (error {number(f['test_error'])}, sharpness {percent(f['sharpness'])})"
    )


def facts_strip(runs: Mapping[str, Run], data: Data, models: ByModel) -> Figure:
    """Test images and their reconstructions by each run."""
    images = data.held_out.array[:SHOWN]
    rows = {
        f"{name}, {models[name]['latent_dim']} dimensions": reconstruct_bytes(run, images)
        for name, run in runs.items()
    }
    return strip(
        {"Original": images / 255, **rows},
        f"Test images of {data.name.split(',')[0]} and their reconstructions.",
    )


def facts_table(measured: BySet, pca: ByModel, lecture: ByModel) -> Figure:
    named = {f"{name}, {model}": f for name, models in measured.items() for model, f in models.items()}
    named |= {f"{name}, PCA": dict(f) for name, f in pca.items()}
    rows = (
        (name, f"{f['latent_dim']}", f"{f['weights']:,}", number(f["test_error"]), percent(f["sharpness"]))
        for name, f in {**named, **lecture}.items()
    )
    return table(
        ("", "latent dimensions", "weights", "test error", "sharpness"),
        rows,
        "Sharpness is the mean length of the gradient between neighbouring pixels, as a share of that of the "
        "originals. False edges count as well, so it has to be read together with the error.",
    )


K9 = Entry(
    "K9",
    "the MLP is blurry, the CNN keeps more detail",
    "Reconstructions of MNIST by the MLP are blurry, by the CNN there are more details; are normal "
    "autoencoders suitable for working with images?",
    blurry,
    {"Y1_latent_dim": 3, "Y2_latent_dim": 32},
)
