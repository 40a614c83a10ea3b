from __future__ import annotations

import numpy as np
import pandas
import pytest

from narrows.data.datasets import load
from narrows.data.readers import as_data
from narrows.doctor.case import DataCase, RunCase
from narrows.fitting.fit import fit
from narrows.runs.folder import load_run
from narrows.runs.run import Run
from tests.doctor.made import case
from tests.golden import HERE
from tests.samples import mixed, of_frame


def test_data_are_scaled_split_and_built_as_a_fit_would() -> None:
    data = load("iris")
    found, run = DataCase(data), fit(data, seed=0, overrides={"training": {"epochs": 1}})
    np.testing.assert_array_equal(found.scaled(data.array), run.scaled(data.array))
    assert found.spec == run.config["spec"]


def test_columns_are_constant_or_categories() -> None:
    frame = pandas.DataFrame({"same": np.ones(40), "word": ["a", "b"] * 20, "number": np.arange(40.0)})
    found = DataCase(of_frame(frame))
    assert found.columns == ("same", "word", "number")
    assert found.constant.tolist() == [True, False, False]
    assert found.ordered.tolist() == [True, False, True]
    assert found.table.shape == (40, 3)


def test_a_missing_cell_is_no_change() -> None:
    values = np.ones((40, 2))
    values[3], values[4:, 1] = np.nan, np.arange(36)
    assert DataCase(as_data(values)).constant.tolist() == [True, False]


def test_images_are_no_table() -> None:
    assert DataCase(load("digits")).table.size == 0


def test_missing_cells_stay_missing_on_the_models_scale() -> None:
    frame = mixed(100, missing=0.2)
    found = DataCase(of_frame(frame))
    assert np.isnan(found.scaled(found.data.array)).any()


def test_a_run_of_an_earlier_version_has_no_symptoms() -> None:
    assert RunCase.of(load_run(HERE / "2" / "vae")) is None


def test_a_finished_run_has_its_verdict_and_symptoms(digits_run: Run) -> None:
    found = RunCase.of(digits_run)
    assert found is not None
    assert found.verdict.sentence == digits_run.metrics["verdict"]["sentence"]
    assert found.symptoms.to_json() == digits_run.metrics["symptoms"]
    assert found.spec["encoder"]["name"] == "mlp"


@pytest.mark.parametrize(
    "change",
    [
        {"bottleneck": {"name": "gaussian"}},
        {"corruption": {"name": "gaussian"}},
        {"penalties": [{"name": "l1"}]},
    ],
)
def test_priors_noise_and_penalties_regularise(change: dict[str, object]) -> None:
    assert not case().regularised
    assert case(spec=change).regularised


def test_what_is_explained_is_counted_from_the_mean() -> None:
    assert case(mean_mse=2.0).explained(0.5) == 0.75
    assert case(mean_mse=None).explained(0.5) is None
    assert case().explained(None) is None
    assert case(mean_mse=2.0).negligible(1.9e-6)
    assert not case(mean_mse=2.0).negligible(2.1e-6)
