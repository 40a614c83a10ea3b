"""Curved surfaces in space, encoded by PCA and by linear and non-linear autoencoders (K13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from matplotlib.figure import Figure as Canvas

from narrows.data.examples import Data
from narrows.data.kinds import describe
from narrows.data.schema import Array
from narrows.data.sources import InMemory
from narrows.evaluation.pca import Pca
from narrows.report import figures
from narrows.reproduce.findings import Check, Figure, Finding, at_most
from narrows.reproduce.lab import Entry, Lab, mse
from narrows.reproduce.tables import percent, table
from narrows.reproduce.trials import reconstruction_error
from narrows.runs.run import Run

SHOWN = 500
"""Points in a figure."""

NETWORK = {"name": "mlp", "widths": [64, 64], "activation": "silu"}

Shares = dict[str, float]
"""The share of the variance that a model loses, by model and latent dimensions."""


class Surface(NamedTuple):
    """Points on a surface with a test part, and the position of each test point along the surface."""

    data: Data
    position: Array


def checks(shares: Mapping[str, Shares]) -> tuple[Check, ...]:
    """The non-linear autoencoder loses far less than PCA, and the linear one as much, on each surface."""
    return tuple(
        check
        for name, lost in shares.items()
        for check in (
            at_most(
                f"variance lost by the autoencoder / by PCA, {name}",
                lost["autoencoder, 2"] / lost["PCA, 2"],
                0.25,
                "a quarter of PCA's loss",
            ),
            at_most(
                f"|variance lost by the linear autoencoder / by PCA − 1|, {name}",
                abs(lost["linear autoencoder, 2"] / lost["PCA, 2"] - 1),
                0.01,
                "PCA in the same run, to 1 %",
            ),
        )
    )


def curved(lab: Lab) -> Finding:
    """Swiss roll and S-curve, encoded in two latent dimensions and in one."""
    surfaces = {name: draw_surface(lab, name) for name in ("Swiss roll", "S-curve")}
    shares = {name: lost_shares(lab, surface.data) for name, surface in surfaces.items()}
    better = all(lost["autoencoder, 2"] < 0.25 * lost["PCA, 2"] for lost in shares.values())
    same = all(abs(lost["linear autoencoder, 2"] / lost["PCA, 2"] - 1) < 0.01 for lost in shares.values())
    n = len(surfaces["S-curve"].data)
    return Finding(
        {
            name: {model: x for model, x in lost.items() if "PCA" not in model}
            for name, lost in shares.items()
        },
        {name: {model: x for model, x in lost.items() if "PCA" in model} for name, lost in shares.items()},
        checks(shares),
        "The share of the test points' variance that is lost with two latent dimensions, after training on "
        f"{n:,} points. {'; '.join(share_sentence(name, lost) for name, lost in shares.items())}. The linear "
        f"autoencoder {'agrees' if same else 'does not agree'} with PCA to 1 %; the non-linear one "
        f"{'loses' if better else 'does not lose'} less than a quarter of PCA's share on both surfaces.",
        (*(views(lab, name, surface) for name, surface in surfaces.items()), share_table(shares)),
    )


def share_sentence(name: str, lost: Shares) -> str:
    one = ""
    if "PCA, 1" in lost:
        pca, autoencoder = percent(lost["PCA, 1"]), percent(lost["autoencoder, 1"])
        one = f" (with one dimension: PCA {pca}, non-linear autoencoder {autoencoder})"
    return (
        f"{name}: PCA {percent(lost['PCA, 2'])}, linear autoencoder "
        f"{percent(lost['linear autoencoder, 2'])}, non-linear autoencoder "
        f"{percent(lost['autoencoder, 2'])}{one}"
    )


def sizes(lab: Lab) -> tuple[int, ...]:
    """Latent dimensions."""
    chosen: tuple[int, ...] = lab.pick((2, 1), (2,))
    return chosen


def draw_surface(lab: Lab, name: str) -> Surface:
    """Points drawn on a surface, with noise of standard deviation 0.01."""
    from sklearn.datasets import make_s_curve, make_swiss_roll

    draw = {"Swiss roll": make_swiss_roll, "S-curve": make_s_curve}[name]
    n = lab.pick(2000, 1000)
    values, position = draw(n + 1000, noise=0.01, random_state=lab.seed)
    schema = describe(values)
    test = Data(InMemory(values[n:]), schema, name)
    return Surface(Data(InMemory(values[:n]), schema, name, test=test), position[n:])


def fit_nonlinear(lab: Lab, data: Data, size: int) -> Run:
    """A non-linear autoencoder with `size` latent dimensions."""
    overrides: dict[str, Any] = {"encoder": NETWORK, "loss": {"name": "squared"}}
    return lab.fit("autoencoder", data, latent_dim=size, overrides=overrides, epochs=lab.pick(150, 90))


def fit_linear(lab: Lab, data: Data) -> Run:
    """A linear autoencoder with two latent dimensions."""
    return lab.fit("linear", data, latent_dim=2)


def lost_shares(lab: Lab, data: Data) -> Shares:
    """The share of the test part's variance that each model loses; columns are scaled to equal variance."""
    test = data.held_out
    run = fit_linear(lab, data)
    x = run.scaled(test.array)
    variance = mse(x, run.scaled(data.array).mean(axis=0))
    errors = {
        f"autoencoder, {size}": reconstruction_error(fit_nonlinear(lab, data, size), test)
        for size in sizes(lab)
    }
    errors |= {f"PCA, {size}": mse(x, reconstruct_by_pca(run, data, size)) for size in sizes(lab)}
    errors["linear autoencoder, 2"] = reconstruction_error(run, test)
    return {name: error / variance for name, error in errors.items()}


