"""The command line: one verb a use. Nothing heavy is imported before a verb runs.

Data go to stdout, progress and log to stderr. Exit code 0: done, 1: failed, 2: wrong use.
"""

from __future__ import annotations

import functools
import inspect
import io
import json
import logging
import shlex
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, get_type_hints

import typer
from typer.exceptions import Abort, TyperException

from narrows.errors import InputError, TrainingError
from narrows.recipes import LECTURES, RECIPES

if TYPE_CHECKING:
    from narrows.data.kinds import Data
    from narrows.data.readers import Reading
    from narrows.run import Run

app = typer.Typer(
    help="Autoencoders for your own data: fit one, see whether it beats PCA, and use it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

DataArgument = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="a dataset's name or a path: .npy, .npz, .csv, .parquet, an image or a folder of them",
    ),
]
RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="a run folder that fit has written")]
Output = Annotated[
    Path, typer.Option("--out", "-o", help="where the result goes; its ending says what it is")
]
Json = Annotated[bool, typer.Option("--json", help="print one machine-readable object")]
Quiet = Annotated[bool, typer.Option("--quiet", help="no progress, only the result")]
Columns = Annotated[str | None, typer.Option(help="of a table, the columns to use: a,b,c")]
Label = Annotated[
    str | None, typer.Option(help="of a table, the column that colours pictures; never learned")
]
Id = Annotated[str | None, typer.Option("--id", help="of a table, the column that names the rows")]
Groups = Annotated[
    str | None,
    typer.Option(help="rows that belong together: a column, or a regular expression in image names"),
]
KindOption = Annotated[
    str | None, typer.Option("--kind", help="images or table, where the file does not tell")
]
Resize = Annotated[str | None, typer.Option(metavar="HxW", help="bring image files to this height and width")]
Patch = Annotated[
    int | None, typer.Option(metavar="SIDE", help="cut large images into squares of this many pixels")
]
Test = Annotated[str | None, typer.Option(metavar="DATA", help="a held-out part of your own to judge on")]
Epochs = Annotated[int | None, typer.Option(help="passes over the data; chosen from their size if not given")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, mps …")]
Seed = Annotated[int, typer.Option(help="the same seed gives the same result")]


def reading(
    kind: KindOption = None,
    resize: Resize = None,
    columns: Columns = None,
    label: Label = None,
    id_column: Id = None,
    groups: Groups = None,
    patch: Patch = None,
    test: Test = None,
) -> Reading:
    """What the options that all verbs which read data have in common ask for."""
    from narrows.data.readers import Reading

    chosen = tuple(name.strip() for name in columns.split(",")) if columns else ()
    if patch is not None and (patch < 1 or resize):
        raise InputError("--patch takes a number of pixels, and no --resize beside it.")
    return Reading(kind, parse_size(resize), chosen, label, id_column, groups, patch, test)


def reads(verb: Callable[..., None]) -> Callable[..., None]:
    """Give `verb` the options of `reading`; it gets what they ask for as its argument `how`."""
    own, shared = typed_parameters(verb), typed_parameters(reading)

    @functools.wraps(verb)
    def command(**given: Any) -> None:
        how = reading(**{name: given.pop(name) for name in shared})
        verb(how=how, **given)

    parameters = [p for p in (*own.values(), *shared.values()) if p.name != "how"]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    del command.__wrapped__
    return command


def typed_parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The parameters of `function` by name, taken by keyword, with what their annotations mean."""
    hints = get_type_hints(function, localns={"Reading": object}, include_extras=True)
    return {
        name: parameter.replace(kind=parameter.KEYWORD_ONLY, annotation=hints[name])
        for name, parameter in inspect.signature(function).parameters.items()
    }


@app.command()
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
    from narrows.checkpoint import Checkpoint, unfinished
    from narrows.data.readers import read
    from narrows.fitting import fit as fit_data
    from narrows.progress import Progress
    from narrows.report import documents
    from narrows.run import Run, check_free, folder_to_resume, free_folder

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
    from narrows.memory import peak_memory

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


@app.command()
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


@app.command()
@reads
def doctor(
    source: DataArgument,
    how: Reading,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say what is ill in DATA, and what to do, before anything is trained."""
    from dataclasses import asdict

    from narrows.data.readers import read
    from narrows.doctor import examine, worst

    found = read(source, how)
    findings = examine(found)
    record = {"name": found.name, "worst": worst(findings), "findings": [asdict(f) for f in findings]}
    say(record, "\n".join(finding.paragraph for finding in findings), as_json)


@app.command()
def encode(
    run: RunArgument, data: DataArgument, out: Output, as_json: Json = False, quiet: Quiet = False
) -> None:
    """Write the code of each example of DATA: .csv, .npy or .parquet."""
    loaded, found = load_both(run, data)
    from narrows.data.writers import check_target, write_codes

    check_target(out, data)
    codes = loaded.encode(found.values)
    write_codes(codes, out, found.ids)
    record = {"out": str(out), "n": len(codes), "latent_dim": codes.shape[1]}
    say(record, f"{len(codes):,} codes of {codes.shape[1]} numbers: {out}", as_json)


@app.command()
def reconstruct(
    run: RunArgument,
    data: DataArgument,
    out: Output,
    impute: Annotated[
        bool, typer.Option("--impute", help="keep the cells that are there and fill in the missing ones only")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write what is left of DATA after the bottleneck, in its own shape and type."""
    loaded, found = load_both(run, data)
    from narrows.data.blocks import OnDisk, pieces
    from narrows.data.patches import join
    from narrows.data.writers import check_target, write_examples, write_pieces, write_whole

    check_target(out, data)
    use = loaded.impute if impute else loaded.reconstruct
    if isinstance(found.values, OnDisk):
        write_pieces((use(piece) for _, piece in pieces(found.values)), found.values.shape, out)
    elif found.patches is None:
        write_examples(use(found.values), loaded.schema, out, found.ids, found.modes)
    else:
        write_whole(join(use(found.values), found.patches), found.patches, out)
    say({"out": str(out), "n": len(found)}, f"{len(found):,} reconstructions: {out}", as_json)


@app.command()
def sample(
    run: RunArgument,
    out: Output,
    n: Annotated[int, typer.Option("-n", help="how many")] = 64,
    seed: Seed = 0,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write new examples that the model makes up."""
    from narrows.data.writers import check_target, write_examples
    from narrows.tasks.sample import sample as draw

    check_target(out)
    loaded = opened(run)
    values, note = draw(loaded, n, seed)
    write_examples(values, loaded.schema, out)
    say({"out": str(out), "n": n, "note": note}, f"{n} samples: {out}\n{note}", as_json)


@app.command()
def interpolate(
    run: RunArgument,
    data: DataArgument,
    first: Annotated[int, typer.Argument(metavar="I", help="number of an example of DATA, from 0")],
    second: Annotated[int, typer.Argument(metavar="J", help="number of another")],
    out: Output,
    steps: Annotated[int, typer.Option(help="examples on the way, both ends included")] = 10,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the way from example I of DATA to example J, through their codes."""
    loaded, found = load_both(run, data)
    import numpy as np

    from narrows.data.writers import check_target, picture, write_examples, write_picture
    from narrows.tasks.sample import interpolate as walk

    check_target(out, data)
    for number in (first, second):
        if not 0 <= number < len(found):
            raise InputError(f"There is no example {number}: {data} has {len(found):,}, counted from 0.")
    path = walk(loaded, found.rows(np.array([first, second])).array, steps)
    if out.suffix.lower() == ".png" and loaded.schema.kind == "images":
        write_picture(picture(loaded.schema.arrange(path), columns=steps), out)
    else:
        write_examples(path, loaded.schema, out)
    say({"out": str(out), "steps": steps}, f"{steps} steps from {first} to {second}: {out}", as_json)


@app.command()
def recipes(
    name: Annotated[str | None, typer.Argument(metavar="NAME")] = None,
    parts: Annotated[
        bool, typer.Option("--parts", help="list the parts that recipes are made of, with their options")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List the recipes, or show what NAME is made of."""
    if parts:
        from narrows.model import list_parts

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
    from narrows.registry import lookup

    entry = lookup("recipe", RECIPES, name)
    made_of = json.dumps({key: entry[key] for key in ("spec", "training") if key in entry}, indent=1)
    data = "mnist" if name in LECTURES else "digits"
    text = [f"{name}: {entry['summary']}", entry["formula"], entry["source"], made_of]
    say(entry, "\n".join([*text, f"narrows fit {data} --recipe {name}"]), as_json)


@app.command()
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
    names, sizes = recipes.split(","), parse_sizes(latent_dims)
    from narrows.data.readers import read
    from narrows.data.writers import write_text
    from narrows.registry import lookup
    from narrows.report.comparison import render_comparison
    from narrows.report.composition import error_unit
    from narrows.tasks.compare import compare as compare_recipes

    for name in names:
        lookup("recipe", RECIPES, name)
    found = read(data, how)

    def show(row: dict[str, Any]) -> None:
        if not quiet:
            line = "{recipe} {latent_dim}: error {mse:.4g}, PCA {pca_mse:.4g}".format(**row)
            print(line, file=sys.stderr, flush=True)

    result = compare_recipes(found, names, sizes, epochs=epochs, seed=seed, device=device, on_fit=show)
    page = out or Path("runs") / f"{found.name}-compare.html"
    write_text(render_comparison(result, found.name, error_unit(found.schema)), page)
    say({**result, "out": str(page)}, f"{result['sentence']}\n{page}", as_json)


@app.command()
def report(run: RunArgument, as_json: Json = False, quiet: Quiet = False) -> None:
    """Write RUN/report.html again."""
    page = write_report(run)
    say({"out": str(page)}, str(page), as_json)


@app.command()
def explore(
    run: RunArgument,
    beside: Annotated[
        Path | None, typer.Option(metavar="RUN2", help="another run, to be shown in the same page")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write RUN/report.html again and open it, to move through the codes of RUN."""
    import webbrowser

    page = write_report(run, *([beside] if beside else []))
    if not as_json:
        webbrowser.open(page.absolute().as_uri())
    say({"out": str(page)}, str(page), as_json)


def write_report(run: Path, *beside: Path) -> Path:
    """Write the page of `run`, the runs `beside` it in its live part."""
    from narrows.data.writers import write_text
    from narrows.report import render
    from narrows.run import Run

    page = run / "report.html"
    loaded = [Run.load(folder) for folder in (run, *beside)]
    try:
        text = render(*loaded)
    except InputError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise InputError(f"{run} is damaged: {type(error).__name__} {error}.") from error
    write_text(text, page)
    return page


@app.command()
def export(
    run: RunArgument,
    onnx: Annotated[
        Path, typer.Option("--onnx", metavar="FOLDER", help="where encoder.onnx and decoder.onnx go")
    ],
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write both halves of RUN as ONNX, the scaling inside: raw data in, raw data out."""
    from narrows.export import export_onnx, parity

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


@app.command()
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


def load_both(run: Path, data: str) -> tuple[Run, Data]:
    """The run, and the data read as the kind that it was fitted to."""
    from narrows.data.readers import read

    loaded = opened(run)
    return loaded, read(data, reading_again(loaded))


def opened(run: Path) -> Run:
    """The run, and a word on stderr when its training has not finished."""
    from narrows.run import Run

    loaded = Run.load(run)
    if loaded.unfinished:
        print(f"narrows: {loaded.unfinished}", file=sys.stderr)
    return loaded


def reading_again(run: Run) -> Reading:
    """How to read other data for `run`: the same size of images, the same columns by name."""
    from narrows.data.readers import Reading

    asked = run.config.get("reading", {})
    size = asked.get("resize")
    size = size and (size[0], size[1])
    return Reading(run.schema.kind, size, id=asked.get("id"), patch=asked.get("patch"), like=run.schema)


def parse_size(text: str | None) -> tuple[int, int] | None:
    """`"32x48"` as height and width.

    >>> parse_size("32x48")
    (32, 48)
    """
    if text is None:
        return None
    height, _, width = text.partition("x")
    if not (height.isdigit() and width.isdigit() and 0 < int(height) * int(width) <= 10**8):
        raise InputError(f"--resize takes HEIGHTxWIDTH, as in 32x48, but got {text!r}.")
    return int(height), int(width)


def parse_sizes(text: str) -> list[int]:
    """`"2,4,8"` as numbers."""
    if not all(part.strip().isdigit() and int(part) for part in text.split(",")):
        raise InputError(f"--latent-dims takes whole numbers, as in 2,4,8, but got {text!r}.")
    return [int(part) for part in text.split(",")]


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


def say(record: Any, text: str, as_json: bool) -> None:
    """Print the result to stdout, for a machine or for a person."""
    print(json.dumps(record, indent=None) if as_json else text)


def fail(message: str, code: int, as_json: bool) -> NoReturn:
    """Print the one sentence that says what went wrong, and end."""
    print(
        json.dumps({"error": message}) if as_json else f"narrows: {message}",
        file=sys.stdout if as_json else sys.stderr,
    )
    raise SystemExit(code)


INTERRUPTED = 130
"""What the parser makes of Ctrl-C."""


def main() -> None:
    """Run the command line; every foreseen mistake ends in one sentence."""
    as_json = "--json" in sys.argv[1:]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # consoles that lack a formula's letters
    # What libraries remark on broken files is said in our own sentence.
    warnings.simplefilter("ignore")
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    try:
        code = app(standalone_mode=False)
    except TyperException as error:
        fail(error.format_message(), 2, as_json)
    except InputError as error:
        fail(str(error), 2, as_json)
    except TrainingError as error:
        fail(str(error), 1, as_json)
    except (KeyboardInterrupt, Abort):
        fail("Interrupted before anything was finished.", 1, as_json)
    if code == INTERRUPTED:
        fail("Interrupted before anything was finished.", 1, as_json)
    raise SystemExit(code if isinstance(code, int) else 0)
