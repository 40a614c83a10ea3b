"""Curved surfaces in space: what a linear code loses of them and a non-linear one keeps (decks P and S)."""

from __future__ import annotations

from typing import Any, NamedTuple

from matplotlib.figure import Figure as Canvas

from narrows.data.examples import Data
from narrows.data.kinds import describe
from narrows.data.schema import Array
from narrows.data.sources import InMemory
from narrows.evaluation.pca import Pca
from narrows.report import figures
from narrows.reproduce.lab import Entry, Figure, Finding, Lab, mse
from narrows.reproduce.tables import percent, table
from narrows.reproduce.trials import reconstruction_error
from narrows.runs.run import Run

SHOWN = 500

NETWORK = {"name": "mlp", "widths": [64, 64], "activation": "silu"}


class Surface(NamedTuple):
    """Points on a surface with a test part, and how far along the surface each test point is."""

    data: Data
    along: Array


def curved(lab: Lab) -> Finding:
    """Swiss roll and S-curve in codes of 2 numbers and of 1: PCA, linear and non-linear autoencoder."""
    surfaces = {name: surface(lab, name) for name in ("Swiss roll", "S-curve")}
    found = {name: lost(lab, of.data) for name, of in surfaces.items()}
    keeps = all(f["autoencoder, 2"] < 0.25 * f["PCA, 2"] for f in found.values())
    same = all(abs(f["linear autoencoder, 2"] / f["PCA, 2"] - 1) < 0.01 for f in found.values())
    said = (
        f"{name}: PCA loses {percent(f['PCA, 2'])}, the linear autoencoder "
        f"{percent(f['linear autoencoder, 2'])}, the non-linear one "
        f"{percent(f['autoencoder, 2'])}{with_one(f)}"
        for name, f in found.items()
    )
    n = len(surfaces["S-curve"].data)
    return Finding(
        {name: {kind: share for kind, share in f.items() if "PCA" not in kind} for name, f in found.items()},
        {name: {kind: share for kind, share in f.items() if "PCA" in kind} for name, f in found.items()},
        keeps and same,
        f"Of the variance of test points, in codes of 2 numbers and after learning from {n:,} points. "
        f"{'; '.join(said)}. The linear autoencoder {'is' if same else 'is not quite'} PCA; the non-linear "
        "one keeps far more of the surface.",
        (*(views(lab, name, of) for name, of in surfaces.items()), shares(found)),
    )


def sizes(lab: Lab) -> tuple[int, ...]:
    """Numbers in a code."""
    found: tuple[int, ...] = lab.pick((2, 1), (2,))
    return found


def with_one(f: dict[str, float]) -> str:
    if "PCA, 1" not in f:
        return ""
    return f" (with 1 number: {percent(f['PCA, 1'])} and {percent(f['autoencoder, 1'])})"


def surface(lab: Lab, name: str) -> Surface:
    """Points drawn on a surface, with a little noise."""
    from sklearn.datasets import make_s_curve, make_swiss_roll

    draw = {"Swiss roll": make_swiss_roll, "S-curve": make_s_curve}[name]
    n = lab.pick(2000, 1000)
    values, along = draw(n + 1000, noise=0.01, random_state=lab.seed)
    schema = describe(values)
    test = Data(InMemory(values[n:]), schema, name)
    return Surface(Data(InMemory(values[:n]), schema, name, test=test), along[n:])


def unrolled(lab: Lab, data: Data, size: int) -> Run:
    """A non-linear autoencoder with `size` numbers in its code."""
    changes: dict[str, Any] = {"encoder": NETWORK, "loss": {"name": "squared"}}
    return lab.fit("autoencoder", data, latent_dim=size, overrides=changes, epochs=lab.pick(150, 90))


def straight(lab: Lab, data: Data) -> Run:
    """A linear autoencoder with 2 numbers in its code."""
    return lab.fit("linear", data, latent_dim=2)


def lost(lab: Lab, data: Data) -> dict[str, float]:
    """The share of the test part's variance that each loses, columns scaled to equal variance."""
    test = data.held_out
    run = straight(lab, data)
    x = run.scaled(test.array)
    whole = mse(x, run.scaled(data.array).mean(axis=0))
    errors = {
        f"autoencoder, {size}": reconstruction_error(unrolled(lab, data, size), test) for size in sizes(lab)
    }
    errors |= {f"PCA, {size}": mse(x, by_pca(run, data, size)) for size in sizes(lab)}
    errors["linear autoencoder, 2"] = reconstruction_error(run, test)
    return {name: value / whole for name, value in errors.items()}


def by_pca(run: Run, data: Data, size: int) -> Array:
    """The test part after PCA of the training part, on the scale of `run`."""
    pca = Pca.fit(run.scaled(data.array), size)
    return pca.reconstruct(run.scaled(data.held_out.array))


def views(lab: Lab, name: str, of: Surface) -> Figure:
    """The surface, and what PCA and the autoencoder make of it."""
    data, test = of.data, of.data.held_out
    run = unrolled(lab, data, 2)
    parts = {
        name: run.scaled(test.array),
        "PCA, 2 numbers": by_pca(run, data, 2),
        **{
            f"autoencoder, {size} number{'s' * (size > 1)}": unrolled(lab, data, size).reconstruct_scaled(
                test.array
            )
            for size in sizes(lab)
        },
    }
    with figures.house_style():
        figure = Canvas(figsize=(7.0, 5.6))
        for i, (title, points) in enumerate(parts.items(), 1):
            axis: Any = figure.add_subplot(2, 2, i, projection="3d")
            x, y, z = points[:SHOWN].T
            axis.scatter(x, y, z, c=of.along[:SHOWN], s=6, cmap="viridis", depthshade=False, linewidths=0)
            axis.view_init(elev=12, azim=-72)
            axis.set(xlim=(-1.6, 1.6), ylim=(-1.6, 1.6), zlim=(-1.6, 1.6))
            axis.set_axis_off()
            axis.set_title(title, fontsize=11, y=0.92)
        figure.subplots_adjust(0, 0, 1, 0.97, wspace=0, hspace=0.05)
        caption = f"Test points of the {name} and their reconstructions, coloured by how far along they are."
        return Figure(figures.drawing(figure, caption), caption)


def shares(found: dict[str, dict[str, float]]) -> Figure:
    kinds = sorted(next(iter(found.values())), key=lambda kind: (kind[-1] != "2", kind))
    return table(
        ("numbers in the code", *found),
        ((kind, *(percent(f[kind]) for f in found.values())) for kind in kinds),
        "The share of the test points' variance that is lost. All three coordinates are scaled to a variance "
        "of one.",
    )


K13 = Entry(
    "K13",
    "non-linear relationships; linear autoencoders are PCA",
    "Autoencoders can capture non-linear relationships; with linear activations and squared error they "
    "perform PCA, so non-linearity is needed to get the most out of them.",
    curved,
)
