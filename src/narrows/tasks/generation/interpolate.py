"""From one example to another through the codes: two ways, and whether they lead through empty space."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from narrows.core.registry import within
from narrows.data.schema import Array
from narrows.runs.run import Run
from narrows.tasks.generation.code_space import EMPTY, Space

MOST = 1_000_000
"""Examples that are made at a time."""


class Walk(NamedTuple):
    """A way through the codes, and what can be said of it.

    Attributes:
        values: `(steps, *shape)` decoded, as the data came.
        codes: `(steps, d)`.
        changes: `(steps,)`, how much the output changes from the step before, as a multiple of the mean
            change; 0 at the first.
        strays: `(steps,)`, how far a code lies from the code of what is decoded from it, as a share of the
            way's length: what no data look like comes back as something else.
        emptiness: `(steps,)`, as `Space.emptiness` gives it; None for a run without held-out codes.
    """

    values: Array
    codes: Array
    changes: Array
    strays: Array
    emptiness: Array | None

    @property
    def unevenness(self) -> float:
        """The largest change as a multiple of the mean; 1 is a way whose every step shows the same change."""
        return float(self.changes.max())

    def record(self) -> dict[str, float]:
        """The numbers by name."""
        found = {"unevenness": self.unevenness, "stray": float(self.strays.max())}
        return found if self.emptiness is None else {**found, "emptiness": float(self.emptiness.max())}

    def columns(self) -> dict[str, Array]:
        """A row for each step."""
        found = {"step": np.arange(len(self.codes)), "change": self.changes, "stray": self.strays}
        return found if self.emptiness is None else {**found, "emptiness": self.emptiness}

    @property
    def sentence(self) -> str:
        """The numbers in words."""
        said = (
            f"the largest change of a step is {self.unevenness:.1f} times the mean; decoded and encoded "
            f"again, codes stray by {100 * self.strays.max():.0f} % of the way at the most "
            f"({100 * self.strays[[0, -1]].max():.0f} % at the ends)"
        )
        if self.emptiness is None:
            return said
        worst = int(self.emptiness.argmax())
        share = float(self.emptiness[worst])
        where = "the way leads through empty space" if share > EMPTY else "codes of data lie along the way"
        return (
            f"{said}; step {worst + 1} is emptier than around {100 * share:.0f} % of held-out codes: {where}"
        )


def interpolate(run: Run, values: Array, steps: int = 10) -> dict[str, Walk]:
    """The straight and the spherical walk from the first of two examples to the second.

    Args:
        run: the fitted model.
        values: `(2, *shape)`, as the data came.
        steps: examples on the way, both ends included.

    Returns:
        "linear" and "spherical".
    """
    within("steps", steps, 2, MOST)
    first, second = run.encode(values)
    share = np.linspace(0, 1, steps, dtype=first.dtype)
    space = Space(run)
    centre = space.centre.astype(first.dtype)
    ways = {
        "linear": line(first, second, share),
        "spherical": centre + slerp(first - centre, second - centre, share),
    }
    return {name: walked(run, space, codes) for name, codes in ways.items()}


def under_each_other(ways: Mapping[str, Walk]) -> dict[str, Array]:
    """The rows of all `ways` as one table, with the name of the way in front."""
    tables = [{"way": np.full(len(way.codes), name), **way.columns()} for name, way in ways.items()]
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def line(first: Array, second: Array, share: Array) -> Array:
    """Codes `(steps, d)` on the straight way."""
    along = share[:, None]
    return (1 - along) * first + along * second


def slerp(first: Array, second: Array, share: Array) -> Array:
    """Codes `(steps, d)` on an arc around the origin: the angle changes evenly, and so does the length.

    Shoemake 1985, "Animating rotation with quaternion curves"; normal codes of many dimensions lie in a
    shell, which a straight way leaves (White 2016, "Sampling generative networks"). Where the ends lie in
    one direction, or opposite, there is no such arc, and the way is straight.
    """
    a, b = (max(float(np.linalg.norm(end)), 1e-30) for end in (first, second))
    angle = float(np.arccos(np.clip((first / a) @ (second / b), -1, 1)))
    if not (a > 1e-30 < b and np.sin(angle) > 1e-3):
        return line(first, second, share)
    along = share[:, None]
    parts = np.sin((1 - along) * angle) * first / a + np.sin(along * angle) * second / b
    return np.asarray(((1 - along) * a + along * b) * parts / np.sin(angle), first.dtype)


def walked(run: Run, space: Space, codes: Array) -> Walk:
    """The way along `codes (steps, d)`, decoded and measured."""
    values = run.decode(codes)
    pictures, wide = run.scaled(values).astype(np.float64), codes.astype(np.float64)
    changes = np.linalg.norm(np.diff(pictures, axis=0), axis=1)
    away = np.linalg.norm(run.encode(values) - wide, axis=1)
    length = np.linalg.norm(np.diff(wide, axis=0), axis=1).sum()
    return Walk(
        values,
        codes,
        np.concatenate([[0.0], changes / max(changes.mean(), 1e-300)]),
        away / max(length, 1e-300),
        space.emptiness(codes),
    )
