"""Rows that do not belong: a score for each, what it means, and which columns or pixels made it.

A row is compared with those that the run keeps, by its distances to their neighbours at every scale
(`narrows.tasks.anomalies.neighbour_score`): as it is, and as the model sees it, which is what the model
makes of it beside what it leaves unexplained; each in the ways that suit the kind of values
(`narrows.tasks.anomalies.features`). Nothing in it is chosen for the data at hand.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.core.registry import within
from narrows.data.examples import Data
from narrows.data.pictures import ENDINGS, write_pictures
from narrows.data.schema import Array
from narrows.data.sources import Values, as_source
from narrows.data.writers import write_array, write_csv
from narrows.runs.run import Run
from narrows.tasks.anomalies.baselines import OUTLIERS
from narrows.tasks.anomalies.conformal import Threshold, p_values, threshold
from narrows.tasks.anomalies.features import View, views
from narrows.tasks.anomalies.neighbour_score import Floats, Neighbours

AS_SEEN = 1 / 3
"""The share of the score that comes from the row as the model sees it."""

PIECE, NUMBERS = 4096, 2**22
"""Rows that are scored at a time, and their values, at the most."""

DIGITS = 9
"""Decimals of a score: those beyond depend on the rows beside it, and would part a row from its threshold."""


class Look(NamedTuple):
    """Rows on the model's scale, what the model makes of them, and which are among the run's kept rows."""

    rows: Floats
    guess: Floats
    among: NDArray[np.bool_]


class Comparison:
    """Rows compared with a run's kept ones `inside`, as one view shows both.

    Once as they are, and once as the model sees them: what it makes of them beside what it leaves open.
    """

    def __init__(self, view: View, inside: Look) -> None:
        self.view = view
        self.plain, self.seen = (Neighbours(features) for features in self.features(inside))

    def features(self, look: Look) -> tuple[Floats, Floats]:
        """Of rows as they are `(n, features)`, and as the model sees them `(n, 2 · features)`."""
        rows, guess = self.view(look.rows), self.view(look.guess)
        return rows, np.hstack([guess, rows - guess])

    def scores(self, look: Look) -> Floats:
        """How unusual rows are as they are and as the model sees them, `(n, 2)`, each with its weight."""
        plain, seen = self.features(look)
        return np.column_stack([
            (1 - AS_SEEN) * self.plain.scores(plain, look.among),
            AS_SEEN * self.seen.scores(seen, look.among),
        ])  # fmt: skip

    def by_value(self, look: Look, amounts: Floats) -> Floats:
        """Which values `(n, values)` the `amounts (n, 2)` of the scores come from."""
        plain, seen = self.features(look)
        halves = np.hsplit(self.seen.shares(seen, look.among), 2)
        shares = self.plain.shares(plain, look.among)
        return self.view.by_value(amounts[:, :1] * shares + amounts[:, 1:] * (halves[0] + halves[1]))

    def usual(self, look: Look, inside: Look) -> Floats:
        """What those of the rows `inside` that each row is compared with are on average, `(n, values)`."""
        return self.plain.usual(self.view(look.rows), look.among, inside.rows)


class Found(NamedTuple):
    """Of each row its score, higher is odder, and how probable one as high is for a row like the held-out."""

    scores: Floats
    p: Floats


class Detector:
    """The score of anomalies that belongs to a fitted run.

    Args:
        run: a run that keeps rows to compare others with.

    Raises:
        InputError: for one that does not.
    """

    def __init__(self, run: Run) -> None:
        kept = run.evidence.reference
        if kept is None:
            raise InputError(
                "This run keeps no rows to compare others with, as it is of an older version or unfinished; "
                "fit it (again) with this one."
            )
        self.run, self.kept = run, kept
        inside = np.concatenate([kept.train, kept.validation])
        self.known = set(fingerprints(run.scaled(inside)))
        self.inside = self.look(inside)
        looks = views(run.schema, inside, self.inside.rows)
        self.comparisons = [Comparison(view, self.inside) for view in looks]

    @cached_property
    def held_out(self) -> Floats:
        """Scores of the kept rows that were held out of the fitting."""
        return self.scores(self.kept.held_out)

    def look(self, values: Array) -> Look:
        """`values` as they came, as the views see them; a missing cell is as the model fills it in."""
        scaled, guess = self.run.scaled(values), self.run.reconstruct_scaled(values).astype(np.float64)
        among = np.array([name in self.known for name in fingerprints(scaled)], dtype=np.bool_)
        return Look(np.where(np.isnan(scaled), guess, scaled), guess, among)

    def scores(self, values: Values) -> Floats:
        """The score of each of `values (n, …)` as they came: 0 is usual, higher is odder."""
        found = np.concatenate([self.summands(self.look(piece)).sum(axis=1) for piece in parts(values)])
        return np.round(found, DIGITS)

    def find(self, values: Values) -> Found:
        """Scores and p-values of `values (n, …)` as they came."""
        scores = self.scores(values)
        return Found(scores, p_values(scores, self.held_out))

    def contributions(self, values: Values) -> Floats:
        """What each column `(n, columns)`, or pixel `(n, height, width)`, adds to the score of its row.

        They sum to the score where that is above 0; who is usual has nothing to explain.
        """
        found = []
        for piece in parts(values):
            look = self.look(piece)
            summands = self.summands(look)
            odd = summands.sum(axis=1) > 0
            made = np.zeros(look.rows.shape)
            if odd.any():
                made[odd] = self._made(Look(*(part[odd] for part in look)), summands[odd])
            found.append(self.run.schema.by_part(made))
        return np.concatenate(found)

    def _made(self, look: Look, summands: Floats) -> Floats:
        """What each value adds to scores above 0 that `summands (n, 2 · views)` make, `(n, values)`."""
        high = np.maximum(summands, 0.0)
        amounts = high * (summands.sum(axis=1) / high.sum(axis=1))[:, None]
        both = np.split(amounts, len(self.comparisons), axis=1)
        made = [of.by_value(look, two) for of, two in zip(self.comparisons, both, strict=True)]
        return np.sum(made, axis=0)

    def usual(self, values: Array) -> Floats:
        """What the rows that each of `values` is compared with are on average, `(n, values)`.

        They are real numbers in the model's layout: of words the share of each.
        """
        rows = torch.as_tensor(self.comparisons[0].usual(self.look(values), self.inside))
        found = self.run.scaling.inverse(rows.reshape(-1, *self.run.schema.model_shape))
        return found.flatten(1).numpy().astype(np.float64)

    def summands(self, look: Look) -> Floats:
        """What the score is the sum of, `(n, 2 · views)`: rows as they are, and as the model sees them."""
        return np.hstack([of.scores(look) for of in self.comparisons]) / len(self.comparisons)

    def yardsticks(self, values: Array) -> dict[str, Floats]:
        """What the classical methods make of `values`, fitted to the same rows on the same scale."""
        look = self.look(values)
        return {name: score(self.inside.rows, look.rows, look.among) for name, score in OUTLIERS.items()}


def fingerprints(scaled: Array) -> Iterator[bytes]:
    """What tells rows on the model's scale apart."""
    # Adding 0 makes one number of 0 and -0.
    return (row.tobytes() for row in np.nan_to_num(scaled, nan=1e30) + np.float32(0))


