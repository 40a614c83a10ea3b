from __future__ import annotations

from copy import copy

import numpy as np
import pytest

from narrows.data.datasets import load
from narrows.data.kinds.table import TableSchema
from narrows.doctor.runs import examine
from narrows.evaluation.restored import OURS
from narrows.fitting.assessment import measure_all
from narrows.fitting.fit import fit, fit_densities
from narrows.fitting.parts import split_data
from narrows.report import documents
from narrows.runs.run import Run
from tests.samples import mixed, of_frame, patches


def test_the_verdict_of_a_denoiser_is_about_what_it_restores(denoiser: Run) -> None:
    seen = denoiser.corrupted(patches(np.uint8).array[:50])
    clean = denoiser.scaled(patches(np.uint8).array[:50])
    assert np.array_equal(seen, denoiser.corrupted(patches(np.uint8).array[:50]))
    assert 0.005 < ((seen - clean) ** 2).mean() < 0.03
    found = denoiser.metrics["held_out"]
    assert found["pca_mse"] is None
    assert found["yardstick_mse"] == min(e for n, e in found["restoration"]["mse"].items() if n != OURS)
    assert found["restoration"]["mse"][OURS] == found["mse"]
    assert denoiser.metrics["held_out"]["surrogate_ratio"] is None
    assert denoiser.evidence.codes is None
    assert denoiser.evidence.best.seen.dtype == np.uint8


def test_the_reconstructions_of_model_pca_and_mean_are_of_the_same_rows(digits_run: Run) -> None:
    data = load("digits")
    parts = split_data(data, seed=0)
    found = measure_all(digits_run, parts, parts.scaled(digits_run.scaler))
    np.testing.assert_array_equal(found.reconstructions.x, digits_run.scaled(parts.held_out.array))
    np.testing.assert_array_equal(
        found.reconstructions.ours, digits_run.reconstruct_scaled(parts.held_out.array)
    )
    train = digits_run.scaled(parts.train.array)
    np.testing.assert_allclose(found.reconstructions.mean[0], train.mean(0), atol=1e-5)
    held_out = digits_run.metrics["held_out"]
    for name, errors in zip(("mse", "pca_mse", "mean_mse"), found.compared, strict=True):
        assert errors.mse * digits_run.scaling.unit == held_out[name]


def test_every_row_is_scaled_once(digits_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    parts, seen = split_data(load("digits"), seed=0), []
    forward = type(digits_run.scaling).forward

    def counted(self: object, x: object) -> object:
        seen.append(len(x))  # type: ignore[arg-type]
        return forward(self, x)  # type: ignore[arg-type]

    monkeypatch.setattr(type(digits_run.scaling), "forward", counted)
    rows = parts.scaled(digits_run.scaler)
    fit_densities(copy(digits_run), rows.train)
    measure_all(digits_run, parts, rows)
    assert sum(seen) == len(parts.train) + len(parts.held_out)


def test_data_without_a_yardstick_are_measured_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TableSchema, "has_pca", False)
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