def reconstruct_by_pca(run: Run, data: Data, size: int) -> Array:
    """The test part reconstructed by PCA of the training part, on the scale of `run`."""
    pca = Pca.fit(run.scaled(data.array), size)
    return pca.reconstruct(run.scaled(data.held_out.array))


def views(lab: Lab, name: str, surface: Surface) -> Figure:
    """The test points of a surface and their reconstructions, as scatter plots in three dimensions."""
    panels = reconstructions(lab, name, surface.data)
    caption = f"Test points of the {name} and their reconstructions, coloured by position along the surface."
    with figures.house_style():
        figure = Canvas(figsize=(7.0, 5.6))
        for i, (title, points) in enumerate(panels.items(), 1):
            axis: Any = figure.add_subplot(2, 2, i, projection="3d")
            draw_points(axis, points[:SHOWN], surface.position[:SHOWN])
            axis.set_title(title, fontsize=11, y=0.92)
        figure.subplots_adjust(0, 0, 1, 0.97, wspace=0, hspace=0.05)
        return Figure(figures.drawing(figure, caption), caption)


def reconstructions(lab: Lab, name: str, data: Data) -> dict[str, Array]:
    """By title, the test points `(n, 3)` and their reconstructions, on the scale of the models."""
    test, run = data.held_out, fit_nonlinear(lab, data, 2)
    runs = {size: fit_nonlinear(lab, data, size) for size in sizes(lab)}
    return {
        name: run.scaled(test.array),
        "PCA, 2 components": reconstruct_by_pca(run, data, 2),
        **{
            f"autoencoder, {size} dimension{'s' * (size > 1)}": fitted.reconstruct_scaled(test.array)
            for size, fitted in runs.items()
        },
    }


def draw_points(axis: Any, points: Array, position: Array) -> None:
    """Draw `points (n, 3)` coloured by `position (n,)`, from a fixed view and within fixed limits."""
    x, y, z = points.T
    axis.scatter(x, y, z, c=position, s=6, cmap="viridis", depthshade=False, linewidths=0)
    axis.view_init(elev=12, azim=-72)
    axis.set(xlim=(-1.6, 1.6), ylim=(-1.6, 1.6), zlim=(-1.6, 1.6))
    axis.set_axis_off()


def share_table(shares: Mapping[str, Shares]) -> Figure:
    models = sorted(next(iter(shares.values())), key=lambda model: (model[-1] != "2", model))
    return table(
        ("model, latent dimensions", *shares),
        ((model, *(percent(lost[model]) for lost in shares.values())) for model in models),
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
