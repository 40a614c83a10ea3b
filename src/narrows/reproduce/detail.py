"""Blurred or sharp: fully connected beside convolutional autoencoders of images (decks Y and S)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.reproduce.drawings import strip
from narrows.reproduce.lab import Entry, Figure, Finding, Lab, count_weights, flat
from narrows.reproduce.tables import number, percent, table
from narrows.reproduce.trials import SQUARED, mlp, reconstruct_bytes, reconstruction_error, subset
from narrows.runs.run import Run

CODE = 32
"""Numbers in a code: as many as deck Y's convolutional autoencoder has."""

PAIR: dict[str, dict[str, Any]] = {
    "MLP": mlp([68]),
    "CNN": {
        "encoder": {"name": "conv", "channels": 16, "hidden": 0, "activation": "relu"},
        "loss": SQUARED,
    },
}
"""Two autoencoders with about as many weights: a hidden layer each way, or two convolutions."""

SHOWN = 10

Facts = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""By set and by kind: sizes, error and sharpness."""


def blurry(lab: Lab) -> Finding:
    """An MLP and a CNN with equal codes and about equal weights; and the deck's own two."""
    sets = {"digits": lab.digits} if lab.quick else {"digits": lab.digits, "clothes": lab.fashion}
    some = {name: subset(data, 8000) for name, data in sets.items()}
    pairs = {name: pair(lab, data) for name, data in some.items()}
    deck = {"Y1": lab.fit("y1"), "Y2": lab.fit("y2")}
    found = {name: facts(runs, some[name]) for name, runs in pairs.items()}
    own = facts(deck, lab.digits)
    linear = {name: by_pca(lab, data) for name, data in some.items()}
    better = all(f["CNN"]["test_error"] < f["MLP"]["test_error"] for f in found.values())
    sharper = all(f["CNN"]["sharpness"] > f["MLP"]["sharpness"] for f in found.values())
    n = len(some["digits"])
    return Finding(
        {"rows": n, "latent_dim": CODE, **found},
        {"deck": own, "pca": linear},
        better and sharper,
        f"{compared(found, linear)} {CODE} numbers in the code, {n:,} images and {epochs(pairs)} epochs "
        f"each. The deck's own two compare codes of different sizes: {told(own, 'Y1')}, {told(own, 'Y2')}.",
        (
            *(shown(runs, some[name], found[name]) for name, runs in pairs.items()),
            shown(deck, lab.digits, own),
            facts_table(found, linear, own),
        ),
    )


def pair(lab: Lab, data: Data) -> dict[str, Run]:
    """Both, trained on the same images for as long."""
    return {
        kind: lab.fit("autoencoder", data, latent_dim=CODE, overrides=overrides, epochs=lab.pick(25, 6))
        for kind, overrides in PAIR.items()
    }


def epochs(pairs: Mapping[str, Mapping[str, Run]]) -> int:
    return len(pairs["digits"]["MLP"].history)


def facts(runs: Mapping[str, Run], data: Data) -> dict[str, dict[str, Any]]:
    """Of each run: sizes, error and sharpness on the test images."""
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
    """How steep images `(n, height, width)` are, as a share of how steep the originals are."""
    return steepness(images) / steepness(originals)


def steepness(images: Array) -> float:
    """The mean length of the gradient, between neighbouring pixels."""
    down, right = np.diff(images, axis=1)[:, :, :-1], np.diff(images, axis=2)[:, :-1]
    return float(np.hypot(down, right).mean())


def by_pca(lab: Lab, data: Data) -> dict[str, Any]:
    """The same facts of PCA with as many numbers."""
    pca, found = lab.pca(data, CODE)
    test = data.held_out.array
    guesses = np.clip(pca.reconstruct(flat(test)), 0, 1).reshape(test.shape)
    learned = pca.mean.size + pca.directions.size
    steep = sharpness(guesses, test / 255)
    return {"latent_dim": CODE, "weights": learned, "test_error": found, "sharpness": steep}


def compared(found: Facts, linear: Mapping[str, Mapping[str, Any]]) -> str:
    """MLP, CNN and PCA in words, set by set."""
    parts = (
        f"{name}: the MLP ({of['MLP']['weights']:,} weights) errs by {number(of['MLP']['test_error'])} and "
        f"is {percent(of['MLP']['sharpness'])} as sharp as the originals, the CNN ({of['CNN']['weights']:,} "
        f"weights) by {number(of['CNN']['test_error'])} and {percent(of['CNN']['sharpness'])}, PCA by "
        f"{number(linear[name]['test_error'])} and {percent(linear[name]['sharpness'])}"
        for name, of in found.items()
    )
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def told(own: Mapping[str, Mapping[str, Any]], name: str) -> str:
    """One of the deck's in words."""
    f = own[name]
    return (
        f"{name} keeps {f['latent_dim']} numbers (error {number(f['test_error'])}, sharpness "
        f"{percent(f['sharpness'])})"
    )


def shown(runs: Mapping[str, Run], data: Data, found: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Test images, and what each keeps of them."""
    some = data.held_out.array[:SHOWN]
    rows = {
        f"{name}, {found[name]['latent_dim']} numbers": reconstruct_bytes(run, some)
        for name, run in runs.items()
    }
    return strip(
        {"Original": some / 255, **rows}, f"Test images of {data.name.split(',')[0]}, reconstructed."
    )


def facts_table(
    found: Facts, linear: Mapping[str, Mapping[str, Any]], own: Mapping[str, Mapping[str, Any]]
) -> Figure:
    """Sizes, errors and sharpness of all."""
    named = {f"{name}, {kind}": f for name, of in found.items() for kind, f in of.items()}
    named |= {f"{name}, PCA": dict(f) for name, f in linear.items()}
    rows = (
        (name, f"{f['latent_dim']}", f"{f['weights']:,}", number(f["test_error"]), percent(f["sharpness"]))
        for name, f in {**named, **own}.items()
    )
    return table(
        ("", "numbers in the code", "weights", "test error", "sharpness"),
        rows,
        "Sharpness is the mean length of the gradient between neighbouring pixels, as a share of the "
        "originals'. A wrong edge counts as much as a right one, so it is to be read beside the error.",
    )


K9 = Entry(
    "K9",
    "the MLP is blurry, the CNN keeps more detail",
    "Reconstructions of MNIST by the MLP are blurry, by the CNN there are more details; are normal "
    "autoencoders suitable for working with images?",
    blurry,
    {"Y1_numbers_in_code": 3, "Y2_numbers_in_code": 32},
)
