from __future__ import annotations

import pytest

from narrows.reproduce.depth import K11, astray, few_rows, judged_at, memorised
from narrows.reproduce.lab import Lab
from narrows.reproduce.trials import errors_by_epoch


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab(quick=True)


def test_depth_on_few_rows(lab: Lab) -> None:
    measured = K11.measure(lab).measured
    run = memorised(lab, 1)
    curve = errors_by_epoch(run, "validation")
    assert judged_at(run, float("inf")) == curve[0]
    assert all(measured["test_error"][k] > measured["training_error"][k] for k in ("1", "4"))
    assert measured["test_error_there"]["4"] > measured["test_error_there"]["1"]
    # Of images that it knows by heart fewer are taken for others.
    assert 0 < 2 * astray(run, few_rows(lab), "training") < astray(run, few_rows(lab), "test") < 1
