"""The page of a rate–distortion curve."""

from __future__ import annotations

from narrows.evaluation.lossy_codecs import Encoded
from narrows.report.rate_distortion import render_curve
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
    for text in ("1,234", "2,345", "4,321", "5,555", "–", "28 dB", "bits per pixel", "WebP is left out"):
        assert text in page
    assert page.count("<svg") == 1


def test_bits_are_those_of_a_value() -> None:
    rows = Curve(10, 7840, 7840, POINTS, {}).rows(OURS)
    assert [row["bits_per_value"] for row in rows] == [8 * 1234 / 7840, 8 * 2345 / 7840]
    assert [row["asked"] for row in Curve(10, 7840, 7840, POINTS, {}).rows("JPEG")] == [28.0]
