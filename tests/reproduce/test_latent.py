"""The entries about latent spaces: their measures on cases whose answer is known, and what they find."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest

from narrows.reproduce import stability
from narrows.reproduce.findings import Finding
from narrows.reproduce.generation import AE, FITTED, VAE
from narrows.reproduce.lab import Lab
from narrows.reproduce.latent import ENTRIES, SHARES, STEPS, Seed, Walks, changes, checks, unevenness
from narrows.reproduce.sample_quality import Nearness

ENTRY = {entry.id: entry for entry in ENTRIES}


def test_a_linear_decoder_has_equal_steps_and_a_step_function_one(rng: np.random.Generator) -> None:
    first, second = rng.standard_normal((2, 5, 3))
    weight = rng.standard_normal((3, 7))
    steps = changes(lambda z: z @ weight, first, second)
    assert steps.shape == (5, STEPS)
    assert unevenness(steps) == pytest.approx(1)
    first[:, 0], second[:, 0] = -1, 1.1
    assert unevenness(changes(lambda z: np.sign(z[:, :1]), first, second)) == pytest.approx(STEPS)
    scaled = unevenness(changes(lambda z: np.tanh(z / 1000), 1000 * first, 1000 * second))
    assert scaled == pytest.approx(unevenness(changes(np.tanh, first, second)))


def test_the_vae_is_compared_with_samples_of_the_ae_that_suit_its_codes() -> None:
    def seed(vae: float, ae: float, fitted: float, shift: float) -> Seed:
        near = {kind: Nearness(p + shift, p) for kind, p in ((VAE, vae), (AE, ae), (FITTED, fitted))}
        walks = {
            model: Walks([Nearness(p, p)] * len(SHARES), uneven)
            for model, p, uneven in ((VAE, 0.8 + shift, 1.2), (AE, 0.7, 1.5))
        }
        return Seed(near, walks)

    def outcomes(vae: float, ae: float, fitted: float) -> list[bool | None]:
        results = [seed(vae, ae, fitted, shift) for shift in (0, 0.01, 0.02)]
        return [check.outcome for check in checks(results)]

    assert outcomes(0.6, 0.3, 0.5) == [True] * 3
    assert outcomes(0.6, 0.7, 0.5) == [True] * 3
    assert outcomes(0.6, 0.3, 0.7) == [False, False, True]


@pytest.mark.parametrize("name", ["K3", "K7", "K8", "K10", "K14"])
def test_a_finding_has_sentence_figures_and_flat_numbers(
    name: str, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stability, "QUICK", stability.Design(200, 3, 6, (3e-3, 1e-1)))
    finding: Finding = ENTRY[name].measure(lab)
    assert finding.checks
    assert finding.sentence.endswith(".")
    assert finding.figures
    assert all(figure.caption.endswith(".") and "<" in figure.html for figure in finding.figures)
    assert "nan" not in finding.sentence.lower()
    for value in json.loads(json.dumps(asdict(finding)))["measured"].values():
        assert isinstance(value, (bool, float, int, str, list))
