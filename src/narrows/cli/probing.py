"""The verb that asks what an encoder is worth where labels are few."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from narrows.cli.common import (
    DataArgument,
    Device,
    Epochs,
    Json,
    Quiet,
    Seed,
    check_page,
    parse_sizes,
    reads,
    say,
)
from narrows.core.errors import InputError
from narrows.model.recipes import RECIPES

if TYPE_CHECKING:
    from narrows.data.readers import Reading
    from narrows.data.schema import Data


@reads
def probe(
    data: DataArgument,
    how: Reading,
    labels: Annotated[str, typer.Option(help="labels per class, as 1,10,100")] = "1,10,100",
    draws: Annotated[int, typer.Option(help="how often labels are drawn")] = 5,
    recipe: Annotated[str, typer.Option(help=f"one of: {', '.join(RECIPES)}")] = "mixture-vae",
    latent_dim: Annotated[
        int | None, typer.Option(help="numbers in a code; chosen from the data if not given")
    ] = None,
    epochs: Epochs = None,
    run: Annotated[
        Path | None, typer.Option("--run", help="a run of these data, in the place of a new autoencoder")
    ] = None,
    seed: Seed = 0,
    device: Device = "auto",
    out: Annotated[Path | None, typer.Option(help="the page; runs/DATA-probe.html if not given")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Learn from few labels what --label names, a column or a file, with an encoder and without."""
    sizes = parse_sizes(labels, "--labels")
    if out is not None:
        check_page(out, data)
    if run is not None and (latent_dim is not None or epochs is not None):
        raise InputError("--run brings its own training; leave --latent-dim and --epochs out.")
    from narrows.data.writers import write_text
    from narrows.report.probe import render_probe, sentence
    from narrows.runs.run import Run
    from narrows.tasks.few_labels.probe import WAYS
    from narrows.tasks.few_labels.probe import probe as measure
    from narrows.training.progress import Progress

    pretrained = None if run is None else Run.load(run)
    found = labelled(data, how if pretrained is None else replace(how, like=pretrained.schema))

    def show(row: dict[str, Any]) -> None:
        if not quiet:
            told = ", ".join(f"{way} {row[way]:.4f}" for way in WAYS)
            print(f"{row['labels']} per class, draw {row['draw'] + 1}: {told}", file=sys.stderr, flush=True)

    with Progress(quiet) as progress:
        result = measure(
            found,
            sizes,
            draws=draws,
            recipe=recipe,
            latent_dim=latent_dim,
            epochs=epochs,
            seed=seed,
            device=device,
            pretrained=pretrained,
            on_epoch=progress,
            on_row=show,
        )
    page = out or Path("runs") / f"{found.name}-probe.html"
    write_text(render_probe(result, found.name), page)
    say({**result, "out": str(page)}, f"{sentence(result)}\n{page}", as_json)


def labelled(source: str, how: Reading) -> Data:
    """The data with their labels: from a column, a file that `how` names in its place, or their own."""
    from narrows.data.readers import read, read_labels

    if how.label is None or not Path(how.label).is_file():
        return read(source, how)
    found = read(source, replace(how, label=None))
    labels = read_labels(Path(how.label))
    if len(labels) != len(found):
        raise InputError(
            f"{how.label} holds {len(labels):,} labels for {len(found):,} examples; wanted is one each."
        )
    return replace(found, labels=labels)
