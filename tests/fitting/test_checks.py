from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.data.datasets import load
from narrows.data.readers import as_data
from narrows.data.split import split
from narrows.fitting.fit import fit
from tests.commands import as_json, narrows


def test_a_column_without_training_values_is_named() -> None:
    values = np.random.default_rng(0).random((40, 3))
    values[:, 1] = np.nan
    with pytest.raises(InputError, match="'x1' has no value in the 24 rows of the training part"):
        fit(as_data(values))


@pytest.mark.parametrize("values", [np.full((60, 4), 0.3), np.full((60, 5, 5), 7, np.uint8)])
def test_data_that_never_change_are_refused(values: np.ndarray[Any, Any]) -> None:
    with pytest.raises(InputError, match="is the same in all rows: there is nothing to learn"):
        fit(as_data(values))


def test_a_code_as_large_as_the_data_is_warned_of() -> None:
    values = np.random.default_rng(0).random((60, 3))
    for size, warned in ((2, 0), (3, 1), (9, 1)):
        run = fit(as_data(values), latent_dim=size, overrides={"training": {"epochs": 1}})
        assert sum("overcomplete" in text for text in run.config["warnings"]) == warned


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_the_default_code_is_not_warned_of(columns: int) -> None:
    values = np.random.default_rng(0).random((60, columns))
    run = fit(as_data(values), overrides={"training": {"epochs": 1}})
    assert run.model.code_size == max(1, min(2, columns - 1))
    assert run.config["warnings"] == []


def test_a_code_that_is_regularised_may_be_large() -> None:
    values = np.random.default_rng(0).random((60, 3))
    run = fit(as_data(values), recipe="vae", latent_dim=8, overrides={"training": {"epochs": 1}})
    assert run.config["warnings"] == []


Floats = NDArray[np.float64]


def copied(parents: NDArray[Any], times: int, noise: float) -> Floats:
    """Each parent `times` times, with noise in units of the parents' spread."""
    rows = np.repeat(parents.astype(float), times, axis=0)
    return rows + noise * parents.std() * np.random.default_rng(1).standard_normal(rows.shape)


DIGITS = load("digits").array


def test_fit_warns_in_the_report_and_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = copied(DIGITS[:40], 20, 0.02)
    np.save("copies.npy", values)
    out, err = narrows(capsys, "fit", "copies.npy", "--epochs", 1, "--out", "run", "--json")
    (warning,) = json.loads(out)["warnings"]
    assert "100 % of the held-out rows looked at have a near-copy among the training rows" in warning
    assert "--groups" in warning
    assert f"warning: {warning}" in err
    page = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert page.count("have a near-copy among the training rows") == 1, "among the doctor's findings"
    assert "warning" not in narrows(capsys, "fit", "iris", "--epochs", 1)[1]


def test_rows_whose_groups_are_named_are_not_looked_at(tmp_path: Path) -> None:
    data = as_data(copied(DIGITS[:40], 20, 0.02))
    grouped = replace(data, groups=np.repeat(np.arange(40), 20))
    assert fit(grouped, overrides={"training": {"epochs": 1}}).config["warnings"] == []


def test_rows_of_a_recording_are_warned_of_until_they_are_kept_in_blocks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    np.save("walk.npy", np.random.default_rng(0).standard_normal((800, 4)).cumsum(axis=0))
    warnings = as_json(capsys, "fit", "walk.npy", "--epochs", 1)["warnings"]
    (warning,) = [text for text in warnings if text.startswith("Rows next to each other are alike")]
    assert "--blocks 8" in warning
    kept = as_json(capsys, "fit", "walk.npy", "--epochs", 1, "--blocks", 8)
    assert kept["warnings"] == []
    assert kept["held_out"]["groups"] == 20


def test_wild_rows_stop_a_fit_before_it_starts() -> None:
    values = np.random.default_rng(0).standard_normal((40, 3))
    values[3, 1] = 1e25
    started = []
    for seed in range(5):  # in some of them the row is not in the training part
        if 3 in split(40, seed=seed).train:
            continue
        with pytest.raises(InputError, match="far outside of the training part"):
            fit(as_data(values), seed=seed, overrides={"training": {"epochs": 1}}, on_epoch=started.append)
    assert any(3 not in split(40, seed=seed).train for seed in range(5))
    assert started == []
