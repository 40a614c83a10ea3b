"""Comparisons: what each of them finds, and how it divides an amount."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.data.datasets import load
from narrows.data.kinds.sequences import SequenceSchema
from narrows.data.readers import as_data
from narrows.tasks.anomalies.comparisons import (
    BesideResiduals,
    Comparison,
    OfRows,
    Reconstructed,
    comparisons,
)
from narrows.tasks.anomalies.features import standardised
from narrows.training.progress import uncounted
from tests.samples import curve

RNG = np.random.default_rng(0)


def reconstructed(rows: np.ndarray, error: float, *, in_reference: bool) -> Reconstructed:
    made = rows + error * RNG.standard_normal(rows.shape)
    return Reconstructed(rows, made, np.full(len(rows), in_reference))


REFERENCE = reconstructed(RNG.standard_normal((500, 4)), 0.05, in_reference=True)


def test_a_large_residual_is_surprising_where_the_row_is_usual() -> None:
    features, rows = standardised(REFERENCE.rows), REFERENCE.rows[:50] + 1e-6
    usual, off = (reconstructed(rows, error, in_reference=False) for error in (0.05, 1.0))
    beside, of_rows = (kind(features, REFERENCE, "name") for kind in (BesideResiduals, OfRows))
    np.testing.assert_allclose(of_rows.surprises(off), of_rows.surprises(usual))
    assert np.median(beside.surprises(off)) > np.median(beside.surprises(usual)) + 2


def test_residuals_are_divided_by_their_deviation_and_a_floor() -> None:
    beside = BesideResiduals(standardised(REFERENCE.rows), REFERENCE, "residuals")
    residuals = (REFERENCE.rows - REFERENCE.reconstructions) / REFERENCE.rows.std(axis=0)
    np.testing.assert_allclose(beside.gain, 1 / np.sqrt((residuals**2).mean(axis=0) + 0.01))


def all_of(name: str) -> tuple[tuple[Comparison, ...], Reconstructed]:
    values = curve(300) if name == "table" else load("digits").array[:200]
    schema = as_data(values).schema
    scaled = schema.arrange(values).reshape(len(values), -1).astype(np.float64)
    reference = reconstructed(scaled, 0.1, in_reference=True)
    return comparisons(schema, values, reference, slice(len(values) - 30), uncounted).all, reference


@pytest.mark.parametrize(
    ("name", "kinds"), [("table", "rows residuals linear"), ("images", "rows residuals")]
)
def test_amounts_keep_their_sum_in_every_comparison(name: str, kinds: str) -> None:
    found, reference = all_of(name)
    assert [each.name for each in found] == kinds.split()
    rows = reference.part(slice(20))
    for each in found:
        surprises = each.surprises(rows)
        assert surprises.shape == (20, len(each.near)) == (20, len(each.wide))
        assert not (each.near & each.wide).any()
        divided = each.contributions(rows, surprises)
        assert divided.shape == rows.rows.shape
        np.testing.assert_allclose(divided.sum(axis=1), surprises.sum(axis=1))


def test_of_sequences_the_nearest_neighbour_alone_counts() -> None:
    values = np.random.default_rng(0).normal(size=(300, 12, 1))
    schema = SequenceSchema.of((12, 1), "float64")
    rows = values.reshape(300, 12)
    reference = Reconstructed(rows, 0.9 * rows, np.ones(300, dtype=np.bool_))
    found = comparisons(schema, values, reference, slice(200), uncounted)
    for each, parts in zip(found.all, (2, 2), strict=True):
        assert each.near.sum() == parts
        assert not each.wide.any()
