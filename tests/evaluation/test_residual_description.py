"""What a residual says, in sentences."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from narrows.evaluation.noise import Noise
from narrows.evaluation.residual import Level, Peak, Residuals
from narrows.evaluation.residual_description import INVENTED, as_json, sentences
from tests.samples import shapes


def found() -> Any:
    clean = shapes(80, 80, 1)
    all_of = Residuals(0.0, 1.0, Noise(0.1))
    all_of.add(clean + 0.1 * np.random.default_rng(0).standard_normal(clean.shape), clean)
    return all_of.found


def changed(down: int, right: int, value: float) -> Any:
    correlation = np.zeros_like(found().correlation)
    correlation[down, 8 + right] = value
    return replace(found(), correlation=correlation)


def test_white_noise_has_nothing_to_report_but_that_invention_is_not_excluded() -> None:
    first, follows, variance, last = sentences(found())
    assert first.startswith("The residual is white: no pixels up to 8 apart correlate by more than chance (")
    assert follows.startswith("It does not follow the image (correlation ")
    assert variance.startswith("Its variance is that of the noise (")
    assert last == INVENTED


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (changed(0, 1, 0.09), "nearly white: its pixels correlate by little (+0.09, 1 right; chance gives"),
        (
            changed(1, -2, -0.3),
            "have opposite signs (-0.30, 1 down and 2 left; chance gives up to 0.05): noise",
        ),
        (
            changed(2, 0, 0.3),
            "correlate (+0.30, 2 down; chance gives up to 0.05): structure of the image was",
        ),
        (
            replace(found(), peak=Peak(12.0, 0.05, 0.05, 41.2)),
            "a period of 12 pixels, 45° from the rows, 41 ti",
        ),
        (
            replace(found(), signal=0.3),
            "It follows the image (correlation +0.30): contrast was removed, or no",
        ),
        (replace(found(), signal=-0.3), "the opposite of the image (correlation -0.30): contrast was added."),
        (
            replace(found(), levels=(Level(0.2, 0.01, 999), Level(0.8, 0.02, 999))),
            "2 times that of the noise whe",
        ),
        (
            replace(found(), levels=(Level(0.2, 0.004, 999), Level(0.8, 0.01, 999))),
            "0.4 times that of the noise",
        ),
    ],
)
def test_each_sign_of_structure_is_said(case: Any, words: str) -> None:
    assert words in " ".join(sentences(case))


def test_json_has_numbers_and_the_sentences() -> None:
    record = as_json(found(), 2.0)
    assert json.loads(json.dumps(record)) == record
    assert record["mean"] == found().mean / 2
    assert record["sentences"] == sentences(found())
    assert [level["of_noise"] for level in record["levels"]] == pytest.approx(found().shares)
    unknown = as_json(replace(found(), noise=None), 1.0)
    assert unknown["levels"][0]["of_noise"] is None
