from __future__ import annotations

import pytest

from narrows.reproduce.findings import Finding
from narrows.reproduce.lab import Lab
from narrows.reproduce.manifolds import K13
from tests.reproduce.findings import check_complete


@pytest.fixture(scope="module")
def finding(full_lab: Lab) -> Finding:
    return K13.measure(full_lab)


def test_the_linear_autoencoder_is_pca_and_the_other_is_not(finding: Finding) -> None:
    check_complete(finding)
    for name, measured in finding.measured.items():
        pca = finding.yardstick[name]["PCA, 2"]
        assert 0.2 < pca < 0.4  # of three scaled coordinates about one is lost
        assert measured["linear autoencoder, 2"] == pytest.approx(pca, rel=0.01)
        assert measured["autoencoder, 2"] < pca / 4
