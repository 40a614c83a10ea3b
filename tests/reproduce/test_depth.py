from __future__ import annotations

from narrows.reproduce.depth import K11, error_at_level, few_rows, fit_few, share_nearer_to_another
from narrows.reproduce.lab import Lab
from narrows.reproduce.trials import errors_by_epoch


def test_depth_on_few_rows(full_lab: Lab) -> None:
    measured = K11.measure(full_lab).measured
    run = fit_few(full_lab, 1)
    curve = errors_by_epoch(run, "validation")
    assert error_at_level(run, float("inf")) == curve[0]
    assert all(measured["test_error"][k] > measured["training_error"][k] for k in ("1", "4"))
    assert measured["test_error_there"]["4"] > measured["test_error_there"]["1"]
    # A memorised image is reconstructed nearer to itself than a test image is.
    training, test = (
        share_nearer_to_another(run, few_rows(full_lab), which) for which in ("training", "test")
    )
    assert 0 < 2 * training < test < 1
