from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas
import pytest

from narrows.data.readers import as_data, from_table
from narrows.data.tables.notation import Notation
from narrows.data.tables.table import from_frame
from narrows.doctor.runs import examine
from narrows.evaluation.errors import Errors
from narrows.evaluation.symptoms import Symptoms
from narrows.evaluation.verdict import Verdict
from narrows.fitting.fit import fit
from narrows.fitting.outlying_rows import outlying_rows
from narrows.fitting.parts import split_data
from narrows.runs.run import Run
from tests.samples import curve

ROW = np.array([1])


def errors(n: int = 4) -> Errors:
    squared = np.ones(n)
    squared[ROW] = 97
    return Errors(squared, np.ones(n))


def test_a_row_has_its_number_and_the_cell_that_deviates() -> None:
    data = as_data(np.array([[1.0, 2], [3, 1e6], [5, 6], [7, 8]]))
    found = outlying_rows(data, np.arange(10, 14), ROW, np.array([[0.1, 9.0]]), (errors(), None))
    assert found.names == ("row 11 (x1 = 1,000,000)",)
    assert (found.share, found.yardstick_share) == (0.97, None)


def test_a_row_has_its_name_and_a_category_its_word() -> None:
    frame = pandas.DataFrame({"a": [1.0, 2.5, 3, 4], "c": list("xyxx")})
    data = from_table(from_frame(frame, "data"), "data")
    found = outlying_rows(data, np.arange(4), ROW, np.array([[0.1, 0, 5]]), (errors(), errors()))
    assert found.names == ("row 1 (c = y)",)
    even = outlying_rows(data, np.arange(4), ROW, np.array([[1.0, 1, 0]]), (errors(), errors()))
    assert even.names == ("row 1 (a = 2.5)",), "the first of two that deviate equally"
    comma = replace(data.schema.columns[0], notation=Notation(",", places=1))
    written = replace(data, schema=replace(data.schema, columns=(comma, data.schema.columns[1])))
    found = outlying_rows(written, np.arange(4), ROW, np.array([[9.0, 1, 0]]), (errors(), errors()))
    assert found.names == ("row 1 (a = 2,5)",), "as the file writes it"
    spread = outlying_rows(as_data(np.eye(4)), np.arange(4), ROW, np.ones((1, 4)), (errors(), None))
    assert spread.names == ("row 1",)


def planted(part: str, column: int) -> tuple[Run, int]:
    """A run on a table with one planted value in a row of the held-out or training part, and the row."""
    x = curve(300)
    index = getattr(split_data(as_data(x), 0).index, part)
    row = int(index[3])
    # In a column without a spread between the quartiles nothing is bent by arsinh.
    x[:, column] = np.random.default_rng(0).random(300) < 0.1
    x[row, column] = 1e4
    how: Any = {"training": {"epochs": 8}}
    return fit(as_data(x), latent_dim=1, overrides=how), row


def test_a_planted_value_in_a_held_out_row_is_named_by_verdict_and_doctor() -> None:
    run, row = planted("held_out", 2)
    verdict = Verdict.from_metrics(run.metrics)
    assert verdict.outlying is not None
    assert verdict.outlying.names == (f"row {row} (x2 = 10,000)",)
    found = {finding.name: finding for finding in examine(run)}
    assert f"Of the held-out rows, row {row} (x2 = 10,000) holds" in found["outlying rows"].evidence
    assert "overfitting" not in found


def test_a_planted_value_in_a_training_row_is_named_where_it_holds_the_error() -> None:
    run, row = planted("train", 2)
    symptoms = Symptoms.from_json(run.metrics["symptoms"])
    named = [] if symptoms.outlying is None else list(symptoms.outlying.names)
    assert named in ([], [f"row {row} (x2 = 10,000)"])
    assert symptoms.gap.ratio == pytest.approx(1, abs=0.6), "measured without the row"
