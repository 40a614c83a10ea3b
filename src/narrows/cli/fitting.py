"""Verbs before there is a run, and the one that makes it: data, doctor, fit, compare."""

from __future__ import annotations

import json
import shlex
import sys
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
    from narrows.doctor.findings import Finding
    from narrows.runs.run import Run


@reads
def fit(
    data: DataArgument,
    how: Reading,
    recipe: Annotated[str, typer.Option(help=f"one of: {', '.join(RECIPES)}")] = "autoencoder",
    latent_dim: Annotated[
        int | None, typer.Option(help="numbers in a code; chosen from the data if not given")
    ] = None,
    epochs: Epochs = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="PART.OPTION=VALUE", help="change a part of the recipe, as bottleneck.beta=4"
        ),
    ] = None,
    seed: Seed = 0,
    device: Device = "auto",
    out: Annotated[Path | None, typer.Option(help="the run folder; runs/DATA-RECIPE if not given")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="go on with a run that was interrupted, else start one")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fit an autoencoder to DATA and say whether it beats PCA."""
    overrides = parse_changes(changes or [])
    from narrows.core.files import unfinished
    from narrows.data.readers import read
    from narrows.fitting.fit import fit as fit_data
    from narrows.report import documents
    from narrows.runs.run import Run, check_free, folder_to_resume, free_folder
    from narrows.training.checkpoint import Checkpoint
    from narrows.training.progress import Progress

    found = read(data, how)
    folder = out or (folder_to_resume if resume else free_folder)(f"{found.name}-{recipe}")
    if resume and folder.exists() and not unfinished(folder):
        say_verdict(Run.load(folder), folder, as_json)
        Checkpoint(folder).sweep()
        return
    if not resume or not folder.exists():
        check_free(folder)
    if epochs is not None:
        overrides.setdefault("training", {})["epochs"] = epochs
    with Progress(quiet) as progress, Checkpoint(folder) as checkpoint:
        run = fit_data(
            found,
            recipe=recipe,
            latent_dim=latent_dim,
            overrides=overrides,
            seed=seed,
            device=device,
            on_epoch=progress,
            checkpoint=checkpoint,
            notes={
                "reading": {"resize": how.resize, "id": how.id, "patch": how.patch},
                "command": shlex.join(["narrows", *sys.argv[1:]]),
            },
        )
        run.finish(checkpoint, documents(run))
    if not quiet:
        for warning in run.config["warnings"]:
            print(f"warning: {warning}", file=sys.stderr)
    say_verdict(run, folder, as_json)


def say_verdict(run: Run, folder: Path, as_json: bool) -> None:
    say(summary(run, folder), f"{run.metrics['verdict']['sentence']}\n{folder / 'report.html'}", as_json)


def summary(run: Run, folder: Path) -> dict[str, Any]:
    """What `fit --json` prints."""
    from narrows.core.memory import peak_memory

    return {
        "run": str(folder),
        "kind": run.schema.kind,
        "recipe": run.config["recipe"],
        "latent_dim": run.model.code_size,
        "epochs": len(run.history),
        "seconds": round(run.history[-1]["seconds"], 3),
        "verdict": run.metrics["verdict"]["outcome"],
        "sentence": run.metrics["verdict"]["sentence"],
        "held_out": run.metrics["held_out"],
        "warnings": run.config["warnings"],
        "peak_memory": peak_memory(),
    }


@reads
def data(
    source: DataArgument,
    how: Reading,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say what the reader sees in DATA, and the scaling and loss it would choose."""
    from narrows.data.readers import read
    from narrows.data.summary import summarise

    found = summarise(read(source, how))
    text = [f"{found['n']:,} examples, {found['kind']}, each {found['shape']} of {found['dtype']}"]
    text += [f"range {found['range'][0]:g} to {found['range'][1]:g}, {found['missing']:,} cells missing"]
    text += [f"scaling {found['scaling']}, loss {found['loss']}", *found["why"]]
    text += [
        f"  {c['name']}: {c['nature']}, {c['dtype']}, {c['missing']:,} missing" for c in found["columns"][:30]
    ]
    say(found, "\n".join(text), as_json)


