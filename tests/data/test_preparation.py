from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.core.errors import InputError
from narrows.data.calibration import Axis
from narrows.data.preparation import Preparation, brightest

ENERGY = (Axis("E", 100, 10.0, 500.0, "eV"),)
DETECTOR = (Axis("Ky", 24), Axis("Kx", 20))
RNG = np.random.default_rng(0)


@given(st.integers(1, 7))
def test_binned_counts_are_sums_and_binned_reals_means(step: int) -> None:
    counts = RNG.integers(0, 60000, (3, 24, 20)).astype(np.uint16)
    how = Preparation(bin=step)
    made = how(counts, DETECTOR)
    kept = counts[:, : 24 // step * step, : 20 // step * step]
    assert made.shape[1:] == tuple(axis.size for axis in how.axes(DETECTOR))
    assert made.sum() == kept.sum(dtype=np.int64)
    assert made.dtype == how.dtype(counts.dtype)
    means = how(counts.astype(np.float64), DETECTOR)
    assert means * step**2 == pytest.approx(made)


def test_a_crop_keeps_the_channels_of_a_range_of_energies() -> None:
    how = Preparation(crop=(700.0, 899.0), bin=2)
    values = np.tile(ENERGY[0].values, (2, 1))
    (axis,) = how.axes(ENERGY)
    assert how(values, ENERGY)[0] == pytest.approx(axis.values)
    assert (axis.values[0], axis.size) == (705.0, 10)
    channels = Preparation(crop=(3, 7)).axes((Axis("E", 100),))
    assert channels[0].size == 5
    with pytest.raises(
        InputError, match=r"--crop 1:2 leaves no two channels: the axis E goes from 500 to 1490"
    ):
        Preparation(crop=(1, 2)).axes(ENERGY)


def test_pixels_around_the_brightest_spot_are_masked() -> None:
    rows, columns = np.mgrid[:24, :20]
    pattern = np.exp(-((rows - 11.3) ** 2 + (columns - 8.6) ** 2) / 8) + 0.01
    centre = brightest(pattern)
    assert centre == pytest.approx((11.3, 8.6), abs=0.1)
    made = Preparation(mask=4.0, centre=centre)(pattern[None], DETECTOR)[0]
    inside = (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 <= 16
    assert (made[inside] == 0).all()
    assert (made[~inside] == pattern[~inside]).all()


def test_counts_of_any_mean_have_the_same_noise_after_the_square_root() -> None:
    for mean in (4.0, 40.0, 400.0):
        made = Preparation(counts="anscombe")(RNG.poisson(mean, (20000, 1)).astype(np.uint16), ENERGY)
        assert made.std() == pytest.approx(0.5, rel=0.06)
    assert Preparation(counts="log")(np.array([[0, 1]], np.uint8), ENERGY)[0] == pytest.approx([0, np.log(2)])
    with pytest.raises(InputError, match="--counts log is for counts, but some values are negative"):
        Preparation(counts="log")(np.array([[-1.0, 2.0]]), ENERGY)


@pytest.mark.parametrize(
    ("how", "signal", "message"),
    [
        (Preparation(crop=(0, 5)), DETECTOR, "--crop keeps a range of spectra"),
        (Preparation(mask=3.0), ENERGY, "--mask takes a radius above 0 around the centre of patterns"),
        (Preparation(mask=-1.0), DETECTOR, "--mask takes a radius above 0"),
        (Preparation(bin=0), ENERGY, "--bin 0 does not fit: a has signals of 100"),
        (Preparation(bin=21), DETECTOR, "--bin 21 does not fit: a has signals of 24 x 20"),
        (Preparation(counts="sqrt"), ENERGY, "--counts is one of none, log, anscombe"),  # type: ignore[arg-type]
    ],
)
def test_steps_that_do_not_suit_the_signals_are_refused(
    how: Preparation, signal: tuple[Axis, ...], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        how.check(signal, "a")


def test_a_preparation_survives_json_and_says_what_it_does() -> None:
    how = Preparation((1.0, 2.0), 3.0, (4.0, 5.0), 2, "log")
    assert Preparation.from_json(how.to_json()) == how
    assert "2 neighbours along each axis are put together; log(1 + x) is taken" in how.sentence
    assert Preparation().idle
    assert Preparation().sentence == ""
