"""The table of verbs: it feeds the command line, its help and the docs."""

from __future__ import annotations

import inspect
import shlex
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from narrows.cli import (
    anomalies,
    codes,
    comparison,
    compression,
    denoising,
    export,
    few_labels,
    fitting,
    generation,
    inspection,
    links,
    maps,
    pages,
    recipes,
    reproduction,
    restoration,
)
from narrows.cli.commands import Verb, printed
from narrows.core.errors import InputError
from narrows.core.launch import launched

VERBS: dict[str, tuple[Verb, ...]] = {
    "From data to a model": (
        fitting.fit,
        recipes.recipes,
        inspection.data,
        inspection.doctor,
        comparison.compare,
        few_labels.probe,
    ),
    "Use a model": (
        codes.encode,
        codes.reconstruct,
        denoising.denoise,
        restoration.restore,
        anomalies.anomalies,
        links.links,
        maps.maps,
    ),
    "Make new data": (
        generation.sample,
        generation.interpolate,
        generation.arithmetic,
        generation.grid,
    ),
    "Show and hand over": (
        pages.report,
        pages.explore,
        export.export,
        compression.compress,
        compression.decompress,
        reproduction.reproduce,
    ),
}
"""By group, in the order of the help. A verb is called as its function; its purpose is the docstring."""


BY_PROCESSES = (fitting.fit, codes.encode)
"""Verbs that several processes do together; others are for one."""


def purpose(verb: Verb) -> str:
    """The first paragraph of the verb's docstring, on one line."""
    return " ".join(inspect.cleandoc(verb.__doc__ or "").split("\n\n")[0].split())


class Command(TyperCommand):
    """A command whose repeatable options take several numbers in a row: `--add 3 8 --subtract 5`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        repeatable = {name for option in self.params if option.multiple for name in option.opts}
        found: list[str] = []
        option = ""
        for word in args:
            if word.isdigit() and option and found[-1] != option:
                found.append(option)
            found.append(word)
            option = word if word in repeatable else option if word.isdigit() else ""
        self.check_repeated(found)
        return super().parse_args(ctx, found)

    def check_repeated(self, words: list[str]) -> None:
        """Refuse an option that takes one value and is given twice; the parser would take the last one."""
        given = [word.split("=")[0] for word in words[: words.index("--") if "--" in words else None]]
        for option in self.params:
            times = sum(given.count(name) for name in option.opts if name.startswith("-"))
            if times > 1 and not option.multiple:
                raise InputError(
                    f"{option.opts[0]} is given {times} times, but takes one value; give it once."
                )


class Verbs(TyperGroup):
    """The command line, whose help lists the verbs by group."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        for group, verbs in VERBS.items():
            with formatter.section(group):
                formatter.write_dl([(verb.__name__, purpose(verb)) for verb in verbs])


app = typer.Typer(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def show_version(wanted: bool) -> None:
    from narrows import __version__

    if wanted:
        print(f"narrows {__version__}")
        raise typer.Exit


@app.callback()
def narrows(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=show_version, is_eager=True, help="print the version and exit"),
    ] = False,
) -> None:
    """Autoencoders for your own data: fit one, see whether it beats PCA, and use it."""
    check_processes(str(context.invoked_subcommand))


def check_processes(name: str) -> None:
    """Refuse several processes for a verb that one process does, or with several commands.

    Raises:
        InputError: with what to do.
    """
    size, known = launched().size, [verb.__name__ for verb in BY_PROCESSES]
    if size > 1 and name not in known:
        raise InputError(
            f"Several processes do {' and '.join(known)}, but {size} were started for {name!r}; start it "
            f"without torchrun."
        )
    if size > 1:
        from narrows import __version__
        from narrows.core.processes import together

        said = {"narrows": __version__, "the command": shlex.join(["narrows", *sys.argv[1:]])}
        together().check_same(said, "start all processes alike")


for verbs in VERBS.values():
    for verb in verbs:
        app.command(verb.__name__, cls=Command)(printed(verb))
