from __future__ import annotations

import pytest

from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from tests.samples import curve


@pytest.fixture(scope="package")
def curve_run() -> Run:
    """A fit of a curved line in six columns."""
    return fit(as_data(curve(600)), latent_dim=2, overrides={"training": {"epochs": 20}})
