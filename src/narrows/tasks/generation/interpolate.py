"""Paths from the code of one example to that of another, and whether they cross empty regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from narrows.core.records import Batch
from narrows.core.registry import within
from narrows.data.schema import Array
from narrows.data.split import Index
from narrows.runs.run import Run
from narrows.tasks.generation.code_space import EMPTY, CodeSpace
from narrows.tasks.generation.sample import MAX_EXAMPLES


class Path(NamedTuple):
    """A path through the codes, decoded and measured.

    Attributes:
        values: `(steps, *shape)` decoded, as the data came.
        codes: `(steps, d)`.
        alphas: `(steps,)`, the place of each on the path: 0 at the first example, 1 at the second.
        changes: `(steps,)`, how fast the output changes since the step before, as a multiple of the mean;
            0 at the first.
        strays: `(steps,)`, the distance of a code from the code of its decoded example, as a share of the
            path's length. It is large where the decoded example is unlike the training data.
        emptiness: `(steps,)`, as `CodeSpace.emptiness` gives it.
    """

    values: Array
    codes: Array
    alphas: Array
    changes: Array
    strays: Array
    emptiness: Array | None

    def at(self, index: Index) -> Path:
        """The steps with the numbers `index`."""
        return self._replace(**{n: each[index] for n, each in self._asdict().items() if each is not None})

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
        table = {"step": np.arange(len(self.codes)), "alpha": self.alphas}
        table |= {"change": self.changes, "stray": self.strays}
        return table if self.emptiness is None else {**table, "emptiness": self.emptiness}

    @property
    def sentence(self) -> str:
        """The measurements in words."""
        whole = self.alphas[0] == 0 and self.alphas[-1] == 1
        at_ends = f" ({100 * self.strays[[0, -1]].max():.0f} % at the ends)" if whole else ""
        measured = (
            f"the largest change of a step is {self.unevenness:.1f} times the mean; decoded and encoded "
            f"again, codes stray by at most {100 * self.strays.max():.0f} % of the path's length{at_ends}"
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


def interpolate(
    run: Run, values: Array, steps: int = 10, alphas: Sequence[float] | None = None
) -> dict[str, Path]:
    """The linear and the spherical path from the first of two examples to the second.

    On the linear path the code at α is (1 - α)·z₁ + α·z₂: that of the first example at 0, of the second at 1.

    Args:
        run: the fitted model.
        values: `(2, *shape)`, as the data came.
        steps: examples on the path at equal distances, both ends included.
        alphas: instead of `steps`, the places on the path, each between 0 and 1.

    Returns:
        "linear" and "spherical".

    Raises:
        InputError: for other numbers of steps or alphas.
    """
    shown = even(steps) if alphas is None else checked_alphas(alphas)
    first, second = run.encode(values)
    whole = np.union1d(shown, [0.0, 1.0])  # what is measured of a path includes its ends
    share = whole.astype(first.dtype)
    space = CodeSpace(run)
    centre = space.centre.astype(first.dtype)
    paths = {
        "linear": line(first, second, share),
        "spherical": centre + slerp(first - centre, second - centre, share),
    }
    ends = run.scaler.together(values)
    measures = {name: measured(run, space, codes, whole, ends) for name, codes in paths.items()}
    return {name: path.at(np.searchsorted(whole, shown)) for name, path in measures.items()}


def straight(run: Run, values: Array, steps: int) -> Array:
    """Examples `(steps, *shape)` on the linear path of `interpolate`, which are not measured."""
    first, second = run.encode(values)
    codes = line(first, second, even(steps).astype(first.dtype))
    return run.decode(codes, run.scaler.together(values))


def even(steps: int) -> Array:
    """So many places at equal distances, both ends included."""
    within("steps", steps, 2, MAX_EXAMPLES)
    return np.linspace(0, 1, steps)


def checked_alphas(alphas: Sequence[float]) -> Array:
    """Places on a path as an array.

    Raises:
        InputError: for none, for too many, and for one that is not between 0 and 1.
    """
    within("alphas", len(alphas), 1, MAX_EXAMPLES)
    return np.array([within("alpha", float(alpha), 0, 1) for alpha in alphas])


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


def measured(run: Run, space: CodeSpace, codes: Array, alphas: Array, ends: Batch | None) -> Path:
    """The path of `codes (steps, d)` at `alphas` from 0 to 1 between the examples `ends`, measured."""
    values = run.decode(codes, ends)
    scaled, wide = run.scaled(values).astype(np.float64), codes.astype(np.float64)
    changes = np.linalg.norm(np.nan_to_num(np.diff(scaled, axis=0)), axis=1)
    strays = np.linalg.norm(run.encode(values) - wide, axis=1)
    length = np.linalg.norm(np.diff(wide, axis=0), axis=1).sum()
    return Path(
        values,
        codes,
        alphas,
        np.concatenate([[0.0], changes / np.diff(alphas) / max(changes.sum(), 1e-300)]),
        strays / max(length, 1e-300),
        space.emptiness(codes),
    )
