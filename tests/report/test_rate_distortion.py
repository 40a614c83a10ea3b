"""The page of a rate–distortion curve."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.data.kinds import describe
from narrows.evaluation.lossy_codecs import Encoded
from narrows.report.rate_distortion import outcome, render_curve, unit_of
from narrows.tasks.compression.curve import OURS, PCA, Curve
from tests.report.html import parsed

POINTS = {
    OURS: {28.0: Encoded(1234, 28.01), 32.0: Encoded(2345, 32.02)},
    "JPEG": {28.0: Encoded(4321, 28.3), 32.0: None},
    PCA: {28.0: Encoded(3333, 28.0), 32.0: Encoded(5555, 32.0)},
}


def test_the_page_has_the_bytes_of_each_method_and_a_figure() -> None:
    page = render_curve(Curve(10, 7840, 7840, POINTS, {"WebP": "Pillow has no WebP here"}), "digits", "pixel")
    parsed(page)
    assert ratio_of("Files are ", "\u00a0% smaller than PCA codes", page) == 60
    for text in ("1.234", "2.345", "4.321", "5.555", "–", "<th>28<", "bits per pixel", "WebP is left out"):
        assert text in page
    assert page.count("<svg") == 1


def ratio_of(before: str, after: str, page: str) -> int:
    """The whole number between two texts of a page."""
    return int(page.split(before)[1].split(after)[0])


def test_ratios_are_geometric_means_where_both_reach_the_psnr() -> None:
    ratios = Curve(10, 7840, 7840, POINTS, {}).ratios
    assert ratios["JPEG"] == pytest.approx(1234 / 4321)
    assert ratios[PCA] == pytest.approx(((1234 / 3333) * (2345 / 5555)) ** 0.5)


def test_a_larger_file_than_one_of_the_others_does_not_beat_them() -> None:
    assert outcome({"JPEG": 0.7, "WebP": 1.02}) == "does-not-beat"
    assert outcome({"JPEG": 0.7, "WebP": 0.98}) == "beats"
    assert outcome({}) == "cannot-tell"


def test_bits_are_those_of_a_value() -> None:
    rows = Curve(10, 7840, 7840, POINTS, {}).rows(OURS)
    assert [row["bits_per_value"] for row in rows] == [8 * 1234 / 7840, 8 * 2345 / 7840]
    assert [row["asked"] for row in Curve(10, 7840, 7840, POINTS, {}).rows("JPEG")] == [28.0]


@pytest.mark.parametrize(("shape", "noun"), [((3, 8, 8), "pixel"), ((3, 8, 8, 3), "value")])
def test_bits_are_those_of_a_value_where_a_pixel_has_several(shape: tuple[int, ...], noun: str) -> None:
    assert unit_of(describe(np.zeros(shape, np.uint8))) == noun
