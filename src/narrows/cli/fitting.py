"""The verb that makes a run: fit."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from narrows.cli.commands import Result, reads, tell
from narrows.cli.inputs import read_data
from narrows.cli.options import DataArgument, Device, Engine, Epochs, LatentDim, Quiet, Seed, known_or_none
from narrows.cli.parsing import parse_changes, parse_pose
from narrows.core.launch import command
from narrows.model.recipes import COMPRESSION, FRAMES, FROM_NOISE, RECIPES

if TYPE_CHECKING:
    from narrows.data.examples import Data
    from narrows.data.reading import Reading
    from narrows.runs.run import Run

RecipeOrNone = Annotated[
    str | None,
    typer.Option(
        "--recipe",
        callback=known_or_none,
        help=f"one of: {', '.join(RECIPES)}; autoencoder if not given, with --target denoising",
    ),
]
Target = Annotated[
    str | None,
    typer.Option(
        metavar="DATA", help="the clean examples that DATA, noisy or damaged, are to be restored to"
    ),
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PART.OPTION=VALUE", help="change a part of the recipe: bottleneck.beta=4"),
]
Pose = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="of images: find turn, shift or scale of each, or several, as turn,shift, and code the rest",
    ),
]
RunFolder = Annotated[
    Path | None, typer.Option("--out", "-o", help="the run folder; runs/DATA-RECIPE if not given")
]
Resume = Annotated[
    bool, typer.Option("--resume", help="continue a run that was interrupted; start one if there is none")
]


@reads
def fit(
    data: DataArgument,
    how: Reading,
    recipe: RecipeOrNone = None,
    target: Target = None,
    latent_dim: LatentDim = None,
    epochs: Epochs = None,
    changes: Changes = None,
    pose: Pose = None,
    seed: Seed = 0,
    device: Device = "auto",
    engine: Engine = "auto",
    out: RunFolder = None,
    resume: Resume = False,
    quiet: Quiet = False,
) -> Result:
    """Fit an autoencoder to DATA and say whether it beats PCA, or restores DATA better than filters do."""
    from narrows.core.processes import together

    recipe = recipe or ("autoencoder" if target is None else "denoising")
    overrides = parse_changes([*(changes or []), *(() if epochs is None else [f"training.epochs={epochs}"])])
    if pose is not None:
        overrides["pose"] = {**parse_pose(pose), **overrides.get("pose", {})}
    choices = {
        "recipe": recipe,
        "latent_dim": latent_dim,
        "overrides": overrides,
        "seed": seed,
        "device": device,
    }
    cut = recipe in FROM_NOISE | COMPRESSION
    found = read_data(data, how, quiet, target, frames=recipe in FRAMES, cut=cut)
    processes = together()
    folder = processes.told(lambda: run_folder(out, f"{found.name}-{recipe}", resume=resume, quiet=quiet))
    if resume and processes.told(lambda: is_finished(folder)):
        processes.leave()
        return verdict(load_finished(folder, found, choices), folder)
    run = fit_into(folder, found, quiet=quiet, notes=notes(how, found), engine=engine, **choices)
    for warning in run.config["warnings"]:
        tell(f"warning: {warning}", quiet)
    return verdict(run, folder)


def run_folder(out: Path | None, name: str, *, resume: bool, quiet: bool = False) -> Path:
    """`out`, or a folder in runs/ called `name`; it must be free, or with `resume` one to continue.

    Raises:
        InputError: when a run cannot be written there.
    """
    from narrows.runs.folder import check_free, folder_to_resume, free_folder

    folder = out or (folder_to_resume if resume else free_folder)(name)
    if not (out or resume or folder.name == name):
        tell(f"{folder.with_name(name)} exists; this run goes to {folder}.", quiet)
    if not (resume and folder.exists()):
        check_free(folder)
    return folder


def is_finished(folder: Path) -> bool:
    from narrows.core.files import unfinished

    return folder.exists() and not unfinished(folder)


def load_finished(folder: Path, data: Data, choices: dict[str, Any]) -> Run:
    """The finished run in `folder`, without what a killed process may have left beside it.

    Raises:
        InputError: when it is one of other data or choices.
    """
    from narrows.fitting.resumption import check_finished
    from narrows.runs.folder import load_run
    from narrows.training.checkpoint import Checkpoint

    run = load_run(folder)
    check_finished(run, folder, data, **choices)
    Checkpoint(folder).sweep()
    return run


def notes(how: Reading, data: Data) -> dict[str, Any]:
    """What the config of a run says about the command, and about the reading of its data."""
    form = {} if data.form is None else {"form": data.form.to_json()}
    return {
        "reading": {
            "resize": how.resize,
            "id": how.id,
            "patch": data.patch,
            "mode": how.mode,
            "axes": how.axes,
            **over_time(replace(how, window=data.window or how.window)),
            **of_graphs(how),
            **form,
        },
        "command": command(sys.argv[1:]),
    }


def over_time(how: Reading) -> dict[str, Any]:
    """What was said of the reading of recordings, by option."""
    from narrows.data.reading import OVER_TIME

    said = {option: getattr(how, option) for option in OVER_TIME}
    return {option: value for option, value in said.items() if value is not None}


def of_graphs(how: Reading) -> dict[str, Any]:
    """What was said of the tables of graphs, by option; the table of nodes is found from any folder."""
    from narrows.data.reading import OF_GRAPHS

    whole = how if how.nodes is None else replace(how, nodes=str(Path(how.nodes).expanduser().absolute()))
    said = {option: getattr(whole, option) for option in OF_GRAPHS}
    return {option: value for option, value in said.items() if value}


def fit_into(folder: Path, data: Data, *, quiet: bool, **choices: Any) -> Run:
    """Fit a run with `choices`, as `narrows.fitting.fit.fit` takes them, and write it to `folder`.

    Of processes that fit it together the first has the folder.
    """
    from narrows.core.errors import TrainingError
    from narrows.core.files import unfinished
    from narrows.core.processes import together
    from narrows.fitting.fit import fit as fit_data
    from narrows.report import documents
    from narrows.runs.folder import finish_run, load_run
    from narrows.training.checkpoint import Checkpoint
    from narrows.training.progress import Progress

    processes = together()
    try:
        with Progress(quiet) as progress, Checkpoint(folder) as checkpoint:
            run = fit_data(
                data,
                on_epoch=progress,
                on_phase=progress.phase,
                checkpoint=checkpoint if processes.first else None,
                processes=processes,
                **choices,
            )
            progress.phase("writing the run and its report")
            finish_run(run, checkpoint, documents(run))
    except KeyboardInterrupt:
        if not (processes.first and unfinished(folder)):
            raise
        raise TrainingError(f"Interrupted: {load_run(folder).unfinished}.") from None
    return run


def verdict(run: Run, folder: Path) -> Result:
    """The verdict on a finished run."""
    return Result(summary(run, folder), f"{run.metrics['verdict']['sentence']}\n{folder / 'report.html'}")


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
        "beside": run.metrics.get("beside", []),
        "warnings": run.config["warnings"],
        "peak_memory": peak_memory(),
    }
