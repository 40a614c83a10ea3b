from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import NMF

from narrows.data.examples import Data
from narrows.data.preparation import AS_IT_CAME, Preparation
from narrows.data.readers import as_data
from narrows.data.scan_axes import parse_scan_axes
from narrows.data.scan_reading import read_scan
from narrows.data.sources import InMemory
from narrows.evaluation.nmf import Beside
from narrows.fitting.fit import fit
from narrows.fitting.further_yardsticks import counted
from narrows.fitting.parts import split_data
from narrows.report import documents
from narrows.runs.run import Run


def spectra(dose: float = 4.0) -> np.ndarray:
    """Counts of a scan of two spectra, mixed."""
    rng, energy = np.random.default_rng(0), np.arange(30)
    peaks = np.array([np.exp(-((energy - at) ** 2) / 20) for at in (8, 20)])
    return rng.poisson(dose * rng.random((24, 24, 2)) @ peaks).astype(np.uint16)


def of_scan(cube: np.ndarray, how: Preparation = AS_IT_CAME) -> Data:
    axes = "YX|E" if cube.ndim == 3 else "YX|KyKx"
    return read_scan(InMemory(cube), parse_scan_axes(axes), "scan", how=how)


def fitted(data: Data) -> Run:
    return fit(data, recipe="linear", latent_dim=2, overrides={"training": {"epochs": 2}})


def test_nmf_of_a_scan_of_counts_is_measured_on_the_held_out_rows() -> None:
    data = of_scan(spectra())
    run = fitted(data)
    (record,) = run.metrics["beside"]
    found, parts = Beside.from_json(record), split_data(data, seed=run.config["seed"])
    train, held_out = (run.scaled(each.array) for each in (parts.train, parts.held_out))
    zero = run.scaled(np.zeros((1, 30), np.uint16))
    model = NMF(2, init="nndsvda", max_iter=400, random_state=0).fit(np.maximum(train - zero, 0))
    made = model.transform(np.maximum(held_out - zero, 0)) @ model.components_ + zero
    assert (found.fitted, found.n) == (len(train), len(held_out))
    assert found.mse == pytest.approx(((made - held_out) ** 2).mean() * run.scaling.unit, rel=1e-4)
    assert found.pca_mse == pytest.approx(run.metrics["held_out"]["pca_mse"])
    assert found.model_mse == pytest.approx(run.metrics["held_out"]["mse"])
    assert found.sentence in documents(run)["README.md"]
    page = documents(run)["report.html"]
    assert found.title in page
    assert f"NMF was fitted to {len(train):,} training rows." in page


def test_only_counts_are_compared_with_nmf() -> None:
    cube, rng = spectra(), np.random.default_rng(0)
    assert "beside" not in fitted(of_scan((cube + rng.normal(size=cube.shape)).astype(np.float32))).metrics
    assert "beside" not in fitted(as_data(rng.random((200, 12)))).metrics
    assert counted(of_scan(cube + 1))  # of a scan counts need no zeros
    assert not counted(as_data((cube + 1).reshape(24, 24, 30), "images"))
    assert counted(of_scan(cube, Preparation(counts="anscombe")))


def test_missing_channels_are_left_out_of_the_error() -> None:
    cube = spectra().astype(np.float32)
    cube[:, :, 3][np.random.default_rng(0).random((24, 24)) < 0.3] = np.nan
    (record,) = fitted(of_scan(cube)).metrics["beside"]
    assert np.isfinite([record["mse"], record["pca_mse"], record["model_mse"]]).all()


def test_a_sample_of_the_rows_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    from narrows.evaluation import nmf

    monkeypatch.setattr(nmf, "MOST_ROWS", 50)
    run = fitted(of_scan(spectra().reshape(24, 24, 5, 6)))
    (record,) = run.metrics["beside"]
    assert (record["fitted"], record["n"], record["complete"]) == (50, 50, False)
    assert Beside.from_json(record).sentence in documents(run)["report.html"].replace("&#39;", "'")
