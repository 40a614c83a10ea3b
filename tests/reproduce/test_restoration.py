from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from narrows.data.examples import Data
from narrows.data.kinds import describe
from narrows.data.sources import InMemory
from narrows.evaluation.restored import OURS
from narrows.reproduce.lab import Entry, Lab
from narrows.reproduce.restoration import ENTRIES, Trial, attempt, checks, finding
from narrows.runs.run import Run
from tests.samples import shapes


class Untrained(Lab):
    """A lab in which nothing is trained for more than one epoch of few images."""

    def __init__(self) -> None:
        super().__init__(quick=True)

    def fit(self, recipe: str, data: Data | None = None, **options: Any) -> Run:
        assert data is not None
        few = replace(self.first(data, 40), test=data.held_out.rows(np.arange(20)))
        return super().fit(recipe, few, **{**options, "epochs": 1})


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Untrained()


def trial(ours: float, *others: float) -> Trial:
    """Images in which the errors of all values are those given, with some noise."""
    rng = np.random.default_rng(0)
    clean = np.full((30, 1, 4, 4), 0.5)
    noise = rng.uniform(0.9, 1.1, clean.shape)
    made = {f"method {i}": clean + error * noise for i, error in enumerate(others)}
    return Trial(clean, made, [clean + ours * noise])


def test_the_model_has_to_beat_every_method() -> None:
    best = trial(0.05, 0.3, 0.1)
    gain, error = checks("A", best)
    assert gain.quantity == "A: gain in PSNR over method 1, dB"
    assert gain.measured.value == pytest.approx(20 * np.log10(2), abs=1e-6)
    assert error.bound == pytest.approx(best.mse["method 1"])
    assert finding({"A": best}).holds is True
    assert finding({"A": trial(0.2, 0.3, 0.1)}).holds is False
    assert finding({"A": best, "B": trial(0.2, 0.3, 0.1)}).holds is False


def test_images_that_were_not_damaged_do_not_count() -> None:
    found = trial(0.05, 0.1)
    found.made["method 0"][:10] = found.clean[:10]
    assert len(found.psnr[OURS]) == len(found.psnr["method 0"]) == 20


def test_every_method_gets_the_same_damaged_images(lab: Lab) -> None:
    values = (255 * shapes(16, 16, 60)).astype(np.uint8)
    schema = describe(values)
    data = Data(InMemory(values[:40]), schema, "s", test=Data(InMemory(values[40:]), schema, "s"))
    found = attempt(lab, "super-resolution", data, overrides={"encoder": {"widths": [8], "blocks": 1}})
    assert [*found.made] == ["bicubic interpolation", "the best linear filter"]
    np.testing.assert_allclose(found.clean[:, 0], values[40:] / 255, atol=1e-6)
    assert all(0 <= each.min() <= each.max() <= 1 for each in (*found.made.values(), *found.models))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_each_has_numbers_checks_and_pictures(entry: Entry, lab: Lab) -> None:
    found = entry.measure(lab)
    assert len(found.checks) == 2 * len(found.measured)
    assert all(np.isfinite(value) for value in (*found.measured.values(), *found.yardstick.values()))
    assert "nan" not in found.sentence.lower()
    assert len(found.figures) == 2 * len(found.measured)
    assert all(figure.caption.endswith(".") for figure in found.figures)
