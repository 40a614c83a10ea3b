"""Small data made on the spot."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from narrows.core.errors import InputError
from narrows.data.columns import Column
from narrows.data.examples import Data
from narrows.data.kinds import KINDS, describe
from narrows.data.kinds.table import TableSchema
from narrows.data.readers import cut_array, from_table, read
from narrows.data.reading import Reading
from narrows.data.schema import Array
from narrows.data.sources.on_disk import OnDisk
from narrows.data.tables.table import from_frame


def curve(n: int, columns: int = 6, seed: int = 0) -> NDArray[np.float64]:
    """Rows on a curved one-dimensional line in `columns` dimensions, with a little noise."""
    rng = np.random.default_rng(seed)
    t = rng.uniform(-1, 1, (n, 1))
    return np.cos(t * np.arange(1, columns + 1) + np.arange(columns)) + 0.02 * rng.standard_normal(
        (n, columns)
    )


DIGITS = load_digits().images


def mixed(n: int = 400, missing: float = 0.0, seed: int = 0) -> pandas.DataFrame:
    """Columns of every nature that all follow one hidden number."""
    rng = np.random.default_rng(seed)
    t = rng.uniform(-2, 2, n)
    frame = pandas.DataFrame(
        {
            "a": np.sin(2 * t) + 0.05 * rng.standard_normal(n),
            "b": np.rint(100 * np.cos(t)).astype("int64"),
            "c": t + 0.5 * rng.standard_normal(n) > 0,
            "d": pandas.Categorical(np.array(["low", "mid", "high"])[np.digitize(t, [-0.7, 0.7])]),
            "e": np.array(["red", "green"])[(np.cos(3 * t) > 0).astype(int)],
        }
    )
    hidden = rng.random(frame.shape) < missing
    return frame.mask(hidden) if missing else frame


EVERY_NATURE = TableSchema(
    "float64",
    (4,),
    "F",
    (
        Column("c", "str", ("p", "q", "r")),
        Column("n"),
        Column("b", "bool", ("no", "yes")),
        Column("i", "int64"),
    ),
)
"""A table with a column of every nature."""


def of_frame(frame: pandas.DataFrame):  # type: ignore[no-untyped-def]
    return from_table(from_frame(frame, "X"), "X")


SMALL: dict[str, Any] = {"encoder": {"widths": [8, 8], "blocks": 1}, "training": {"epochs": 3}}


def shapes(height: int, width: int, n: int = 1, channels: int = 1) -> Array:
    """Pictures of smooth waves with edges, between 0 and 1, `(n, height, width[, channels])`."""
    rng = np.random.default_rng(n * height)
    rows, columns = np.mgrid[:height, :width] / 24
    images = []
    for _ in range(n * channels):
        a, b, c = rng.uniform(-3, 3, 3)
        images.append(0.5 + 0.3 * np.sin(a * rows + b * columns) + 0.2 * np.sign(np.sin(c * rows - a)))
    stack = np.stack(images).reshape(n, channels, height, width).clip(0, 1)
    return stack[:, 0] if channels == 1 else np.moveaxis(stack, 1, -1)


def patches(dtype: Any, channels: int = 1) -> Data:
    images = shapes(70, 64, 24, channels)
    images = images if np.dtype(dtype).kind == "f" else images * np.iinfo(dtype).max
    return cut_array(images.astype(dtype), "waves", Reading(patch=32))


def landscapes(n: int = 120, side: int = 12) -> Any:
    """Images `(n, side, side, 3)` of slopes, blue where they are dark and red where they are bright."""
    rng = np.random.default_rng(1)
    across = np.linspace(0, 1, side)
    slope, shift = rng.uniform(-1, 1, (2, n, 1, 1)), rng.uniform(0, 1, (n, 1, 1))
    grey = np.clip(shift + slope[0] * across[:, None] + slope[1] * across, 0, 1)
    return np.rint(255 * np.stack([grey**0.5, grey, 1 - 0.8 * grey], axis=-1)).astype(np.uint8)


ARRAY_KINDS = [name for name in KINDS if name != "graphs"]
"""The kinds of data whose examples are given as an array."""


def of_kind(name: str) -> NDArray[np.float64]:
    """Four examples that the kind of data called `name` takes."""
    values = np.random.default_rng(0).random((4, 6, 5, 3))
    for axes in range(2, 5):
        some = values[(..., *[0] * (4 - axes))]
        try:
            describe(some, name)
        except InputError:
            continue
        return some
    raise AssertionError(f"no array of two to four axes is of the kind {name}")


def stored(values: NDArray[np.generic]) -> OnDisk:
    """`values` in a file, which tests with the fixture `small_blocks` do not read into memory."""
    np.save("large.npy", values)
    found = read("large.npy").source
    assert isinstance(found, OnDisk)
    return found


def communities(n: int = 120, seed: int = 0) -> dict[str, Array]:
    """The arrays of a graph of four communities, whose nodes share words and are mostly joined to each other."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 4
    alike = labels[:, None] == labels
    edges = np.argwhere(np.triu(rng.random((n, n)) < np.where(alike, 0.25, 0.01), 1))
    words = rng.random((n, 40)) < np.where(np.arange(40) % 4 == labels[:, None], 0.3, 0.05)
    return {"edges": edges, "x": words.astype(np.float32), "labels": labels}


def write_edge_list(graph: Mapping[str, Array]) -> tuple[str, ...]:
    """Write a graph as edges.csv and people.csv, with names and teams of the nodes; returns their names."""
    names = tuple(f"person {i}" for i in range(len(graph["x"])))
    rows = [f"{names[a]},{names[b]}" for a, b in graph["edges"].tolist()]
    Path("edges.csv").write_text("\n".join(["from,to", *rows]), "utf-8")
    header = ",".join(["name,team", *(f"w{j}" for j in range(graph["x"].shape[1]))])
    words = [",".join(map(str, row)) for row in graph["x"].astype(int).tolist()]
    cells = zip(names, graph["labels"], words, strict=True)
    Path("people.csv").write_text("\n".join([header, *(",".join(map(str, row)) for row in cells)]), "utf-8")
    return names