def parts(values: Values) -> Iterator[Array]:
    step = max(1, min(PIECE, NUMBERS // max(1, math.prod(values.shape[1:]))))
    for _, piece in as_source(values).pieces():
        for first in range(0, len(piece), step):
            yield piece[first : first + step]


TOLD = 3
"""Columns that are named with each row of a table."""

SHOWN = 12
"""Rows that are shown with their explanation."""


class Survey:
    """Data with their scores, the threshold, and what the rows that stand out have to say.

    Args:
        run: what they are compared with.
        data: as they came.
        expect: the share of rows like the training data that may be flagged.
        judge: whether the data's labels say which rows are anomalies.

    Raises:
        InputError: for a run that keeps no rows to compare with, or labels that say nothing of anomalies.
    """

    def __init__(self, run: Run, data: Data, expect: float, *, judge: bool = False) -> None:
        self.run, self.data, self.expect = run, data, within("expect", expect, 0, 1)
        self.truth = truth(data.labels) if judge else None
        self.detector = Detector(run)
        self.scores, self.p = self.detector.find(data.source)
        self.threshold: Threshold = threshold(self.detector.held_out, expect)
        self.flagged = self.scores > self.threshold.score
        self.ids = data.ids or tuple(map(str, range(len(data))))
        self.order = np.argsort(-self.scores, kind="stable")

    @cached_property
    def contributions(self) -> Floats:
        """What each column or pixel adds to the score of each row."""
        return self.detector.contributions(self.data.array)

    @cached_property
    def shown(self) -> Data:
        """The rows with the highest scores, the highest first."""
        return self.data.rows(self.order[:SHOWN])

    @property
    def sentence(self) -> str:
        """How many rows were flagged, and by what standard."""
        n, held_out = len(self.scores), len(self.detector.held_out)
        found = f"{self.flagged.sum():,} of {n:,} rows score above {self.threshold.score:.3f}"
        if self.threshold.largest:
            return (
                f"{found}, the highest of the {held_out:,} rows held out of the fitting; a share of "
                f"{self.expect:g} is less than so few can tell."
            )
        return f"{found}, which {self.expect:g} of the rows like the training data do."

    def columns(self) -> dict[str, Array]:
        """The scores as a table; of tables also the columns that made each."""
        found: dict[str, Array] = {
            "score": self.scores,
            "p": self.p,
            "flagged": self.flagged.astype(np.int64),
        }
        names = np.array(self.run.schema.names)
        if not names.size:
            return found
        share = self.contributions / np.maximum(self.contributions.sum(axis=1), 1e-300)[:, None]
        top = np.argsort(-share, axis=1, kind="stable")[:, :TOLD]
        for i, column in enumerate(top.T, 1):
            part = np.take_along_axis(share, column[:, None], axis=1)[:, 0]
            found[f"column{i}"] = np.where(part > 0, names[column], "")
            found[f"share{i}"] = np.round(part, 4)
        return found

    def record(self) -> dict[str, Any]:
        """What was found, as `anomalies --json` prints it."""
        found = {
            "threshold": self.threshold.score,
            "flagged": int(self.flagged.sum()),
            "n": len(self.scores),
            "expect": self.expect,
            "held_out": len(self.detector.held_out),
            "sentence": self.sentence,
        }
        return found if self.truth is None else {**found, **self.judged}

    @cached_property
    def judged(self) -> dict[str, Any]:
        """How well the labelled anomalies are told, beside the classical methods."""
        assert self.truth is not None
        return judged(self.truth, self.scores, self.detector.yardsticks(self.data.array))


def write_contributions(found: Survey, folder: Path) -> None:
    """What each column adds to the scores as `contributions.csv`; of parts without names as `maps.npy`.

    Images that were flagged also have a picture each. It is black where a pixel adds nothing, and white where
    it adds most of all in all images.
    """
    schema = found.run.schema
    if schema.names:
        columns = dict(zip(schema.names, found.contributions.T, strict=True))
        write_csv(columns, folder / "contributions.csv", found.ids)
        return
    maps = found.contributions.astype(np.float32)
    write_array(maps, folder / "maps.npy")
    if schema.spatial == 2:
        write_maps(found, maps, folder)


def write_maps(found: Survey, maps: Array, folder: Path) -> None:
    """A picture of each of `maps (n, height, width)` whose image is flagged, all on one grey scale."""
    flagged = np.flatnonzero(found.flagged)
    grey = np.rint(255 * maps[flagged] / max(float(maps.max()), 1e-30)).astype(np.uint8)
    names = pictures_of(found.ids)
    for i in np.flatnonzero(~found.flagged):
        (folder / names[i]).unlink(missing_ok=True)  # of an earlier call, with another share
    write_pictures(grey, folder, [names[i] for i in flagged], ())


def pictures_of(ids: Sequence[str]) -> list[str]:
    """A name for a picture of each image: its own with another ending, or after it where that is no other's.

    >>> pictures_of(["a.tif", "b.jpg[0,64]"]), pictures_of(["a.tif", "a.jpg"])
    (['a.png', 'b[0,64].png'], ['a.tif.png', 'a.jpg.png'])
    """
    endings = "|".join(re.escape(ending) for ending in ENDINGS)
    bare = [re.sub(rf"(?i)({endings})(?=\[|$)", "", name) for name in ids]
    return [f"{name}.png" for name in (bare if len(set(bare)) == len(bare) else ids)]


def judged(truth: Array, scores: Floats, others: dict[str, Floats]) -> dict[str, Any]:
    """How well scores tell the anomalies, where `truth (n,)` says which those are."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    return {
        "auroc": float(roc_auc_score(truth, scores)),
        "average_precision": float(average_precision_score(truth, scores)),
        "yardsticks": {name: float(roc_auc_score(truth, other)) for name, other in others.items()},
    }


YES, NO = (
    ("1", "true", "yes", "y", "t", "anomaly", "outlier"),
    ("0", "false", "no", "n", "f", "normal", "inlier"),
)
"""Words for an anomaly and for what is none, in any case."""


def truth(labels: Array | None) -> NDArray[np.bool_]:
    """Which rows are anomalies, as a column of labels says.

    Raises:
        InputError: for labels that are not of two kinds, or whose words do not say which is which.
    """
    if labels is None:
        raise InputError("--label asks how well the anomalies are told, but the data bring no labels.")
    words = np.array([f"{label:g}" if labels.dtype.kind in "buif" else label for label in labels.tolist()])
    lower = np.char.lower(words)
    found = np.isin(lower, YES)
    if not (found | np.isin(lower, NO)).all() or found.all() or not found.any():
        odd = ", ".join(sorted(set(words.tolist()))[:5])
        raise InputError(
            f"--label takes 1, true, yes or anomaly for an anomaly and 0, false, no or normal for the "
            f"others, both of which must occur, but got {odd}."
        )
    return found
