from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from narrows.doctor.codes import (
    alike,
    check_collapse,
    check_dimensions,
    check_ignored,
    check_noise,
    check_unused_codes,
)
from narrows.runs.evidence import Evidence
from tests.doctor.made import case

VAE: dict[str, Any] = {"bottleneck": {"name": "gaussian"}}


def nats(*values: float) -> Evidence:
    return Evidence(nats=np.array(values))


def test_a_code_has_collapsed_when_half_of_it_is_silent_and_the_model_explains_little() -> None:
    silent = nats(2.0, 0.0, 0.0, 0.005)
    found = check_collapse(case(evidence=silent, spec=VAE, mse=0.9, pca_mse=0.5))
    assert found is not None
    assert found.evidence.startswith("1 of 4 latent dimensions are active; they carry 2 nats in all")
    assert "explains 10 % of the held-out variance, PCA 50 %" in found.evidence
    assert "--set bottleneck.beta=0.1, --set bottleneck.warm_up=0.3 or" in found.advice
    assert check_collapse(case(evidence=silent, spec=VAE, mse=0.7, pca_mse=0.5)) is None
    assert check_collapse(case(evidence=nats(2.0, 0.02, 0.02, 0.0), spec=VAE, mse=0.9)) is None
    assert check_collapse(case(mse=0.9)) is None


def test_without_a_yardstick_a_collapse_is_told_by_the_nats_alone() -> None:
    found = check_collapse(case(evidence=nats(0.0, 0.0), spec=VAE, pca_mse=None))
    assert found is not None
    assert "variance" not in found.evidence


def test_a_decoder_that_makes_the_same_of_all_codes_ignores_them() -> None:
    rng = np.random.default_rng(0)
    codes, rows = rng.standard_normal((40, 3)), rng.standard_normal((40, 6))
    found = case(evidence=Evidence(codes=codes, kept=np.arange(40), originals=rows))
    run: Any = found.run
    run.scaled, run.schema.nouns = lambda values: values, "rows"
    for share, ignored in ((0.0, True), (0.005, True), (0.02, False), (1.0, False)):
        run.decode_scaled = lambda z, share=share: np.sqrt(share) * rows + 5
        assert (check_ignored(found) is not None) is ignored
    assert check_ignored(case(evidence=Evidence(codes=codes))) is None


def test_unused_entries_are_told_with_their_perplexity() -> None:
    """Two entries used alike often are worth two, whatever the rest does."""
    vq = {"bottleneck": {"name": "quantized"}}
    found = check_unused_codes(case(evidence=Evidence(used=np.array([8, 8, 0, 0, 0])), spec=vq))
    assert found is not None
    assert (
        found.evidence == "2 of 5 entries of the codebook are used for training rows, with a perplexity of 2."
    )
    assert found.advice == "Use fewer: --set bottleneck.entries=2."
    assert check_unused_codes(case(evidence=Evidence(used=np.array([8, 8, 0, 0])), spec=vq)) is None
    assert check_unused_codes(case()) is None


def test_noise_that_passes_is_told_with_the_sizes() -> None:
    found = check_noise(case(noise_passed=0.8))
    assert found is not None
    assert "80 % of a small white noise" in found.evidence
    assert "4 dimensions for 16 values" in found.evidence
    assert "--latent-dim 1," in found.advice
    assert check_noise(case(noise_passed=0.79)) is None
    assert check_noise(case(noise_passed=None)) is None


def codes(n: int = 100) -> np.ndarray[Any, Any]:
    """Four dimensions: two independent, one that is the first through a curve, one that never changes."""
    z = np.random.default_rng(0).standard_normal((n, 2))
    return np.column_stack([z, -np.exp(z[:, 0]), np.zeros(n)])


def test_dimensions_are_alike_by_their_ranks() -> None:
    ((r, i, j),) = alike(codes())
    assert (r, i, j) == (pytest.approx(-1), 0, 2)
    assert alike(codes()[:, [0, 1]]) == []


def of_codes(values: np.ndarray[Any, Any] | None) -> Any:
    return SimpleNamespace(evidence=Evidence(codes=values), model=SimpleNamespace(bottleneck=None))


def test_copies_are_told_by_their_numbers() -> None:
    found = check_dimensions(of_codes(codes()))
    assert found is not None
    assert "0 and 2 (-1.000)" in found.evidence
    assert "--latent-dim 3," in found.advice
    for quiet in (codes()[:, [0, 1]], codes(19), codes()[:, :1], None):
        assert check_dimensions(of_codes(quiet)) is None
