from __future__ import annotations

import pytest

from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from tests.samples import curve
from tests.tasks.anomalies.waves import waves, waves_data


@pytest.fixture(scope="package")
def curve_run() -> Run:
    """A fit of a curved line in six columns."""
    return fit(as_data(curve(600)), latent_dim=2, overrides={"training": {"epochs": 20}})


@pytest.fixture(scope="package")
def waves_run() -> Run:
    """A fit of windows over a recording of noisy waves in two channels, of period 20."""
    return fit(waves_data(waves(1200, 0)), latent_dim=4, overrides={"training": {"epochs": 15}})
