"""Bytes at the same quality, as numbers and in words."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from narrows.evaluation.errors import Errors
from narrows.evaluation.rates import OURS, Rates
from narrows.evaluation.ratios import Methods
from narrows.evaluation.verdict import Verdict, judge_rates

RATES = Rates(
    n=50,
    groups=30,
    places=50 * 1000,
    noun="pixel",
    examples="images of 40×25",
    psnr=(28.0, 32.0, 36.0),
    bits={OURS: (0.4, 0.8, 1.6), "JPEG": (0.8, 1.6, 3.2), "WebP": (0.6, 1.0, 1.5), "AVIF": (None, 1.2, None)},
    left_out={"PCA codes": "it reaches less than 28.0 dB"},
    model_bytes=1_000_000,
    ratio_ci95=(0.79, 0.88),
)

METHODS = Methods(Errors(np.ones(50), np.ones(50)), None, None)


def test_the_sentence_says_how_many_bytes_beside_whom_and_where_others_are_smaller() -> None:
    verdict = judge_rates(METHODS, RATES)
    assert verdict.outcome == "beats"
    assert verdict.sentence == (
        "Beats WebP: 0.83 times its bytes at the same quality (95 % interval 0.79 to 0.88), on 50 held-out "
        "images of 40×25; at 32.0 dB (PSNR) 0.8 bits per pixel, 0.80 times WebP's, 0.67 times AVIF's, 0.50 "
        "times JPEG's; at 36.0 dB 1.07 times WebP's. The model's own 1 MB pay off after 40,000 of them."
    )


@pytest.mark.parametrize(
    ("ends", "groups", "outcome"),
    [
        ((0.90, 0.99), 30, "beats"),
        ((0.90, 1.01), 30, "cannot tell"),
        ((0.96, 1.01), 30, "does not beat"),
        ((1.10, 1.20), 30, "does not beat"),
        ((0.10, 0.20), 19, "cannot tell"),
    ],
)
def test_the_interval_decides(ends: tuple[float, float], groups: int, outcome: str) -> None:
    found = replace(RATES, ratio_ci95=ends, groups=groups)
    assert judge_rates(METHODS, found).outcome == outcome
    assert judge_rates(METHODS, found, seen=True).outcome == "cannot tell"


def test_each_quality_is_compared_with_the_method_that_is_smallest_there() -> None:
    """A method that does not reach all qualities counts where it does."""
    found = replace(RATES, bits={OURS: (1.0, 1.0, 1.0), "JPEG": (4.0, 2.0, 2.0), "WebP": (0.5, None, None)})
    assert found.best == ("WebP", "JPEG", "JPEG")
    assert found.ratio == pytest.approx((2.0 * 0.5 * 0.5) ** (1 / 3))
    sentence = judge_rates(METHODS, found).sentence
    assert sentence.startswith("Beats WebP and JPEG: 0.79 times the fewest bytes of them")
    assert "at 28.0 dB 2.00 times WebP's" in sentence


def test_too_few_examples_are_named_and_the_numbers_stay() -> None:
    found = judge_rates(METHODS, replace(RATES, groups=8)).sentence
    assert "only 8 held-out groups, at least 20 are needed; as measured, 0.83 times its bytes" in found


def test_the_model_pays_once_what_it_saves_is_as_large() -> None:
    saved = 1000 * (1.0 - 0.8) / 8
    assert RATES.pays_after == pytest.approx(1_000_000 / saved, abs=1)
    assert replace(RATES, bits={OURS: RATES.bits[OURS]}).pays_after is None
    larger = replace(RATES, bits={**RATES.bits, "WebP": (0.3, 0.7, 1.5)})
    assert larger.pays_after is None
    assert larger.cost == "The model's own 1 MB come on top."


def test_without_another_method_only_the_bits_are_said() -> None:
    alone = replace(RATES, bits={OURS: RATES.bits[OURS]}, ratio_ci95=None)
    verdict = judge_rates(METHODS, alone)
    assert verdict.outcome == "cannot tell"
    assert verdict.sentence.startswith("There is nothing to compare it with, on 50 held-out images")


def test_the_metrics_hold_the_whole_verdict() -> None:
    verdict = judge_rates(METHODS, RATES)
    again = Verdict.from_metrics(json.loads(json.dumps(verdict.to_metrics())))
    assert again == verdict
    assert again.to_json()["rates"]["pays_after"] == RATES.pays_after
