"""Pseudo-labels of rows that have no label, for the fine-tuning of an encoder.

They come from label propagation, among the codes of an encoder that was trained without labels or among
principal components, and from a logistic regression on the values. Labels that are hidden in turn decide
between the embeddings, and how much each of the two ways counts: propagation is better where neighbours have
the same class, as among images, and the regression where classes differ along few columns, as in many tables.
The weights are the posterior probabilities of two models that are equally likely before (Yao, Vehtari,
Simpson & Gelman 2018, "Using stacking to average Bayesian predictive distributions", Bayesian Analysis 13:
pseudo Bayesian model averaging).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.data.schema import Array
from narrows.evaluation.errors import Floats
from narrows.evaluation.pca import Pca
from narrows.runs.run import Run
from narrows.tasks.few_labels.classifiers import LinearProbe, scaled_values
from narrows.tasks.few_labels.hidden_labels import Predict, evidence
from narrows.tasks.few_labels.label_propagation import Embedding, neighbour_graph, one_hot, propagate

MAX_UNLABELLED = 30_000
"""Rows without a label that get pseudo-labels, at the most; drawn at random."""

COMPONENTS = 32
"""Principal components among which neighbours are sought."""

COMPARED = 3000
"""Rows with a label, and rows without one, on which ways to predict labels are compared, at the most."""

SOFT_SHARE = 0.3
"""The share of the rows without a label that keep their probabilities: the least certain ones."""

MIN_WEIGHT = 0.01
"""A logistic regression of a smaller weight is left out."""

MAX_LINEAR = 10**8
"""Labels times values times classes above which no logistic regression is fitted: it takes minutes."""


class Labelled(NamedTuple):
    """Rows and their labels.

    Attributes:
        values: `(n, *shape)`, as they came.
        target: `(n, classes)`, class probabilities.
        hard: `(n,)`, whether one class has probability 1.
        given: `(n,)`, whether it is a given label and not a propagated one.
    """

    values: Array
    target: Floats
    hard: NDArray[np.bool_]
    given: NDArray[np.bool_]


class Represented(NamedTuple):
    """Rows in the representations that classes are predicted from.

    Attributes:
        values: `(n, values)`, on the model's scale, 0 where a cell is missing.
        embeddings: among whose points neighbours are sought.
    """

    values: Array
    embeddings: tuple[Embedding, ...]


class Teacher(NamedTuple):
    """What gives pseudo-labels.

    Attributes:
        embedding: the one that labels are propagated in.
        factors: `(classes,)`, of the propagated probabilities.
        linear: the logistic regression on the values; None where it does not count.
        weight: of the regression's probabilities, in [0, 1]; the propagated ones have the rest.
    """

    embedding: Embedding
    factors: Floats
    linear: LinearProbe | None = None
    weight: float = 0.0


def represented(run: Run, values: Array) -> Represented:
    """`values` on the model's scale, and their codes and principal components as embeddings."""
    x = scaled_values(run, values)
    pca = Pca.fit(x[:: 1 + len(x) // MAX_UNLABELLED], COMPONENTS)
    return Represented(x, (Embedding(run.encode(values)), Embedding((x - pca.mean) @ pca.directions.T)))


def choose_teacher(rows: Represented, y: NDArray[np.intp], classes: int, seed: int = 0) -> Teacher:
    """The teacher under which hidden labels are likeliest; propagation among codes if none can be hidden.

    Args:
        rows: in their representations.
        y: `(n,)`, the number of each row's class, -1 where it has no label.
        classes: the number of classes.
        seed: of the draw of rows to compare on.
    """
    index = compared(y, seed)
    known = y[index]
    found = [evidence(propagation(each.features[index], classes), known, classes) for each in rows.embeddings]
    offered = [(one, each) for one, each in zip(found, rows.embeddings, strict=True) if one is not None]
    if not offered:
        return Teacher(rows.embeddings[0], np.ones(classes))
    best, embedding = max(offered, key=lambda pair: pair[0].log_likelihood)
    given = y >= 0
    if given.sum() * rows.values.shape[1] * classes > MAX_LINEAR:
        return Teacher(embedding, best.factors)
    other = evidence(regression(rows.values[index], classes), known, classes)
    weight = 0.0 if other is None else 1 / (1 + np.exp(best.log_likelihood - other.log_likelihood))
    if weight < MIN_WEIGHT:
        return Teacher(embedding, best.factors)
    return Teacher(embedding, best.factors, LinearProbe.fit(rows.values[given], y[given]), float(weight))


def compared(y: NDArray[np.intp], seed: int) -> NDArray[np.intp]:
    """The numbers of at most `COMPARED` rows with a label and as many without, in ascending order."""
    parts = (np.flatnonzero(y >= 0), np.flatnonzero(y < 0))
    drawn = [np.random.default_rng(seed).permutation(part)[:COMPARED] for part in parts]
    return np.sort(np.concatenate(drawn))


def propagation(points: Array, classes: int) -> Predict:
    """Class probabilities of all `points (n, d)` by label propagation, as a function of the labels."""
    graph = neighbour_graph(points)
    return lambda y: propagate(graph, one_hot(y, classes), y >= 0)


def regression(x: Array, classes: int) -> Predict:
    """Class probabilities of all rows `x (n, d)` by logistic regression, as a function of the labels."""

    def predict(y: NDArray[np.intp]) -> Floats:
        given = y >= 0
        present = np.unique(y[given])
        if len(present) == 1:
            return np.tile(one_hot(present, classes), (len(x), 1))
        probe = LinearProbe.fit(x[given], np.searchsorted(present, y[given]))
        return probe.probabilities(x) @ one_hot(present, classes)

    return predict


def pseudo_labelled(
    values: Array, rows: Represented, y: NDArray[np.intp], teacher: Teacher, seed: int = 0
) -> Labelled:
    """The rows with a label, and others with pseudo-labels.

    Args:
        values: `(n, *shape)`, as they came.
        rows: the same in their representations.
        y: `(n,)`, the number of each row's class, -1 where it has no label.
        teacher: what gives the pseudo-labels.
        seed: of the draw of rows without a label.
    """
    index = sampled(y, MAX_UNLABELLED, seed)
    given = y[index] >= 0
    target = one_hot(y[index], len(teacher.factors))
    if given.all():
        return Labelled(values[index], target, given, given)
    soft = np.where(given[:, None], target, taught(teacher, rows, index, target, given))
    certainty = soft.max(axis=1)
    hard = given | (certainty >= np.quantile(certainty[~given], SOFT_SHARE))
    likeliest = np.eye(soft.shape[1])[soft.argmax(axis=1)]
    return Labelled(values[index], np.where(hard[:, None], likeliest, soft), hard, given)


def taught(
    teacher: Teacher, rows: Represented, index: NDArray[np.intp], target: Floats, given: NDArray[np.bool_]
) -> Floats:
    """The class probabilities `(n, classes)` of the rows `index (n,)`, of which some are `given` labels."""
    soft = propagate(teacher.embedding.graph(index), target, given) * teacher.factors
    soft /= soft.sum(axis=1, keepdims=True)
    if teacher.linear is None:
        return soft
    linear = teacher.linear.probabilities(rows.values[index])
    return (1 - teacher.weight) * soft + teacher.weight * linear


def sampled(y: NDArray[np.intp], most: int, seed: int) -> NDArray[np.intp]:
    """The numbers of the rows with a label, and of at most so many others, in ascending order."""
    others = np.random.default_rng(seed).permutation(np.flatnonzero(y < 0))[:most]
    return np.sort(np.concatenate([np.flatnonzero(y >= 0), others]))
