from __future__ import annotations

import numpy as np
import pandas
import pytest

from narrows.data.readers import Reading, as_data, from_table
from narrows.data.schema import Data
from narrows.data.tables import from_frame
from narrows.fitting.fit import fit
from narrows.report.anomalies import oddities
from narrows.runs.run import Run
from narrows.tasks.anomalies.detector import Survey
from tests.samples import curve

HOW = {"training": {"epochs": 20}}


@pytest.fixture(scope="module")
def run() -> Run:
    """A fit of a curved line in six columns."""
    return fit(as_data(curve(600)), latent_dim=2, overrides=HOW)


def test_others_are_told_by_how_many_have_the_same_word() -> None:
    """Few are green: the page must not say that others are green, too."""
    rng = np.random.default_rng(0)
    words = np.where(np.arange(300) < 6, "green", "red")
    frame = pandas.DataFrame({"x": rng.standard_normal(300), "colour": words, "ok": np.arange(300) > 9})
    run = fit(from_table(from_frame(frame, "X"), "X"), overrides=HOW)
    found = Survey(run, as_read(run, frame), 0.05)
    told = [reason for row in oddities(found) for reason in row.reasons if reason.name in ("colour", "ok")]
    shares = {f"{reason.name} {reason.cell}": float(reason.usual.split(" %")[0]) for reason in told}
    assert shares["colour green"] < 50
    assert all(reason.usual.endswith(reason.cell) for reason in told)


def as_read(run: Run, frame: pandas.DataFrame) -> Data:
    return from_table(from_frame(frame, "X"), "X", Reading(like=run.schema))
