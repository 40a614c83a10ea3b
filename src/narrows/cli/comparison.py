"""The verb that compares recipes and code sizes: compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from narrows.cli.commands import Result, reads, tell
from narrows.cli.inputs import check_page, read_data
from narrows.cli.options import DataArgument, Device, Epochs, Quiet, Seed, whole
from narrows.cli.parsing import parse_names, parse_numbers
from narrows.core.numbers import mean_and_spread, percents

if TYPE_CHECKING:
    from narrows.data.reading import Reading

Recipes = Annotated[str, typer.Option(help="names of recipes, as autoencoder,vae")]
LatentDims = Annotated[str, typer.Option(help="code sizes, as 2,4,8")]
Seeds = Annotated[int, whole("fit each recipe and size with so many seeds, from --seed on; ± is over them")]
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
    seeds: Seeds = 1,
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
    options: dict[str, Any] = {"epochs": epochs, "seed": seed, "seeds": seeds, "device": device}
    result = compare_recipes(found, names, sizes, **options, on_row=show)
    page = out or Path("runs") / f"{found.name}-compare.html"
    unit = DRAWN[found.schema.kind].error_unit(found.schema)
    write_text(render_comparison(result, found.name, unit), page)
    return Result({**result, "out": str(page)}, f"{result['sentence']}\n{page}")


def checked_recipes(text: str) -> tuple[str, ...]:
    """Names of recipes, each of which exists."""
    from narrows.model.recipe_names import recipe_name

    return tuple(recipe_name(name) for name in parse_names(text))


def spoken(row: dict[str, Any]) -> str:
    """A row of the comparison in words, or a fit of it, or one that stopped.

    >>> spoken({"recipe": "vae", "latent_dim": 4, "fits": [{"mse": 0.25, "pca_mse": None}]})
    'vae 4: error 0.25'
    >>> spoken({"recipe": "vae", "latent_dim": 4, "seed": 1, "mse": 0.25, "pca_mse": 0.5})
    'vae 4, seed 1: error 0.25, PCA 0.5'
    >>> spoken({"recipe": "vae", "latent_dim": 4, "seed": 1, "stopped": "Training stopped: …"})
    'vae 4, seed 1: Training stopped: …'
    >>> fits = [{"auc": auc, "yardstick_auc": 0.9} for auc in (0.95, 0.96)]
    >>> spoken({"recipe": "gae", "latent_dim": 4, "auc": 0.955, "yardstick": "Katz", "fits": fits})
    'gae 4: AUC 95.5 ± 0.7 %, Katz 90.0 ± 0.0 %, 2 seeds'
    """
    name = f"{row['recipe']} {row['latent_dim']}" + (f", seed {row['seed']}" if "seed" in row else "")
    if "stopped" in row:
        return f"{name}: {row['stopped']}"
    fits = row.get("fits", [row])
    many = f", {len(fits)} seeds" if len(fits) > 1 else ""
    if "auc" in row:
        ours, theirs = (percents([fit[key] for fit in fits]) for key in ("auc", "yardstick_auc"))
        return f"{name}: AUC {ours}, {row['yardstick']} {theirs}{many}"
    errors, of_pca = ([fit[key] for fit in fits] for key in ("mse", "pca_mse"))
    beside = "" if of_pca[0] is None else f", PCA {mean_and_spread(of_pca)}"
    return f"{name}: error {mean_and_spread(errors)}{beside}{many}"
