"""Bits of other methods at a PSNR that is given exactly."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.evaluation.codec_bytes import FileBytes, PcaBits, lengths, methods
from narrows.evaluation.lossy_codecs import CODECS, PEAK
from tests.samples import DIGITS

PIXELS = (DIGITS * 15).astype(np.uint8)
ROWS = PIXELS.reshape(len(PIXELS), -1).astype(np.float32)
PART = np.arange(400) // 40


@pytest.mark.parametrize("name", CODECS)
def test_bits_lie_between_those_of_two_qualities_and_parts_sum_to_them(name: str) -> None:
    found = FileBytes(name, PIXELS[:400], PART)
    if found.lacking:
        pytest.skip(found.lacking)
    quality = found.quality(30.0)
    assert quality is not None
    below, above = (found.files.at(each) for each in (quality - 1, quality))
    assert below.psnr < 30 <= above.psnr
    bits = found.bits(30.0)
    assert bits is not None
    assert below.size <= bits / 8 + found.header(quality) <= above.size
    by_part = found.by_part(30.0)
    assert by_part.bits.shape == (10,)
    assert by_part.bits.sum() == pytest.approx(bits)
    best = found.files.at(100)
    beyond = found.bits(90.0)
    if best.psnr < 90:
        assert beyond is None
    else:
        assert beyond == pytest.approx(8 * (best.size - found.header(100)))


def test_codes_of_pca_have_the_psnr_that_is_asked_for() -> None:
    found = PcaBits(ROWS[400:], ROWS[:400], PART)
    step = found.step(30.0)
    assert step is not None
    pca = found.codes.pca
    back = np.rint(found.y / step) * step @ pca.directions + pca.mean
    error = np.mean((back - ROWS[:400]) ** 2)
    assert 10 * np.log10(PEAK**2 / error) == pytest.approx(30.0, abs=1e-3)
    assert found.by_part(30.0).squared.sum() / ROWS[:400].size == pytest.approx(error, rel=1e-4)
    assert found.by_part(30.0).bits.sum() == pytest.approx(found.bits(30.0))


def test_few_components_do_not_reach_a_high_psnr() -> None:
    assert PcaBits(ROWS[400:410], ROWS[:400], PART).bits(40.0) is None


def test_the_code_length_is_that_of_the_learned_frequencies() -> None:
    known = np.repeat(np.arange(4), [8000, 4000, 2000, 2000])
    assert lengths(np.arange(4), known) == pytest.approx([1, 2, 3, 3], abs=0.01)


def test_data_without_8_bits_have_codes_of_pca_alone() -> None:
    found, left_out = methods(None, ROWS[400:], ROWS[:400], PART)
    assert list(found) == ["PCA codes"]
    assert set(left_out) == set(CODECS)
    wide = np.zeros((20, 5000), np.float32)
    assert methods(None, wide, wide, np.arange(20))[0] == {}
