"""The arguments and options that verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from narrows.cli.parsing import (
    every_name,
    parse_ends,
    parse_mask,
    parse_range,
    parse_size,
    parse_target,
    parse_whole,
)
from narrows.core.errors import InputError
from narrows.data.formats import FORMS, listed, readable, writable
from narrows.model.recipes import RECIPES

if TYPE_CHECKING:
    from narrows.data.preparation import Preparation
    from narrows.data.reading import Reading


def output(*forms: str) -> Any:
    """The option for the file or the folder of a result that can be written in `forms`."""
    endings = listed(writable(*forms))
    text = f"where the result goes, as its ending says: {endings}"
    return typer.Option("--out", "-o", parser=parse_target, metavar="PATH", help=text)


def whole(text: str, *names: str, metavar: str = "N") -> Any:
    """The option for a whole number, with its help `text`."""
    return typer.Option(*names, parser=parse_whole, metavar=metavar, help=text)


def known_recipe(name: str) -> str:
    """The name of a recipe as the table has it, of one given in upper or lower case."""
    from narrows.model.recipe_names import recipe_name

    return recipe_name(name)


def known_or_none(name: str | None) -> str | None:
    """As `known_recipe`, if there is a name."""
    return None if name is None else known_recipe(name)


SOURCE = f"a dataset's name or a path: {listed(readable(*FORMS))} of images, or a pattern as '*.png'"

DataArgument = Annotated[str, typer.Argument(metavar="DATA", help=SOURCE)]
OptionalData = Annotated[str | None, typer.Argument(metavar="DATA", help=SOURCE)]
RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="a run folder that fit has written")]
Output = Annotated[Path, output(*FORMS)]
Reference = Annotated[
    str | None,
    typer.Option(metavar="DATA", help="the same images undamaged, in the same order, to compare with"),
]

Json = Annotated[bool, typer.Option("--json", help="print one machine-readable object")]
Quiet = Annotated[bool, typer.Option("--quiet", help="print no progress and no warnings")]

RecipeName = Annotated[
    str, typer.Option("--recipe", callback=known_recipe, help=f"one of: {', '.join(RECIPES)}")
]
LatentDim = Annotated[int | None, whole("latent dimensions; chosen from the data if not given")]
Epochs = Annotated[int | None, whole("passes over the data; chosen from their size if not given")]
Seed = Annotated[int, whole("the same seed gives the same result")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, mps …")]
Engine = Annotated[
    str,
    typer.Option(
        help="plain: float32, not compiled; auto: the way of computing that a few steps find to be fastest"
    ),
]

Kind = Annotated[
    str | None, typer.Option(help="the kind of data, if the file does not tell; `narrows data` lists them")
]
Resize = Annotated[str | None, typer.Option(metavar="HxW", help="bring image files to this height and width")]
Columns = Annotated[
    list[str] | None, typer.Option(metavar="NAMES", help="the columns of a table to use: a,b,c")
]
Drop = Annotated[
    list[str] | None, typer.Option(metavar="NAMES", help="the columns of a table to leave out: a,b,c")
]
Label = Annotated[
    str | None, typer.Option(help="the column of a table that colours pictures; the model never sees it")
]
Id = Annotated[str | None, typer.Option("--id", help="the column of a table that names the rows")]
Groups = Annotated[
    str | None,
    typer.Option(
        help="rows that stay in one part: a column of a table, or a regular expression for image names"
    ),
]
Blocks = Annotated[int | None, whole("rows that follow each other, N at a time, stay in one part")]
Patch = Annotated[int | None, whole("cut large images into squares of this many pixels", metavar="SIDE")]
Header = Annotated[
    bool | None,
    typer.Option("--header/--no-header", help="whether the first line of a text file has the columns' names"),
]
Missing = Annotated[
    list[str] | None,
    typer.Option(metavar="TEXTS", help='further texts that stand for a missing cell: "?,-999"'),
]
Test = Annotated[str | None, typer.Option(metavar="DATA", help="the data to judge on, not trained on")]
Mode = Annotated[
    str | None, typer.Option(help="convert image files to this mode: L (grey), LA, RGB or RGBA (A: opacity)")
]
Axes = Annotated[
    str | None,
    typer.Option(
        metavar="LETTERS",
        help="the axes of an array or a TIFF, as NCHW, YXC, ZYX: Y or H height, X or W width, C channels, "
        "F columns of a table, any other letter examples",
    ),
]

Time = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="of recordings: the column of times; 'none' counts time steps"),
]
Every = Annotated[
    str | None,
    typer.Option(metavar="STEP", help="of recordings: resample to this step of time: 500ms, 1min, 1h, 0.5"),
]
Window = Annotated[
    int | None, whole("of recordings: cut into windows of this many time steps", metavar="STEPS")
]
Stride = Annotated[
    int | None, whole("time steps from the start of a window to that of the next", metavar="STEPS")
]
Nodes = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="of an edge list: a table of the nodes, with their names and features"),
]
Ends = Annotated[
    list[str] | None,
    typer.Option(metavar="NAMES", help="of an edge list: the columns of both ends, perhaps of weights: a,b"),
]
Graph = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="of an edge list of several graphs: the column that names the graph"),
]

Movie = Annotated[
    bool,
    typer.Option(
        "--movie", help="images are frames of a movie: no frame is in another part than those beside it"
    ),
]
Crop = Annotated[
    str | None,
    typer.Option(
        metavar="LOW:HIGH", help="of spectra: the range to keep, in the unit of the axis, or in channels"
    ),
]
Mask = Annotated[
    str | None,
    typer.Option(
        metavar="RADIUS[@ROW,COLUMN]",
        help="of patterns: set the pixels within this radius to 0, around the brightest spot or a place",
    ),
]
Bin = Annotated[
    int | None, whole("of scans: put so many neighbours along each axis of the signal together", "--bin")
]
Counts = Annotated[
    str | None, typer.Option(metavar="FUNCTION", help="of scans: log (log(1 + x)) or anscombe (√(x + 3/8))")
]


def reading(
    kind: Kind = None,
    resize: Resize = None,
    columns: Columns = None,
    drop: Drop = None,
    label: Label = None,
    id_column: Id = None,
    groups: Groups = None,
    blocks: Blocks = None,
    patch: Patch = None,
    test: Test = None,
    mode: Mode = None,
    axes: Axes = None,
    header: Header = None,
    missing: Missing = None,
    time: Time = None,
    every: Every = None,
    window: Window = None,
    stride: Stride = None,
    nodes: Nodes = None,
    ends: Ends = None,
    graph: Graph = None,
    movie: Movie = False,
    crop: Crop = None,
    mask: Mask = None,
    bins: Bin = None,
    counts: Counts = None,
) -> Reading:
    """How DATA are to be read, from the options of all verbs that read data for a training."""
    from narrows.data.axes import parse_axes
    from narrows.data.images.modes import check_mode
    from narrows.data.reading import Reading

    check_mode(mode)
    letters = None if axes is None else parse_axes(axes)
    if patch is not None and (patch < 1 or resize):
        raise InputError("--patch takes a number of pixels, and no --resize beside it.")
    if blocks is not None and (blocks < 1 or groups or patch):
        raise InputError("--blocks takes a number of rows, and neither --groups nor --patch beside it.")
    if (window is not None and window < 2) or (stride is not None and stride < 1):
        raise InputError("--window takes a number of time steps from 2, and --stride one from 1.")
    size = None if resize is None else parse_size(resize)
    named, dropped, absent = (every_name(texts) for texts in (columns, drop, missing))
    beside = (label, id_column, groups, blocks, patch, test, mode, letters)
    over_time: dict[str, Any] = {"time": time, "every": every, "window": window, "stride": stride}
    of_graphs = {"nodes": nodes, "ends": parse_ends(ends), "graph": graph}
    given = {**over_time, **of_graphs, "movie": movie, "preparation": preparation(crop, mask, bins, counts)}
    return Reading(kind, size, named, dropped, *beside, header=header, missing=absent, **given)


def preparation(crop: str | None, mask: str | None, bins: int | None, counts: str | None) -> Preparation:
    """What is done to the signals of a scan."""
    from narrows.data.preparation import Preparation

    radius, centre = (None, None) if mask is None else parse_mask(mask)
    return Preparation(
        crop=None if crop is None else parse_range("--crop", crop),
        mask=radius,
        centre=centre,
        bin=1 if bins is None else bins,
        counts=counts or "none",  # type: ignore[arg-type]
    )
