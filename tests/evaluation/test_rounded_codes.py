"""Bits and errors of a model whose code is rounded, at several qualities."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
import pytest

from narrows import Autoencoder
from narrows.evaluation.rounded_codes import at_middle, coded, errors_of, rounds
from narrows.runs.run import Run
from narrows.tasks.compression.quantised import coded as container_of
from narrows.tasks.compression.stacks import Stacks
from narrows.tasks.compression.wishes import Lot, bits, psnr
from tests.samples import DIGITS

PIXELS = (DIGITS * 15).astype(np.uint8)


@pytest.fixture(scope="module")
def run() -> Run:
    small: dict[str, Any] = {
        "encoder": {"hidden": 16},
        "bottleneck": {"hidden": 16},
        "training": {"epochs": 4, "batch_size": 32, "least_steps": 0},
    }
    return Autoencoder(None, recipe="compression", random_state=0, **small).fit(PIXELS[:400]).run_


def test_bits_and_errors_are_those_of_files(run: Run) -> None:
    values = PIXELS[:100]
    lot = Lot.of(run, values)
    for s in errors_of(run):
        found = coded(run, run.scaler.prepare(values), s)
        assert found.bits.sum() == pytest.approx(bits([lot], s) * values.size, rel=1e-3)
        assert found.psnr(values.size) == pytest.approx(psnr([lot], s), abs=0.01)


def test_the_ideal_length_is_that_of_a_file_within_one_percent(run: Run) -> None:
    pytest.importorskip("constriction")
    values = PIXELS[400:]
    lot, x = Lot.of(run, values), run.scaler.prepare(values)
    for s in errors_of(run):
        made = container_of(run, [lot.numbers(s)], s, Stacks.of(values).told())
        assert len(made.payload) == pytest.approx(coded(run, x, s).bits.sum() / 8, rel=0.01)


def test_errors_are_evenly_spaced_on_a_logarithmic_scale_and_a_finer_one_takes_more_bits(run: Run) -> None:
    coarse, middle, fine = errors_of(run)
    assert log(coarse) - log(middle) == pytest.approx(log(middle) - log(fine))
    assert coarse > middle > fine
    x = run.scaler.prepare(PIXELS[:50])
    found = [coded(run, x, s) for s in (coarse, middle, fine)]
    assert found[0].bits.sum() < found[1].bits.sum() < found[2].bits.sum()
    assert found[0].psnr(x.flat.size) < found[1].psnr(x.flat.size) < found[2].psnr(x.flat.size)
    assert np.array_equal(at_middle(run, x), found[1].made)
    assert found[1].made.dtype == np.uint8


def test_other_models_do_not_round() -> None:
    assert not rounds(Autoencoder(2, epochs=1, random_state=0).fit(np.eye(30, 4)).run_)
