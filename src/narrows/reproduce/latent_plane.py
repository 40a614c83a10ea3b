"""Pictures of a latent space of two dimensions, of an AE and of a VAE (U7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from narrows.data.examples import Data
from narrows.reproduce.drawings import scatters, wall
from narrows.reproduce.findings import Check, Figure, Finding, at_least
from narrows.reproduce.lab import Entry, Lab, flat
from narrows.reproduce.latent_models import plane_data, plane_model, seeds
from narrows.reproduce.sample_quality import Features
from narrows.reproduce.tables import percent
from narrows.reproduce.use_models import mean_gain
from narrows.reproduce.variational import PLAIN
from narrows.runs.code_density import fit_density
from narrows.runs.evidence import Evidence
from narrows.runs.run import Run
from narrows.tasks.generation.code_space import EMPTY
from narrows.tasks.generation.grid import Grid, grid

SIDE = 20
"""Points of a grid in each direction."""

AE, VAE = "AE", "VAE"

MODELS = {AE: PLAIN, VAE: {}}
"""Changes to the model of `plane_model`."""


class Plane(NamedTuple):
    """A fitted model and a grid of decoded points across its latent plane.

    Attributes:
        run: with two latent dimensions.
        points: of the grid.
        shares: of points in "empty" regions; and of images that are near no real one, "far", of all points,
            of those "far_in_empty_regions" and "far_elsewhere", and of "far_reconstructions".
    """

    run: Run
    points: Grid
    shares: Mapping[str, float]


def shows(lab: Lab) -> Finding:
    """The empty space in the latent planes of AEs and VAEs, one of each for each seed."""
    data, features = plane_data(lab), lab.once(Features)
    planes = [
        {name: plane(plane_model(lab, seed, MODELS[name]), data, features) for name in MODELS}
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


def plane(run: Run, data: Data, features: Features) -> Plane:
    """Decode a grid across the latent plane of `run`, and measure how much of it is empty."""
    codes, held_out = run.encode(data.array), run.encode(data.held_out.array)
    known = replace(run, density=fit_density(codes, 0), evidence=Evidence(codes=held_out))
    points = grid(known, SIDE)
    assert points.emptiness is not None
    empty = points.emptiness > EMPTY
    images = {
        "far": points.values,
        "far_in_empty_regions": points.values[empty],
        "far_elsewhere": points.values[~empty],
        "far_reconstructions": run.reconstruct(data.held_out.array),
    }
    far = {name: 1 - features.nearness(flat(each)).precision for name, each in images.items() if len(each)}
    return Plane(run, points, {"empty": float(empty.mean()), **far})


def checks(plain: Sequence[Plane], variational: Sequence[Plane]) -> tuple[Check, ...]:
    """The empty regions of an AE cannot be used, and less of the plane of a VAE."""
    inside, elsewhere = (shares(plain, key) for key in ("far_in_empty_regions", "far_elsewhere"))
    more = mean_gain(shares(plain, "far"), shares(variational, "far"))
    return (
        at_least(
            "AE: far points, in empty regions − elsewhere",
            mean_gain(inside, elsewhere),
            0,
            "points among codes",
        ),
        at_least("far points, AE − VAE", more, 0, "the VAE"),
    )


def shares(planes: Sequence[Plane], key: str) -> list[float]:
    """One of the shares, for each seed."""
    return [each.shares[key] for each in planes]


def named(model: str, planes: Sequence[Plane]) -> dict[str, float]:
    """The means over seeds, with names for the page."""
    return {f"{model}_{key}": float(np.mean(shares(planes, key))) for key in planes[0].shares}


def sentence(plain: Sequence[Plane], variational: Sequence[Plane]) -> str:
    empty, far, inside, elsewhere, usual = (
        [percent(float(np.mean(shares(planes, key)))) for planes in (plain, variational)]
        for key in ("empty", "far", "far_in_empty_regions", "far_elsewhere", "far_reconstructions")
    )
    return (
        f"Of {SIDE}×{SIDE} points across the latent plane {empty[0]} lie in empty regions with the AE and "
        f"{empty[1]} with the VAE: regions sparser than around {percent(EMPTY)} of held-out codes. {far[0]} "
        f"and {far[1]} of the points decode to images that are near no real one ({inside[0]} in the empty "
        f"regions of the AE, {elsewhere[0]} elsewhere), and {usual[0]} and {usual[1]} of the reconstructions "
        "of test images. Near is as near as the third neighbour of the real image, in the features of a "
        "digit classifier. The grid spans the 1 % to 99 % quantiles of held-out codes in both directions; "
        f"its corners are empty in a round cloud of codes, too. Means over {len(plain)} seeds."
    )


def figures(planes: Mapping[str, Plane], data: Data) -> tuple[Figure, ...]:
    test, labels = data.held_out.array, np.asarray(data.held_out.labels)
    codes = {name: (each.run.encode(test), labels) for name, each in planes.items()}
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
