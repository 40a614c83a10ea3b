from __future__ import annotations

import pytest

from narrows.reproduce.dimensions import (
    K6,
)
from narrows.reproduce.lab import Finding, Lab
from narrows.reproduce.manifolds import K13


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab(quick=True)


@pytest.fixture(scope="module")
def findings(lab: Lab) -> dict[str, Finding]:
    return {entry.id: entry.measure(lab) for entry in (K6, K13)}


def test_the_linear_autoencoder_is_pca_and_the_other_is_not(findings: dict[str, Finding]) -> None:
    finding = findings["K13"]
    assert finding.holds
    for name, measured in finding.measured.items():
        pca = finding.yardstick[name]["PCA, 2"]
        assert 0.2 < pca < 0.4  # of three scaled coordinates about one is lost
        assert measured["linear autoencoder, 2"] == pytest.approx(pca, rel=0.01)
        assert measured["autoencoder, 2"] < pca / 4
