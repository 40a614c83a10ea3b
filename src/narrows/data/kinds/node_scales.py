"""Offsets and scales for the features of nodes."""

from __future__ import annotations

import numpy as np

from narrows.data.kinds.column_scales import Flags, Floats, bent, scale_columns, unbent
from narrows.data.kinds.statistics import heavy_tails
from narrows.data.scaling import Choice, Scaling

SPARSE = 0.5
"""The share of zeros from which a feature is taken for a word."""

MOST_MENTIONS = 100
"""A feature with larger numbers counts something else than how often a node has a word."""

WORDS = "Features that are words, which most nodes have not, are weighted by log(nodes / nodes with the word)"
STANDARD = "Each feature is standardised to mean 0 and standard deviation 1"
NONE = "The nodes have no features: the model tells them apart by their place in the graph."
WEIGHTS = "Most features are 0 and none is negative: left as they are."
LOSS = "The loss is the cross-entropy of edges, beside as many pairs of nodes that are drawn at random."


def node_scaling(x: Floats, dtype: str, *, alone: bool) -> Choice:
    """The scaling of features `x (n, features)`; the loss is that of edges, whatever the features.

    Args:
        x: as they came.
        dtype: of them, a numpy name.
        alone: whether `x` stands for nodes without features.
    """
    if alone:
        return as_they_are(x, dtype, NONE)
    sparse = bool((x == 0).mean() > SPARSE)
    words = are_words(x)
    if sparse and words.any():
        others = bool((~words & (np.ptp(x, axis=0) > 0)).any())
        rest = "; the others are standardised to mean 0 and standard deviation 1" if others else ""
        return chosen(by_rarity(x, words, dtype), "rarity", f"{WORDS}{rest}.")
    if sparse and ((x == 0).mean(axis=0) >= SPARSE).all() and x.min() >= 0:
        return as_they_are(x, dtype, WEIGHTS)
    heavy = heavy_tails(x)
    tails = ", after arsinh where its tail is heavy." if heavy.any() else "."
    return chosen(scale_columns("real", x, bent(x, heavy), dtype), "standard", STANDARD + tails)


def are_words(x: Floats) -> Flags:
    """Which features `x (n, features)` say how often a node has a word, which most have not."""
    rare = (x.min(axis=0) >= 0) & ((x == 0).mean(axis=0) >= SPARSE)
    whole = (x == np.rint(x)).all(axis=0)
    return rare & whole & (x.max(axis=0) <= MOST_MENTIONS) & (x.max(axis=0) > 0)


def as_they_are(x: Floats, dtype: str, why: str) -> Choice:
    """The features `x (n, features)` without a scaling."""
    unscaled = np.ones(x.shape[1], dtype=np.bool_)
    return chosen(scale_columns("real", x, unbent(x), dtype, unscaled=unscaled), "none", why)


def chosen(scaling: Scaling, name: str, why: str) -> Choice:
    """The choice of a `scaling`."""
    return Choice(scaling, name, (why, LOSS), loss="edges")


def by_rarity(x: Floats, words: Flags, dtype: str) -> Scaling:
    """The scaling of `x (n, features)` that multiplies each of the `words` by log(n / nodes that have it).

    The others are standardised. Spärck Jones 1972, "A statistical interpretation of term specificity and its
    application in retrieval", Journal of Documentation 28.
    """
    weight = np.log(len(x) / np.maximum((x != 0).sum(axis=0), 1))
    weight = np.where(words, weight, 1.0)
    columns = bent(x, heavy_tails(x) & ~words)
    rest = scale_columns("real", x, columns, dtype, unscaled=words)
    after = np.where(words, x * weight, (columns.x - rest.offset.numpy()) / rest.step.numpy())
    return Scaling(
        "real",
        offset=rest.offset.numpy(),
        scale=np.where(words, 1 / weight, rest.scale.numpy()),
        centre=columns.centre,
        spread=columns.spread,
        floor=x.min(axis=0),
        ceiling=x.max(axis=0),
        low=float(after.min()),
        high=float(after.max()),
        dtype=dtype,
        unit=1.0,
    )
