"""The entries about latent spaces: their measures on cases whose answer is known, and what they find."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest

from narrows.reproduce import stability
from narrows.reproduce.findings import Finding
from narrows.reproduce.lab import Lab, train_run
from narrows.reproduce.latent import ENTRIES, STEPS, decode_lines, round_trip_error, sensitivity

ENTRY = {entry.id: entry for entry in ENTRIES}


def test_a_linear_decoder_has_equal_steps_and_a_step_function_one(rng: np.random.Generator) -> None:
    first, second = rng.standard_normal((2, 5, 3))
    weight = rng.standard_normal((3, 7))
    lines = decode_lines(lambda z: z @ weight, first, second)
    assert lines.changes.shape == (5, STEPS)
    assert lines.unevenness == pytest.approx(1)
    first[:, 0], second[:, 0] = -1, 1.1
    assert decode_lines(lambda z: np.sign(z[:, :1]), first, second).unevenness == pytest.approx(STEPS)
    scaled = decode_lines(lambda z: np.tanh(z / 1000), 1000 * first, 1000 * second).unevenness
    assert scaled == pytest.approx(decode_lines(np.tanh, first, second).unevenness)


def test_a_round_trip_error_is_relative_to_the_codes(rng: np.random.Generator) -> None:
    z = rng.standard_normal((200, 4)) + 3
    assert round_trip_error(z, z) == 0
    assert round_trip_error(z, np.broadcast_to(z.mean(axis=0), z.shape)) == pytest.approx(1)
    assert round_trip_error(100 * z, 100 * (z + 0.1)) == pytest.approx(round_trip_error(z, z + 0.1))


def test_sensitivity_is_relative_to_codes_and_images(rng: np.random.Generator) -> None:
    codes = 50 * rng.standard_normal((300, 4)) + 7
    assert sensitivity(lambda z: z, codes, rng) == pytest.approx(0.1)
    assert sensitivity(lambda z: 9 * z - 2, codes, rng, step=0.3) == pytest.approx(0.3)


@pytest.mark.parametrize("name", ["K3", "K7", "K8", "K10", "K14"])
def test_a_finding_has_sentence_figures_and_flat_numbers(
    name: str, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stability, "train_run", lambda *args: train_run(*args[:4], 1, args[5]))
    finding: Finding = ENTRY[name].measure(lab)
    assert finding.checks
    assert finding.sentence.endswith(".")
    assert finding.figures
    assert all(figure.caption.endswith(".") and "<" in figure.html for figure in finding.figures)
    assert "nan" not in finding.sentence
    for value in json.loads(json.dumps(asdict(finding)))["measured"].values():
        assert isinstance(value, (bool, float, int, str, list))