@reads
def doctor(
    source: Annotated[
        str, typer.Argument(metavar="DATA|RUN", help="data as fit takes them, or a run folder")
    ],
    how: Reading,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say what is ill in DATA before anything is trained, or in the finished RUN, and what to do."""
    from dataclasses import asdict

    from narrows.doctor.findings import worst

    name, findings = examined(source, how)
    record = {"name": name, "worst": worst(findings), "findings": [asdict(f) for f in findings]}
    text = "\n".join(finding.paragraph for finding in findings)
    say(record, text or "Nothing is wrong with this run, as far as is known here.", as_json)


def examined(source: str, how: Reading) -> tuple[str, list[Finding]]:
    """The name of the data or of the run at `source`, and what the doctor finds."""
    from narrows.data.readers import Reading, read

    if not (Path(source) / "config.json").is_file():
        from narrows.doctor.data import examine

        found = read(source, how)
        return found.name, examine(found)
    from narrows.doctor.runs import examine as examine_run
    from narrows.runs.run import Run

    if how != Reading():
        raise InputError(f"{source} is a run, which is examined as it was fitted; leave the options out.")
    return Path(source).resolve().name, examine_run(Run.load(Path(source)))


@reads
def compare(
    data: DataArgument,
    how: Reading,
    recipes: Annotated[str, typer.Option(help="names, as autoencoder,vae")] = "autoencoder",
    latent_dims: Annotated[str, typer.Option(help="code sizes, as 2,4,8")] = "2,4,8,16,32",
    epochs: Epochs = None,
    seed: Seed = 0,
    device: Device = "auto",
    out: Annotated[Path | None, typer.Option(help="the page; runs/DATA-compare.html if not given")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare recipes and code sizes on DATA, beside PCA: the curve, its knee, and which to take."""
    names, sizes = recipes.split(","), parse_sizes(latent_dims, "--latent-dims")
    from narrows.core.registry import lookup
    from narrows.data.readers import read
    from narrows.data.writers import write_text
    from narrows.report.comparison import render_comparison
    from narrows.report.kinds import DRAWN
    from narrows.tasks.compare import compare as compare_recipes

    for name in names:
        lookup("recipe", RECIPES, name)
    if out is not None:
        check_page(out, data)
    found = read(data, how)

    def show(row: dict[str, Any]) -> None:
        if not quiet:
            line = "{recipe} {latent_dim}: error {mse:.4g}, PCA {pca_mse:.4g}".format(**row)
            print(line, file=sys.stderr, flush=True)

    result = compare_recipes(found, names, sizes, epochs=epochs, seed=seed, device=device, on_fit=show)
    page = out or Path("runs") / f"{found.name}-compare.html"
    write_text(render_comparison(result, found.name, DRAWN[found.schema.kind].error_unit(found.schema)), page)
    say({**result, "out": str(page)}, f"{result['sentence']}\n{page}", as_json)


def parse_changes(changes: list[str]) -> dict[str, Any]:
    """`["bottleneck.beta=4"]` as `{"bottleneck": {"beta": 4}}`; values are JSON, else words.

    >>> parse_changes(["loss.name=squared", "encoder.widths=[64,32]"])
    {'loss': {'name': 'squared'}, 'encoder': {'widths': [64, 32]}}
    """
    parsed: dict[str, Any] = {}
    for change in changes:
        key, equals, value = change.partition("=")
        part, dot, option = key.partition(".")
        if not (equals and dot and part and option):
            raise InputError(f"--set takes PART.OPTION=VALUE, as in bottleneck.beta=4, but got {change!r}.")
        parsed.setdefault(part, {})[option] = parse_value(value)
    return parsed


def parse_value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
