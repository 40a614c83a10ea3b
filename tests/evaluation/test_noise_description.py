"""Sentences about noise."""

from __future__ import annotations

import numpy as np

from narrows.data.readers import as_data
from narrows.evaluation.noise import Noise
from narrows.evaluation.noise_description import SENTENCES, described, of_frames, of_strength
from narrows.evaluation.noise_estimation import Frames, estimate
from narrows.evaluation.noise_variance import Dependence, Level

LEVELS = (Level(90.0, 1.0, 0.1), Level(100.0, 1.0, 0.1), Level(200.0, 1.0, 0.1))


def test_the_strength_is_said_at_the_usual_signal() -> None:
    said = of_strength(Dependence(Noise(3.0), "gaussian", False, LEVELS))
    assert said == "The noise has a standard deviation of 3, whatever the signal."
    said = of_strength(Dependence(Noise(3.0), "gaussian", True, LEVELS))
    assert said == "The noise has a standard deviation of 3, less where the signal is larger."
    said = of_strength(Dependence(Noise(0.0, 4.0), "poisson", False, LEVELS))
    assert said.endswith(
        "its variance is 4 per unit of signal, a standard deviation of 20 at a signal of 100."
    )
    said = of_strength(Dependence(Noise(3.0, 4.0, 99.0), "mixed", False, LEVELS))
    assert "its variance is 3² and 4 per unit of signal above 99, a" in said


def test_what_frames_have_in_common_is_said_where_it_matters() -> None:
    assert of_frames(Frames(5.0, 0.02, 5.0, 0.1, 0, 8)) == ""
    assert of_frames(Frames(5.0, 1.0, 5.0, 0.1, 2, 8)) == "2 of 8 pairs of frames are equal."
    assert of_frames(Frames(5.0, 0.3, 5.0, 2.5, 0, 8)) == (
        "30 % of the finest detail is the same in frames that follow each other. "
        "The brightness of frames differs by up to 2.5 standard deviations of the noise."
    )


def test_each_structure_has_sentences_of_the_same_measurement() -> None:
    found = estimate(as_data(np.random.default_rng(0).normal(100, 5, (3, 96, 96))))
    assert described(found) == SENTENCES["independent"](found)
    for said in SENTENCES.values():
        assert said(found).endswith(".")
