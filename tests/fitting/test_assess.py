from __future__ import annotations

import numpy as np
import pytest

from narrows.data.datasets import load
from narrows.data.split import split
from narrows.doctor.runs import examine
from narrows.fitting import assess
from narrows.fitting.fit import fit
from narrows.report import documents
from narrows.runs.run import Run
from tests.samples import mixed, of_frame, patches


def test_the_verdict_of_a_denoiser_is_about_what_it_restores(denoiser: Run) -> None:
    seen = denoiser.corrupted(patches(np.uint8).array[:50])
    clean = denoiser.scaled(patches(np.uint8).array[:50])
    assert np.array_equal(seen, denoiser.corrupted(patches(np.uint8).array[:50]))
    assert 0.005 < ((seen - clean) ** 2).mean() < 0.03
    assert denoiser.metrics["held_out"]["pca_mse"] < ((seen - clean) ** 2).mean()
    assert denoiser.metrics["held_out"]["surrogate_ratio"] is None
    assert denoiser.evidence.codes is None
    assert denoiser.evidence.best.seen.dtype == np.uint8


def test_examples_and_kept_rows_are_the_held_out_rows_that_they_name(digits_run: Run) -> None:
    data, shown = load("digits"), digits_run.evidence
    held_out = data.rows(split(len(data), seed=0).held_out)
    np.testing.assert_array_equal(shown.originals, held_out.array[shown.rows[shown.kept]])
    for examples in shown.examples.values():
        np.testing.assert_array_equal(examples.originals, held_out.array[examples.rows])
        np.testing.assert_array_equal(examples.reconstructions, digits_run.reconstruct(examples.originals))
    errors = ((digits_run.reconstruct_scaled(held_out.array) - digits_run.scaled(held_out.array)) ** 2).mean(
        1
    )
    np.testing.assert_allclose(shown.errors, errors[shown.rows] * digits_run.scaling.unit, rtol=1e-5)
    assert shown.best.rows[0] == errors.argmin()
    assert shown.worst.rows[0] == errors.argmax()
    assert abs(np.median(errors) - errors[shown.median.rows].mean()) < errors.std() / 10


def test_data_without_a_yardstick_are_measured_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assess, "yardstick", lambda *_: None)
    run = fit(of_frame(mixed(200)), latent_dim=2, overrides={"training": {"epochs": 1}})
    error = run.metrics["held_out"]["mse"]
    assert run.metrics["verdict"]["outcome"] == "cannot tell"
    assert f"Its error is {error:.4g} on 40 held-out rows" in run.metrics["verdict"]["sentence"]
    assert run.metrics["held_out"]["pca_mse"] is None
    assert "train_pca_mse" not in run.metrics["symptoms"]
    assert run.evidence.pca_errors is run.evidence.by_column is None
    assert "underfitting" not in {finding.name for finding in examine(run)}
    page, card = documents(run)["report.html"], documents(run)["README.md"]
    assert f"{error:.4g}" in page
    assert "PCA" not in card.split("## What it is for")[0]
