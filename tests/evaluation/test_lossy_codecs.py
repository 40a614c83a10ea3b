"""Sizes of other codecs: the qualities that are searched, mosaics, and codes of PCA."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from narrows.data.readers import as_data, read
from narrows.data.reading import Reading
from narrows.evaluation.lossy_codecs import (
    CODECS,
    Encoded,
    ImageFiles,
    PcaCodes,
    cut_mosaic,
    in_files,
    learned,
    lowest,
    mosaic,
    pixels,
)
from narrows.model.distributions import Integers, Listed

DIGITS = (load_digits().images * 15).astype(np.uint8)


@pytest.mark.parametrize("shape", [(7, 3, 5), (9, 4, 4, 3), (1, 8, 2)])
def test_a_mosaic_holds_every_image(shape: tuple[int, ...]) -> None:
    images = np.random.default_rng(0).integers(1, 256, shape, dtype=np.uint8)
    picture = mosaic(images)
    assert np.array_equal(cut_mosaic(picture, images), images)
    assert 0.3 < picture.shape[0] / picture.shape[1] < 5


@pytest.mark.parametrize("name", CODECS)
def test_the_lowest_quality_that_reaches_a_psnr_is_taken(name: str) -> None:
    files = ImageFiles(name, [DIGITS[:400]])
    if files.lacking:
        pytest.skip(files.lacking)
    low, high = files.reach(25), files.reach(32)
    assert low is not None
    assert high is not None
    assert 25 <= low.psnr < high.psnr
    assert high.psnr >= 32
    assert low.size < high.size


def test_images_of_several_sizes_have_a_file_each_and_those_of_one_size_share_one() -> None:
    wide = np.hstack(list(DIGITS[:300])).reshape(8, -1)[:, :80]
    pieces = in_files([DIGITS[:3], wide[None]], 1000)
    assert [each.shape for each in pieces] == [(1, 8, 8)] * 3 + [(1, 8, 80)]
    assert [each.shape for each in in_files([DIGITS[:9]], 24)] == [(9, 8, 8)]
    assert [each.shape for each in in_files([DIGITS[:9]], 23)] == [(1, 8, 8)] * 9
    both, alone = (
        ImageFiles("JPEG", stacks).reach(30) for stacks in ([wide[None], DIGITS[:1]], [wide[None]])
    )
    assert both is not None
    assert alone is not None
    assert both.size > alone.size
    assert both.psnr >= 30


def test_a_search_of_the_quality_is_exact() -> None:
    made = {quality: Encoded(quality, 20 + quality / 5) for quality in range(1, 101)}
    assert lowest(made.__getitem__, 30) == made[50]
    assert lowest(made.__getitem__, 20.2) == made[1]
    assert lowest(made.__getitem__, 41) is None


def test_what_a_codec_cannot_hold_is_said() -> None:
    assert not ImageFiles("JPEG", [DIGITS]).lacking
    assert "8-bit images" in ImageFiles("JPEG", [DIGITS / 255]).lacking  # type: ignore[list-item]
    assert "one or three channels" in ImageFiles("JPEG", [DIGITS[..., None].repeat(4, -1)]).lacking
    assert "16,383 pixels, not 16,384" in ImageFiles("WebP", [np.zeros((1, 2, 16384), np.uint8)]).lacking


def test_pixels_have_their_channels_last(tmp_path: Path) -> None:
    colours = np.random.default_rng(0).integers(0, 256, (12, 3, 8, 9), dtype=np.uint8)
    np.save(tmp_path / "x.npy", colours)
    data = read(tmp_path / "x.npy", Reading(axes="NCHW"))
    assert np.array_equal(pixels(data.source.all(), data.schema), colours.transpose(0, 2, 3, 1))
    assert np.array_equal(pixels(DIGITS, as_data(DIGITS).schema), DIGITS)


def entropy(numbers: Integers, given: list[Listed]) -> int:
    """The bytes that an ideal coder takes."""
    bits = 0.0
    for column, each in zip(numbers.T, given, strict=True):
        share = (each.below(column + 1) - each.below(column)) / each.ends[-1]
        bits -= np.log2(share).sum()
    return int(bits / 8)


def test_codes_of_pca_reach_a_psnr_and_cost_what_their_frequencies_say() -> None:
    codes, test = PcaCodes(DIGITS[:1200]), DIGITS[1200:]
    low, high = (codes.reach(test, psnr, entropy) for psnr in (25, 32))
    assert low is not None
    assert high is not None
    assert 25 <= low.psnr < 25.1
    assert 32 <= high.psnr < 32.1
    assert low.size < high.size
    assert codes.reach(test, 90, entropy) is None
    jpeg = ImageFiles("JPEG", [test]).reach(25)
    assert jpeg is not None
    assert low.size < jpeg.size


def test_frequencies_are_near_those_of_the_training_part_and_never_0() -> None:
    known = np.random.default_rng(0).integers(-3, 4, 10_000)
    found = learned(known, -3, 7)
    assert found / found.sum() == pytest.approx(1 / 7, rel=0.1)
    far = learned(known, -3, 40)
    assert far.min() >= 1
    assert far[:7].sum() / far.sum() > 0.99
