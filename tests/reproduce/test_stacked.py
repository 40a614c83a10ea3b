from __future__ import annotations

import pytest

from narrows.reproduce.lab import Lab, count_weights
from narrows.reproduce.stacked import CODE, LAYERS, ONE, S2, THREE, TIED, fit_all, relative


def test_networks_are_compared_seed_by_seed_and_by_the_median() -> None:
    errors = {ONE: [0.2, 0.4, 0.1], THREE: [0.1, 0.1, 0.09]}
    assert relative(errors, THREE, ONE).values == pytest.approx((0.5, 0.25, 0.9))
    assert relative(errors, THREE, ONE).value == pytest.approx(0.5)
    assert relative(errors, ONE, 0.1).value == pytest.approx(2)


def test_every_network_has_the_same_code_and_tied_weights_are_counted_once(lab: Lab) -> None:
    runs = fit_all(lab)
    assert {run.model.code_size for of in runs.values() for run in of} == {CODE}
    weights = 784 * 512 + 512 * 256 + 256 * 128 + 128 * CODE
    assert count_weights(runs[TIED][0]) < weights + 3000 < 2 * weights < count_weights(runs[THREE][0])


def test_each_network_has_a_number(lab: Lab) -> None:
    finding = S2.measure(lab)
    assert all(f"error, {name}" in finding.measured for name in LAYERS)
    assert len(finding.checks) == 3
    assert finding.sentence.endswith(".")
    assert "nan" not in finding.sentence
