from __future__ import annotations

import numpy as np
import pytest

from narrows.data.reading import INFERRED, Reading
from narrows.data.recordings.examples import from_recordings
from narrows.data.recordings.recording import Recording, Recordings
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from narrows.tasks.restoration.recordings import SequenceQuality, in_type, reconstructed, removed


def waves(*lengths: int) -> Recordings:
    rng = np.random.default_rng(0)
    made = (np.sin(np.arange(n)[:, None] / 4 + rng.uniform(0, 6)) + np.array([0, 5]) for n in lengths)
    return Recordings(tuple(Recording(f"r{i}", x) for i, x in enumerate(made)), ("a", "b"))


@pytest.fixture(scope="module")
def run() -> Run:
    data = from_recordings(waves(600), "w", Reading(window=16))
    return fit(data, latent_dim=4, overrides={"training": {"epochs": 30}})


def test_windows_become_recordings_again(run: Run) -> None:
    data = from_recordings(waves(90, 41), "w", Reading(window=16, stride=4, like=run.schema))
    found = reconstructed(run, data)
    assert [each.shape for each in found] == [(90, 2), (41, 2)]
    assert data.recordings is not None
    for made, came in zip(found, data.recordings, strict=True):
        assert ((made - came.values) ** 2).mean() < 0.2
    same = reconstructed(run, data, lambda values: values)
    np.testing.assert_allclose(same[1], data.recordings.all[1].values, rtol=1e-12)


def test_whole_recordings_have_the_length_that_they_came_with() -> None:
    data = from_recordings(waves(*range(20, 40)), "w", INFERRED)
    made = reconstructed(fit(data, latent_dim=2, overrides={"training": {"epochs": 2}}), data)
    assert [len(each) for each in made] == list(range(20, 40))
    assert not any(np.isnan(each).any() for each in made)


def test_quality_is_measured_beside_smoothers(run: Run) -> None:
    (clean,) = (each.values for each in waves(200))
    noisy = clean + 0.5 * np.random.default_rng(1).normal(size=clean.shape)
    quality = SequenceQuality(run)
    quality.add(noisy, clean, clean)
    found = quality.record()
    assert found["error"] == 0
    assert found["noisy_error"] == pytest.approx(0.5, rel=0.2)  # 0.25 of a variance of about a half
    assert all(0 < each < found["noisy_error"] for each in found["yardsticks"].values())
    alone = SequenceQuality(run)
    alone.add(noisy, clean)
    assert alone.record()["residual"]["whiteness"] > 0.85


def test_what_is_smooth_is_no_white_noise() -> None:
    smooth = np.sin(np.arange(100)[:, None] / 9)
    assert removed(smooth)["whiteness"] < 0.1
    assert removed(smooth + 3)["mean"] == pytest.approx(3, abs=0.1)


def test_whole_numbers_are_rounded() -> None:
    assert in_type(np.array([1.6, -0.6]), np.dtype(np.int16)).tolist() == [2, -1]
