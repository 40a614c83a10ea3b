"""The verb that measures what an encoder is worth where labels are few: probe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from narrows.cli.commands import Result, reads, tell
from narrows.cli.inputs import check_page, read_data
from narrows.cli.options import DataArgument, Device, Epochs, LatentDim, Quiet, Seed, known_or_none, whole
from narrows.cli.parsing import parse_numbers
from narrows.core.errors import InputError

if TYPE_CHECKING:
    from narrows.data.examples import Data
    from narrows.data.reading import Reading
    from narrows.runs.run import Run


Labels = Annotated[str, typer.Option(help="labels per class, as 1,10,100")]
Draws = Annotated[int, whole("how often labels are drawn")]
Pretrained = Annotated[
    Path | None, typer.Option("--run", metavar="RUN", help="use this run of the same data; fit no new one")
]
Recipe = Annotated[
    str | None,
    typer.Option(
        callback=known_or_none, help="of the encoder; mixture-vae, of a graph autoencoder, if not given"
    ),
]
Page = Annotated[Path | None, typer.Option("--out", "-o", help="the page; runs/DATA-probe.html if not given")]


@reads
def probe(
    data: DataArgument,
    how: Reading,
    labels: Labels = "1,10,100",
    draws: Draws = 5,
    recipe: Recipe = None,
    latent_dim: LatentDim = None,
    epochs: Epochs = None,
    run: Pretrained = None,
    seed: Seed = 0,
    device: Device = "auto",
    out: Page = None,
    quiet: Quiet = False,
) -> Result:
    """Compare classifiers that learn from few labels, with a pretrained encoder and without.

    The labels are the set's own, or what --label names: a column, or a file with a label for each example.
    The nodes of a graph are classified by logistic regressions, and half of them are judged on.
    """
    sizes = parse_numbers(labels, "--labels")
    check_page(out, data)
    check_training(run, latent_dim, epochs)
    from narrows.data.writers import write_text
    from narrows.report.probe import render_probe, sentence

    found, pretrained = labelled_with_run(data, how, run, quiet)
    result = measured(
        found,
        sizes,
        quiet=quiet,
        draws=draws,
        recipe=recipe,
        latent_dim=latent_dim,
        epochs=epochs,
        seed=seed,
        device=device,
        pretrained=pretrained,
    )
    page = out or Path("runs") / f"{found.name}-probe.html"
    write_text(render_probe(result, found.name), page)
    return Result({**result, "out": str(page)}, f"{sentence(result)}\n{page}")


def check_training(run: Path | None, latent_dim: int | None, epochs: int | None) -> None:
    """Refuse choices for a training beside a run that is trained already."""
    if run is not None and (latent_dim is not None or epochs is not None):
        raise InputError("--run brings its own training; leave --latent-dim and --epochs out.")


def measured(data: Data, sizes: list[int], *, quiet: bool, **choices: Any) -> dict[str, Any]:
    """The measures, with `choices` as `narrows.tasks.few_labels.probe.probe` takes them."""
    from narrows.report.probe import NAMES, NODE_NAMES
    from narrows.tasks.few_labels.measures import MEASURES
    from narrows.tasks.few_labels.probe import probe as measure
    from narrows.training.progress import Progress

    def show(row: dict[str, Any]) -> None:
        for suffix, name in {"": "", **{f"_{key}": f"{text}: " for key, text in MEASURES.items()}}.items():
            if "pretrained" + suffix in row:
                methods = {**NAMES, **NODE_NAMES}.items()
                shares = ", ".join(
                    f"{method} {row[key + suffix]:.4f}" for key, method in methods if key + suffix in row
                )
                tell(f"{row['labels']} per class, draw {row['draw'] + 1}: {name}{shares}", quiet)

    with Progress(quiet) as progress:
        return measure(data, sizes, on_epoch=progress, on_row=show, **choices)


def labelled_with_run(source: str, how: Reading, folder: Path | None, quiet: bool) -> tuple[Data, Run | None]:
    """The data with their labels, and the run in `folder`, whose columns they then have."""
    from narrows.runs.folder import load_run

    if folder is None:
        return labelled(source, how, quiet), None
    run = load_run(folder)
    return labelled(source, replace(how, like=run.schema), quiet), run


def labelled(source: str, how: Reading, quiet: bool) -> Data:
    """The data with their labels: from a column, from a file that `how` names instead, or their own."""
    from narrows.data.labels import read_labels

    if how.label is None or not Path(how.label).is_file():
        return read_data(source, how, quiet)
    found = read_data(source, replace(how, label=None), quiet)
    labels = read_labels(Path(how.label))
    if len(labels) != len(found):
        raise InputError(
            f"{how.label} holds {len(labels):,} labels for {len(found):,} examples; wanted is one each."
        )
    return replace(found, labels=labels)
