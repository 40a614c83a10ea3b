"""What a user says of how a source is to be read."""

from __future__ import annotations

from dataclasses import dataclass

from narrows.data.axes import number_of
from narrows.data.images.pictures import Size
from narrows.data.preparation import AS_IT_CAME, Preparation
from narrows.data.schema import Schema
from narrows.data.tables.cells import Form
from narrows.data.tables.unknown import Use

NO_TIMES = "none"
"""The name that stands for no column of times: time steps are counted."""

OVER_TIME = ("time", "every", "window", "stride")
"""The options of recordings, which a run keeps for other data."""

OF_GRAPHS = ("nodes", "ends", "graph")
"""The options of edge lists, likewise."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a source.

    Attributes:
        kind: a name in `KINDS`; inferred from the number of axes when not given.
        resize: height and width to resize image files to.
        columns: of a table, those to use, in this order; by default all that have no other use.
        drop: of a table, columns to leave out.
        label: of a table, the column of labels; it is no input of the model.
        id: of a table, the column of the rows' names.
        groups: rows of a group stay in the same part. Of a table the column with the group; of image
            files a regular expression, whose first group in the file's name is the group.
        blocks: rows that follow each other, so many at a time, are a group.
        patch: height and width of the square patches that large images are cut into.
        test: another source, the held-out part.
        mode: the image mode that image files are converted to, a key of `image_modes.CHANNELS`.
        axes: a letter for each axis of an array or of a TIFF file, as `axes.parse_axes` gives them.
        like: the schema that the examples must have: that of a model or of the training part.
        unknown: what the words count as that the columns of `like` do not have.
        header: of a table in text, whether the first line has the names of the columns; None to infer it.
        missing: of a table in text, further texts that stand for a missing cell.
        form: of a table in text, how the file was read that `like` is from.
        keep_texts: of a table in text, whether the texts of its cells are kept, to be written again.
        keep_remainder: of a table, whether what it says beside the values is kept, to be written again.
        time: of recordings, the column of times, or `NO_TIMES`; by default it is found.
        every: of recordings, the step of time to resample to, as "1min".
        window: of recordings, the length of the windows that they are cut into, in time steps.
        stride: the time steps from the start of a window to that of the next.
        nodes: of an edge list, the file of a table of the nodes.
        ends: of an edge list, the columns of both ends, and perhaps that of weights.
        graph: of an edge list and its nodes, the column that names the graph, of several.
        movie: images are frames of a movie, in order; of several movies where `groups` or files say so.
        preparation: of scans, what is done to the signals.
    """

    kind: str | None = None
    resize: Size | None = None
    columns: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    label: str | None = None
    id: str | None = None
    groups: str | None = None
    blocks: int | None = None
    patch: int | None = None
    test: str | None = None
    mode: str | None = None
    axes: str | None = None
    like: Schema | None = None
    unknown: Use = "missing"
    header: bool | None = None
    missing: tuple[str, ...] = ()
    form: Form | None = None
    keep_texts: bool = False
    keep_remainder: bool = False
    time: str | None = None
    every: str | None = None
    window: int | None = None
    stride: int | None = None
    nodes: str | None = None
    ends: tuple[str, ...] = ()
    graph: str | None = None
    movie: bool = False
    preparation: Preparation = AS_IT_CAME

    def axes_for(self, shape: tuple[int, ...]) -> str | None:
        """The letters of the axes of an array of `shape`, if they are told.

        Those that a model was fitted to are taken for arrays with as many axes only.
        """
        fits = self.axes is not None and (self.like is None or number_of(self.axes) == len(shape))
        return self.axes if fits else None


INFERRED = Reading()
"""Nothing is said: all is inferred from the source."""
