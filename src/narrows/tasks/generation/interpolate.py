"""Paths from the code of one example to that of another, and whether they cross empty regions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from narrows.core.records import Batch
from narrows.core.registry import within
from narrows.data.schema import Array
from narrows.runs.run import Run
from narrows.tasks.generation.code_space import EMPTY, CodeSpace
from narrows.tasks.generation.sample import MAX_EXAMPLES


class Path(NamedTuple):
    """A path through the codes, decoded and measured.

    Attributes:
        values: `(steps, *shape)` decoded, as the data came.
        codes: `(steps, d)`.
        changes: `(steps,)`, the change of the output since the step before, as a multiple of the mean change;
            0 at the first.
        strays: `(steps,)`, the distance of a code from the code of its decoded example, as a share of the
            path's length. It is large where the decoded example is unlike the training data.
        emptiness: `(steps,)`, as `CodeSpace.emptiness` gives it.
    """

    values: Array
    codes: Array
    changes: Array
    strays: Array
    emptiness: Array | None

    @property
    def unevenness(self) -> float:
        """The largest change as a multiple of the mean; 1 if all steps change the output equally."""
        return float(self.changes.max())

    def record(self) -> dict[str, float]:
        """The measurements by name: unevenness, and the largest stray and emptiness."""
        record = {"unevenness": self.unevenness, "stray": float(self.strays.max())}
        return record if self.emptiness is None else {**record, "emptiness": float(self.emptiness.max())}

    def columns(self) -> dict[str, Array]:
        """The steps as a table."""
        table = {"step": np.arange(len(self.codes)), "change": self.changes, "stray": self.strays}
        return table if self.emptiness is None else {**table, "emptiness": self.emptiness}

    @property
    def sentence(self) -> str:
        """The measurements in words."""
        measured = (
            f"the largest change of a step is {self.unevenness:.1f} times the mean; decoded and encoded "
            f"again, codes stray by at most {100 * self.strays.max():.0f} % of the path's length "
            f"({100 * self.strays[[0, -1]].max():.0f} % at the ends)"
        )
        if self.emptiness is None:
            return measured
        worst = int(self.emptiness.argmax())
        share = float(self.emptiness[worst])
        where = "the path crosses an empty region" if share > EMPTY else "the path crosses no empty region"
        return (
            f"{measured}; step {worst + 1} is emptier than around {100 * share:.0f} % of held-out codes: "
            f"{where}"
        )


def interpolate(run: Run, values: Array, steps: int = 10) -> dict[str, Path]:
    """The linear and the spherical path from the first of two examples to the second.

    Args:
        run: the fitted model.
        values: `(2, *shape)`, as the data came.
        steps: examples on the path, both ends included.

    Returns:
        "linear" and "spherical".
    """
    within("steps", steps, 2, MAX_EXAMPLES)
    first, second = run.encode(values)
    share = np.linspace(0, 1, steps, dtype=first.dtype)
    space = CodeSpace(run)
    centre = space.centre.astype(first.dtype)
    paths = {
        "linear": line(first, second, share),
        "spherical": centre + slerp(first - centre, second - centre, share),
    }
    ends = next(run.scaler.batches(values))
    return {name: measured(run, space, codes, ends) for name, codes in paths.items()}


def as_table(paths: Mapping[str, Path]) -> dict[str, Array]:
    """The steps of all `paths` as one table, whose first column is the name of the path."""
    tables = [{"way": np.full(len(path.codes), name), **path.columns()} for name, path in paths.items()]
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def line(first: Array, second: Array, share: Array) -> Array:
    """Codes `(steps, d)` on a straight line."""
    along = share[:, None]
    return (1 - along) * first + along * second


def slerp(first: Array, second: Array, share: Array) -> Array:
    """Codes `(steps, d)` on an arc around the origin; angle and length change linearly.

    Shoemake 1985, "Animating rotation with quaternion curves"; normal codes of many dimensions lie in a
    shell, which a straight path leaves (White 2016, "Sampling generative networks"). Where the ends have
    the same or opposite directions there is no such arc, and the path is straight.
    """
    a, b = (max(float(np.linalg.norm(end)), 1e-30) for end in (first, second))
    angle = float(np.arccos(np.clip((first / a) @ (second / b), -1, 1)))
    if not (a > 1e-30 < b and np.sin(angle) > 1e-3):
        return line(first, second, share)
    along = share[:, None]
    parts = np.sin((1 - along) * angle) * first / a + np.sin(along * angle) * second / b
    return np.asarray(((1 - along) * a + along * b) * parts / np.sin(angle), first.dtype)


def measured(run: Run, space: CodeSpace, codes: Array, ends: Batch | None) -> Path:
    """The path of `codes (steps, d)` between the examples `ends`, decoded and measured."""
    values = run.decode(codes, ends)
    scaled, wide = run.scaled(values).astype(np.float64), codes.astype(np.float64)
    changes = np.linalg.norm(np.diff(scaled, axis=0), axis=1)
    strays = np.linalg.norm(run.encode(values) - wide, axis=1)
    length = np.linalg.norm(np.diff(wide, axis=0), axis=1).sum()
    return Path(
        values,
        codes,
        np.concatenate([[0.0], changes / max(changes.mean(), 1e-300)]),
        strays / max(length, 1e-300),
        space.emptiness(codes),
    )
