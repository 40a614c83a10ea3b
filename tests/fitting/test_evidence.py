from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from narrows.data.datasets import load
from narrows.data.readers import as_data
from narrows.data.split import split
from narrows.evaluation.errors import Errors
from narrows.fitting import evidence
from narrows.fitting.evidence import coded, drawn_rows, extremes
from narrows.runs.run import Run


def test_examples_and_kept_rows_are_the_held_out_rows_that_they_name(digits_run: Run) -> None:
    data, shown = load("digits"), digits_run.evidence
    held_out = data.rows(split(len(data), seed=0).held_out)
    np.testing.assert_array_equal(shown.originals, held_out.array[shown.rows[shown.kept]])
    for examples in shown.examples.values():
        np.testing.assert_array_equal(examples.originals, held_out.array[examples.rows])
        np.testing.assert_array_equal(examples.reconstructions, digits_run.reconstruct(examples.originals))
    errors = ((digits_run.reconstruct_scaled(held_out.array) - digits_run.scaled(held_out.array)) ** 2).mean(
        1
    )
    np.testing.assert_allclose(shown.errors, errors[shown.rows] * digits_run.scaling.unit, rtol=1e-5)
    assert shown.best.rows[0] == errors.argmin()
    assert shown.worst.rows[0] == errors.argmax()
    np.testing.assert_array_equal(digits_run.encode(held_out.array)[shown.rows], shown.codes)


def test_examples_are_the_extremes_by_their_error_per_value() -> None:
    """Twenty rows whose errors per value are 20, 19, … 1, whatever their number of values."""
    values = np.tile([1.0, 4.0], 10)
    best, median, worst = extremes(Errors(np.arange(20.0, 0, -1) * values, values))
    assert best.tolist() == [19, 18, 17, 16, 15, 14]
    assert median.tolist() == [12, 11, 10, 9, 8, 7]
    assert worst.tolist() == [0, 1, 2, 3, 4, 5]
    assert [len(part) for part in extremes(Errors(np.ones(2), np.ones(2)))] == [2, 2, 2]


def test_few_codes_and_originals_are_kept_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MOST_CODE_VALUES", 80)
    monkeypatch.setattr(evidence, "MOST_ORIGINAL_BYTES", 5 * 3 * 8)
    run = SimpleNamespace(model=SimpleNamespace(code_size=4))
    rows, kept = drawn_rows(run, as_data(np.random.default_rng(0).random((50, 3))))  # type: ignore[arg-type]
    assert (len(rows), len(kept)) == (20, 5)
    assert (np.diff(rows) > 0).all()
    assert (np.diff(kept) > 0).all()
    assert rows.max() < 50
    assert kept.max() < 20


def test_labels_are_numbers_or_places_in_their_words() -> None:
    found, names = coded(np.array(["pear", "apple", "pear"]))
    assert (found.tolist(), names) == ([1.0, 0.0, 1.0], ("apple", "pear"))
    found, names = coded(np.array([3, 7]))
    assert (found.dtype, found.tolist(), names) == (np.float64, [3.0, 7.0], ())
