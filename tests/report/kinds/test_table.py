from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas

from narrows.data.examples import Data
from narrows.data.readers import as_data, from_table
from narrows.data.reading import Reading
from narrows.data.tables.notation import Notation
from narrows.data.tables.table import from_frame
from narrows.fitting.fit import fit
from narrows.report import render
from narrows.report.kinds.table import Table, cell_in_print, described, explained_columns, reasons, typical
from narrows.runs.run import Run
from narrows.tasks.anomalies.flagging import Rule
from narrows.tasks.anomalies.survey import Survey
from tests.report.html import parsed


def test_a_table_says_which_columns_the_code_explains() -> None:
    """The share of a column that is noise is small, that of one that follows the others large."""
    rng = np.random.default_rng(0)
    t = rng.uniform(-1, 1, 400)
    values = np.column_stack([t, t**2, np.sin(3 * t), rng.standard_normal(400)])
    data = as_data(values, columns=("line", "bow", "wave", "<noise>"))
    run = fit(data, latent_dim=1, overrides={"training": {"epochs": 60}})
    found = {name: (ours, pca) for name, ours, pca in explained_columns(run)}
    assert found["wave"][0] > 90
    assert found["<noise>"][0] < 50
    assert found["bow"][0] > found["bow"][1] + 20
    assert "<noise>" in "".join(parsed(render(run)).text)


def test_others_are_told_by_how_many_have_the_same_word() -> None:
    """Few are green: the page must not say that others are green, too."""
    rng = np.random.default_rng(0)
    words = np.where(np.arange(300) < 6, "green", "red")
    frame = pandas.DataFrame({"x": rng.standard_normal(300), "colour": words, "ok": np.arange(300) > 9})
    run = fit(from_table(from_frame(frame, "X"), "X"), overrides={"training": {"epochs": 20}})
    found = Survey(run, as_read(run, frame), Rule(0.05))
    told = [reason for row in reasons(found) for reason in row if reason.name in ("colour", "ok")]
    shares = {
        f"{reason.name} {reason.cell}": float(reason.usual.removeprefix("as in ").split(" %")[0])
        for reason in told
    }
    assert shares["colour green"] < 50
    assert all(reason.usual.endswith(" % of similar rows") for reason in told)


def as_read(run: Run, frame: pandas.DataFrame) -> Data:
    return from_table(from_frame(frame, "X"), "X", Reading(like=run.schema))


def test_series_are_curves_in_the_live_part_and_other_columns_are_not() -> None:
    """A spectrum that is a thousand times as high does not set the height of all curves."""
    rng = np.random.default_rng(0)
    waves = np.sin(rng.uniform(0, 6, (200, 1)) + np.linspace(0, 4, 24))
    few = {"training": {"epochs": 1}}
    run = fit(as_data(waves, columns=tuple(f"{i} nm" for i in range(24))), overrides=few)
    assert run.evidence.originals is not None
    run.evidence.originals[3] *= 1000
    assert Table().live_drawing(run) == "curves"
    low, high = Table().live_sample(run)["curve"]
    assert -1.1 < low < high < 1.1
    mixed = fit(as_data(rng.normal(size=(200, 24)), columns=tuple(f"x{i}" for i in range(24))), overrides=few)
    assert Table().live_drawing(mixed) == "table"
    assert Table().live_sample(mixed)["curve"] is None


def test_dates_are_shown_as_dates() -> None:
    when = pandas.date_range("2023-01-01", periods=60, freq="9D")
    data = from_table(from_frame(pandas.DataFrame({"a": np.arange(60.0) % 7, "when": when}), "x"), "x")
    run, column = fit(data, latent_dim=1, overrides={"training": {"epochs": 1}}), data.schema.columns[1]
    assert cell_in_print(31, column) == "2023-02-01"
    assert cell_in_print(np.inf, column) == "never seen"
    assert typical(31, column, np.array([59.2, 0, 1])).endswith(" 2023-03-01")
    commas = replace(data.schema.columns[0], notation=Notation(",", "."))
    assert described(commas, run, 0)["marks"] == (",", ".", "", "")
    shown = described(column, run, 1)
    assert shown["nature"] == "date"
    assert 400 < shown["range"][1] <= 59 * 9
    assert shown["since"] == ["2023-01-01", 0, 10]
    assert "Dates in when (2023-01-01 to 2024-" in "".join(parsed(render(run)).text)
