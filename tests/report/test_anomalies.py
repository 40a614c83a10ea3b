from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from narrows.data.datasets import load
from narrows.data.readers import as_data
from narrows.report import figures
from narrows.report.anomalies import histogram, outliers, render_anomalies
from narrows.runs.run import Run
from narrows.tasks.anomalies.flagging import Rule
from narrows.tasks.anomalies.survey import SHOWN, Survey
from tests.report.html import parsed


@pytest.fixture(scope="module")
def survey(digits_run: Run) -> Survey:
    images = load("digits").array[:30].copy()
    images[7, :, 0] = images[7, :, 7] = 16
    return Survey(digits_run, as_data(images), Rule(0.05))


def test_the_highest_scores_come_first(survey: Survey) -> None:
    found = outliers(survey)
    assert len(found) == SHOWN
    assert found[0].name == "7"
    assert [row.score for row in found] == sorted((row.score for row in found), reverse=True)
    assert {row.name for row in found if row.flagged} <= {
        survey.ids[i] for i in np.flatnonzero(survey.flagged)
    }


def test_the_page_shows_each_outlier_with_its_pictures(survey: Survey) -> None:
    page = parsed(render_anomalies(survey))
    text = " ".join("".join(page.text).split())
    assert survey.flags.sentence in text
    assert len([tag for tag, _ in page.tags if tag == "img"]) == 3 * SHOWN
    assert "how much each pixel adds to the score; brighter is more" in text


def test_very_high_scores_are_in_the_last_bar() -> None:
    scores = np.concatenate([np.linspace(0, 1, 50), [1e6]])
    detector = SimpleNamespace(held_out=np.linspace(0, 1, 20))
    found: Any = SimpleNamespace(scores=scores, detector=detector, flags=SimpleNamespace(threshold=1.0))
    with figures.house_style():
        svg = histogram(found)
    assert "the last bar has all higher scores" in svg
    assert not re.search(r">1e6<|1000000", svg)
