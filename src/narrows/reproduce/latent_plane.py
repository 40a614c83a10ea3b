"""Pictures of a latent space of two dimensions, of an AE and of a VAE (U7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from narrows.data.examples import Data
from narrows.estimators.autoencoder import Autoencoder
from narrows.reproduce.drawings import scatters, wall
from narrows.reproduce.findings import Check, Figure, Finding, at_least
from narrows.reproduce.lab import Entry, Lab, flat
from narrows.reproduce.sample_quality import Features
from narrows.reproduce.tables import medians_over, percent
from narrows.reproduce.trials import subset
from narrows.reproduce.use_models import PLAIN, median_gain, seeds, y5
from narrows.tasks.generation.code_space import EMPTY
from narrows.tasks.generation.grid import Grid, grid

SIDE = 20
"""Points of a grid in each direction."""

AE, VAE = "AE", "VAE"


class Plane(NamedTuple):
    """A fitted model and a grid of decoded points across its latent plane.

    Attributes:
        model: with two latent dimensions.
        points: of the grid.
        shares: of points in "empty" regions; and of images that are near no real one, "far", of all points,
            of those "far_in_empty_regions" and "far_elsewhere", and of "far_reconstructions".
    """

    model: Autoencoder
    points: Grid
    shares: Mapping[str, float]


def shows(lab: Lab) -> Finding:
    """The empty space in the latent planes of AEs and VAEs, one of each for each seed."""
    data, features = subset(lab.digits, lab.pick(6000, 2000)), lab.once(Features)
    planes = [
        {name: plane(model, data, features) for name, model in models(lab, data, seed).items()}
        for seed in seeds(lab)
    ]
    by_model = {name: [each[name] for each in planes] for name in (AE, VAE)}
    return Finding(
        {"images": len(data), **named("vae", by_model[VAE])},
        named("autoencoder", by_model[AE]),
        checks(by_model[AE], by_model[VAE]),
        sentence(by_model[AE], by_model[VAE]),
        figures(planes[0], data),
    )


def models(lab: Lab, data: Data, seed: int) -> dict[str, Autoencoder]:
    """An AE and a VAE with the same network."""
    epochs = lab.pick(12, 6)
    unfitted = {AE: y5(2, epochs, seed, bottleneck=PLAIN), VAE: y5(2, epochs, seed)}
    return {name: each.fit(data.array) for name, each in unfitted.items()}


def plane(model: Autoencoder, data: Data, features: Features) -> Plane:
    """Decode a grid across the latent plane of `model`, and measure how much of it is empty."""
    points = grid(model.run_, SIDE)
    assert points.emptiness is not None
    empty = points.emptiness > EMPTY
    images = {
        "far": points.values,
        "far_in_empty_regions": points.values[empty],
        "far_elsewhere": points.values[~empty],
        "far_reconstructions": np.asarray(model.reconstruct(data.held_out.array)),
    }
    far = {name: 1 - features.nearness(flat(each)).precision for name, each in images.items() if len(each)}
    return Plane(model, points, {"empty": float(empty.mean()), **far})


def checks(plain: Sequence[Plane], variational: Sequence[Plane]) -> tuple[Check, ...]:
    """The empty regions of an AE cannot be used, and less of the plane of a VAE."""
    ae, vae = ({key: shares(planes, key) for key in planes[0].shares} for planes in (plain, variational))
    unusable = median_gain(ae["far_in_empty_regions"], ae["far_elsewhere"])
    return (
        at_least("AE: far points, in empty regions − elsewhere", unusable, 0, "points among codes"),
        at_least("far points, AE − VAE", median_gain(ae["far"], vae["far"]), 0, "the VAE"),
    )


def shares(planes: Sequence[Plane], key: str) -> list[float]:
    """One of the shares, for each seed."""
    return [each.shares[key] for each in planes]


def named(model: str, planes: Sequence[Plane]) -> dict[str, float]:
    """The medians over seeds, with names for the page."""
    return {f"{model}_{key}": float(np.median(shares(planes, key))) for key in planes[0].shares}


def sentence(plain: Sequence[Plane], variational: Sequence[Plane]) -> str:
    empty, far, inside, elsewhere, usual = (
        [percent(float(np.median(shares(planes, key)))) for planes in (plain, variational)]
        for key in ("empty", "far", "far_in_empty_regions", "far_elsewhere", "far_reconstructions")
    )
    return (
        f"Of {SIDE}×{SIDE} points across the latent plane {empty[0]} lie in empty regions with the AE and "
        f"{empty[1]} with the VAE: regions sparser than around {percent(EMPTY)} of held-out codes. {far[0]} "
        f"and {far[1]} of the points decode to images that are near no real one ({inside[0]} in the empty "
        f"regions of the AE, {elsewhere[0]} elsewhere), and {usual[0]} and {usual[1]} of the reconstructions "
        "of test images. Near is as near as the third neighbour of the real image, in the features of a "
        "digit classifier. The grid spans the 1 % to 99 % quantiles of held-out codes in both directions; "
        f"its corners are empty in a round cloud of codes, too. {medians_over(len(plain))}"
    )


def figures(planes: Mapping[str, Plane], data: Data) -> tuple[Figure, ...]:
    test, labels = data.held_out.array, np.asarray(data.held_out.labels)
    codes = {name: (each.model.transform(test), labels) for name, each in planes.items()}
    return (
        scatters(codes, "Codes of test images in both latent planes, coloured by digit."),
        *(
            wall(
                each.points.values / 255.0,
                SIDE,
                f"Decoded points across the latent plane of the {name}.",
                scale=1,
            )
            for name, each in planes.items()
        ),
    )


U7 = Entry(
    "U7",
    "pictures of the latent space",
    "The latent space of an AE has empty space: regions outside of the clusters cannot be used to generate "
    "data. A VAE regularises it, so that points throughout its latent space decode to samples.",
    shows,
)
