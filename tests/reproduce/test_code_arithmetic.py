from __future__ import annotations

import numpy as np

from narrows.reproduce.code_arithmetic import (
    Judged,
    checks,
    in_codes,
    in_pixels,
    median,
    questions,
    thickened,
    with_least_ink,
)
from narrows.reproduce.lab import Lab, flat
from narrows.reproduce.latent_models import ae


def test_thin_is_told_within_a_digit() -> None:
    images = np.arange(12).reshape(12, 1, 1) * np.ones((12, 2, 2))
    assert np.flatnonzero(with_least_ink(images, np.repeat([0, 1], 6))).tolist() == [0, 1, 6, 7]


def test_a_pixel_is_thickened_to_a_cross() -> None:
    image = np.zeros((2, 5, 5), np.uint8)
    image[0, 2, 2] = 200
    assert (thickened(image) == 200).sum(axis=(1, 2)).tolist() == [5, 0]


def test_pairs_are_of_different_digits_and_sums_cancel(lab: Lab) -> None:
    asked = questions(lab, 5)
    assert (asked.a.mean(axis=(1, 2)) > asked.b.mean(axis=(1, 2))).all()
    same = asked._replace(b=asked.a)
    np.testing.assert_allclose(in_pixels(same).sums, flat(same.c), atol=1e-6)
    run = ae(lab)
    np.testing.assert_allclose(in_codes(run, same).sums, flat(run.reconstruct(same.c)), atol=2 / 255)


def test_codes_are_judged_against_pixels() -> None:
    def judged(turned: float, kept: float, error: float) -> Judged:
        return Judged({10: 1.0, 20: turned, 30: 0.0}, 0.0, kept, error)

    pixels = judged(0.05, 0.5, 0.05)
    good = [judged(0.02, 0.8, 0.04), judged(0.04, 0.81, 0.09), judged(0.09, 0.82, 0.03)]
    assert [check.outcome for check in checks(good, pixels)] == [True, True, True]
    bad = [judged(0.06, 0.4, 0.06), judged(0.04, 0.41, 0.06), judged(0.07, 0.92, 0.07)]
    assert [check.outcome for check in checks(bad, pixels)] == [False, False, False]
    assert median(good).turned == {10: 1.0, 20: 0.04, 30: 0.0}
