"""Verbs that show or hand over what there is: recipes, report, export, reproduce."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from narrows.cli.common import Json, Quiet, RunArgument, Seed, opened, say
from narrows.core.errors import DamagedRunError, InputError
from narrows.model.recipes import LECTURES, RECIPES

MADE_OF = ("spec", "training", "large_images")
"""What of a recipe's entry is shown as it stands."""


def recipes(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="a recipe; all if none is given")] = None,
    parts: Annotated[
        bool, typer.Option("--parts", help="list the parts that recipes are made of, with their options")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List the recipes, or show what NAME is made of."""
    if parts:
        from narrows.model.build import list_parts

        listed = list_parts()
        rows = [(kind, part, chosen) for kind, found in listed.items() for part, chosen in found.items()]
        lines = [f"{kind:<12} {part:<12} {chosen}" for kind, part, chosen in rows]
        say(listed, "\n".join(lines), as_json)
        return
    if name is None:
        lines = [
            f"{key:<14} {entry['summary']} [{in_short(entry['spec'])}] ({entry['source']})"
            for key, entry in RECIPES.items()
        ]
        say(RECIPES, "\n".join(lines), as_json)
        return
    from narrows.core.registry import lookup

    entry = lookup("recipe", RECIPES, name)
    made_of = json.dumps({key: entry[key] for key in MADE_OF if key in entry}, indent=1)
    data = "mnist" if name in LECTURES else "digits"
    text = [f"{name}: {entry['summary']}", entry["formula"], entry["source"], made_of]
    say(entry, "\n".join([*text, f"narrows fit {data} --recipe {name}"]), as_json)


def report(run: RunArgument, as_json: Json = False, quiet: Quiet = False) -> None:
    """Write RUN/report.html again."""
    page = write_report(run)
    say({"out": str(page)}, str(page), as_json)


def explore(
    run: RunArgument,
    beside: Annotated[
        Path | None, typer.Option(metavar="RUN2", help="another run, to be shown in the same page")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write RUN/report.html again and open it, to move through the codes of RUN.

    With two runs the page is RUN/beside.html.
    """
    import webbrowser

    page = write_report(run, *([beside] if beside else []))
    if not as_json:
        webbrowser.open(page.absolute().as_uri())
    say({"out": str(page)}, str(page), as_json)


def write_report(run: Path, *beside: Path) -> Path:
    """Write the page of `run`, the runs `beside` it in its live part; with any it is a page of its own."""
    from narrows.data.writers import write_text
    from narrows.report import render
    from narrows.runs.run import Run

    page = run / ("beside.html" if beside else "report.html")
    loaded = [Run.load(folder) for folder in (run, *beside)]
    try:
        text = render(*loaded)
    except InputError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise DamagedRunError(f"{run} is damaged: {type(error).__name__} {error}.") from error
    write_text(text, page)
    return page


def export(
    run: RunArgument,
    onnx: Annotated[
        Path, typer.Option("--onnx", metavar="FOLDER", help="where encoder.onnx and decoder.onnx go")
    ],
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write both halves of RUN as ONNX, the scaling inside: raw data in, raw data out."""
    from narrows.tasks.export import export_onnx, parity

    loaded = opened(run)
    files = export_onnx(loaded, onnx)
    found = parity(loaded, files)
    record = {"files": {name: str(file) for name, file in files.items()}, "parity": found}
    if found is None:
        told = "not compared with the model: pip install 'narrows[onnx]'"
    else:
        differences = f"codes {found['codes']:.1e}, values {found['values']:.1e} of the range"
        told = f"largest difference from the model: {differences}"
    say(record, "\n".join([*map(str, files.values()), told]), as_json)


def reproduce(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="as P1, Y5, K7; all if none is given")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="small data and short trainings, in minutes")
    ] = False,
    seed: Seed = 0,
    out: Annotated[Path, typer.Option(help="the folder for the page and its numbers")] = Path(
        "runs/reproduce"
    ),
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure the lectures' systems and claims, and write the table as a page; goes on where it stopped."""
    from narrows.reproduce import reproduce as measure

    def show(row: dict[str, Any]) -> None:
        if not quiet:
            print(f"{row['id']:<4}{'holds' if row['holds'] else 'NO':<6} {row['sentence']}", file=sys.stderr)

    rows = measure(ids or [], out, quick=quick, seed=seed, on_row=show)
    held = sum(row["holds"] for row in rows)
    say({"rows": rows}, f"{held} of {len(rows)} statements hold\n{out / 'reproduce.html'}", as_json)


def in_short(spec: dict[str, Any]) -> str:
    """The parts of a recipe by name, those left out that are chosen from the data.

    >>> in_short({"encoder": {"name": "mlp"}, "loss": {"name": "squared"}, "penalties": [{"name": "l1"}]})
    'encoder mlp, loss squared, penalty l1'
    """
    parts = [
        f"{part} {spec[part]['name']}"
        for part in ("corruption", "encoder", "bottleneck", "loss")
        if part in spec and spec[part]["name"] != "none"
    ]
    return ", ".join([*parts, *(f"penalty {penalty['name']}" for penalty in spec.get("penalties", ()))])
