"""Examples of one kind, with their names, labels and groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from narrows.data.calibration import Axes
from narrows.data.columns import Array
from narrows.data.graphs.edges import Edges, Seed
from narrows.data.graphs.numbering import Numbering
from narrows.data.graphs.parts import joined_by, split_edges
from narrows.data.movies import Movies
from narrows.data.recordings.recording import Recordings
from narrows.data.scan import Scan
from narrows.data.schema import Schema
from narrows.data.sources import InMemory, Source
from narrows.data.sources.on_disk import rows_in_block
from narrows.data.split import MOST, Parts, apart, most_on_disk, split
from narrows.data.tables.cells import Cells, Form
from narrows.data.tables.remainder import Remainder
from narrows.data.windows import Patches

SAMPLE_BLOCKS = 8
"""The size, in blocks of the source, of the random sample that represents data that are not in memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """Examples as they came, not scaled.

    Attributes:
        source: the examples, `(n, *schema.shape)`.
        schema: the description of one example.
        name: of the file or dataset, for run folders and reports.
        ids: a name of each example: of its file or its row.
        labels: `(n,)`, used to colour pictures, never to train an autoencoder; None if there are none.
        test: the held-out part: the official test part of a dataset, or other data given for it.
        notes: sentences about what the reader did.
        warnings: sentences about cells that could not be read as the model wants them.
        modes: the image mode of each file; empty for other data.
        groups: `(n,)`, rows with the same number stay in the same part of a split.
        stretches: `(n,)`, windows with the same number overlap or are neighbours, and count once in the
            interval of a verdict; None for data whose groups do.
        patches: where the examples were cut from, if they are windows of larger images or recordings.
        form: how the cells of a text file were read.
        cells: the texts of the columns by name, if they were asked for.
        remainder: what a table says beside the values, if it was asked for.
        recordings: that the examples are, or that they were cut from, if they are of recordings.
        noisy: of pairs the noisy examples, `(n, *schema.shape)`, which these are to be restored from.
        exchanged: of pairs, whether both are noisy, so that either is to be restored from the other.
        edges: of a graph, whose nodes are the examples.
        counts: of graphs, their nodes, edges, self-loops and others by name.
        numberings: of graphs that are the examples, how the nodes of each were numbered as they came.
        scan: the places of the examples, if they are the signals of a scan.
        axes: of the array that the examples came from, where a file says more than their number: those that
            number examples, then those of an example, whose size may differ from that of patches.
        movies: whose frames the examples are, if they are said to be.
    """

    source: Source
    schema: Schema
    name: str
    ids: tuple[str, ...] = ()
    labels: Array | None = None
    test: Data | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    groups: Array | None = None
    stretches: Array | None = None
    patches: Patches | None = None
    form: Form | None = None
    cells: Mapping[str, Cells] = field(default_factory=dict)
    remainder: Remainder | None = None
    noisy: Array | None = None
    exchanged: bool = False
    recordings: Recordings | None = None
    edges: Edges | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    numberings: tuple[Numbering, ...] = ()
    scan: Scan | None = None
    axes: Axes = ()
    movies: Movies | None = None

    def __len__(self) -> int:
        return len(self.source)

    @property
    def array(self) -> Array:
        """The values `(n, *schema.shape)` of data in memory; `rows` and `drawn` load others."""
        assert isinstance(self.source, InMemory)
        return self.source.array

    def parts(self, seed: int) -> Parts:
        """The rows of the training, validation and held-out part, as `narrows.data.split` draws them.

        Windows of different parts share no place, if they were cut along time. Parts of a graph are edges.

        Raises:
            InputError: when a part would have no rows, groups or edges.
        """
        if self.edges is not None:
            return split_edges(len(self.edges.pairs), seed)
        most = MOST if self.source.in_memory else most_on_disk(self.schema.size)
        parts = split(len(self), seed=seed, own_test=self.test is not None, groups=self.groups, most=most)
        if self.movies is not None:
            return self.movies.apart(parts)
        if self.patches is None or not self.patches.gap:
            return parts
        short = (
            f"The recordings are too short for parts of windows that begin {self.reach:,} time steps from "
            f"each other; give a smaller --window (in Python window=)."
        )
        return apart(parts, self.patches.owner, self.patches.corners[:, 0], self.reach, short)

    @property
    def window(self) -> int | None:
        """The length of the windows that recordings were cut into; None for other data."""
        cut = self.patches is not None and self.recordings is not None
        return self.schema.shape[0] if cut else None

    @property
    def patch(self) -> int | None:
        """The side of the patches that images were cut into; None for other data."""
        return self.schema.shape[0] if self.patches is not None and self.recordings is None else None

    @property
    def counted(self) -> Array | None:
        """`(n,)`, rows with the same number count once in the interval of a verdict; None for every row."""
        return self.groups if self.stretches is None else self.stretches

    @property
    def reach(self) -> int:
        """How far windows of different parts begin from each other, at the least."""
        return 0 if self.patches is None else self.schema.shape[0] + self.patches.gap

    @property
    def held_out(self) -> Data:
        """`test`, of data that have it."""
        assert self.test is not None
        return self.test

    def rows(self, index: NDArray[np.intp]) -> Data:
        """The examples with the numbers `index`, in memory."""

        def pick(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(names[i] for i in index) if names else ()

        return replace(
            self,
            source=InMemory(self.source.take(index)),
            ids=pick(self.ids),
            modes=pick(self.modes),
            labels=None if self.labels is None else self.labels[index],
            groups=None if self.groups is None else self.groups[index],
            stretches=None if self.stretches is None else self.stretches[index],
            patches=None,
            recordings=None,
            scan=None,
            movies=None,
            noisy=None if self.noisy is None else self.noisy[index],
            numberings=tuple(self.numberings[i] for i in index) if self.numberings else (),
        )

    def training(self, index: NDArray[np.intp]) -> Data:
        """The training part, of the rows `index`; of a graph all nodes, with the edges `index`."""
        if self.edges is None:
            return self.rows(self.sample_of(index))
        return replace(self, source=joined_by(self.source, self.edges, index))

    def judged(self, parts: Parts, index: NDArray[np.intp], seed: Seed) -> Data:
        """The rows `index` of one of the `parts` that are judged.

        Of a graph all nodes, with the training edges, and the edges `index` beside as many pairs of nodes
        that no edge joins, drawn by `seed`.
        """
        if self.edges is None:
            return self.rows(index)
        return replace(self, source=joined_by(self.source, self.edges, parts.train, index, seed))

    def sample_of(self, index: NDArray[np.intp]) -> NDArray[np.intp]:
        """All of `index`; of data that are not in memory a random sample that fits into it, in order."""
        if self.source.in_memory:
            return index
        return index[draw_rows(len(index), self.sample_size)]

    @property
    def sample_size(self) -> int:
        """The number of rows of a random sample that fits into memory, at the most."""
        return SAMPLE_BLOCKS * rows_in_block(self.source)

    def drawn(self) -> Data:
        """All examples; of data that are not in memory a random sample that fits into it, in order."""
        if self.source.in_memory:
            return self
        return self.rows(self.sample_of(np.arange(len(self))))


def draw_rows(n: int, most: int, seed: int = 0) -> NDArray[np.intp]:
    """At most `most` of the numbers below `n`, drawn at random without replacement, in order."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))
