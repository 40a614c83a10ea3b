"""The verb that compares recipes and code sizes: compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from narrows.cli.commands import Result, reads, tell
from narrows.cli.inputs import check_page, read_data
from narrows.cli.options import DataArgument, Device, Epochs, Quiet, Seed
from narrows.cli.parsing import parse_names, parse_numbers
from narrows.core.numbers import number

if TYPE_CHECKING:
    from narrows.data.reading import Reading

Recipes = Annotated[str, typer.Option(help="names of recipes, as autoencoder,vae")]
LatentDims = Annotated[str, typer.Option(help="code sizes, as 2,4,8")]
Page = Annotated[
    Path | None, typer.Option("--out", "-o", help="the page; runs/DATA-compare.html if not given")
]


@reads
def compare(
    data: DataArgument,
    how: Reading,
    recipes: Recipes = "autoencoder",
    latent_dims: LatentDims = "2,4,8,16,32",
    epochs: Epochs = None,
    seed: Seed = 0,
    device: Device = "auto",
    out: Page = None,
    quiet: Quiet = False,
) -> Result:
    """Compare recipes and code sizes on DATA with PCA: the curve of errors, its knee, a recommendation.

    Of one graph with methods that predict edges without training.
    """
    names, sizes = checked_recipes(recipes), parse_numbers(latent_dims, "--latent-dims")
    check_page(out, data)
    from narrows.data.writers import write_text
    from narrows.report.comparison import render_comparison
    from narrows.report.kinds import DRAWN
    from narrows.tasks.compare import compare as compare_recipes

    def show(row: dict[str, Any]) -> None:
        tell(spoken(row), quiet)

    found = read_data(data, how, quiet)
    result = compare_recipes(found, names, sizes, epochs=epochs, seed=seed, device=device, on_fit=show)
    page = out or Path("runs") / f"{found.name}-compare.html"
    unit = DRAWN[found.schema.kind].error_unit(found.schema)
    write_text(render_comparison(result, found.name, unit), page)
    return Result({**result, "out": str(page)}, f"{result['sentence']}\n{page}")


def checked_recipes(text: str) -> tuple[str, ...]:
    """Names of recipes, each of which exists."""
    from narrows.model.recipe_names import recipe_name

    return tuple(recipe_name(name) for name in parse_names(text))


def spoken(row: dict[str, Any]) -> str:
    """A fit of the comparison in words.

    >>> spoken({"recipe": "vae", "latent_dim": 4, "mse": 0.25, "pca_mse": None})
    'vae 4: error 0.25'
    >>> spoken({"recipe": "gae", "latent_dim": 4, "auc": 0.95, "yardstick_auc": 0.9, "yardstick": "Katz"})
    'gae 4: AUC 0.9500, Katz 0.9000'
    """
    name = f"{row['recipe']} {row['latent_dim']}"
    if "auc" in row:
        return f"{name}: AUC {row['auc']:.4f}, {row['yardstick']} {row['yardstick_auc']:.4f}"
    beside = "" if row["pca_mse"] is None else f", PCA {number(row['pca_mse'])}"
    return f"{name}: error {number(row['mse'])}{beside}"
