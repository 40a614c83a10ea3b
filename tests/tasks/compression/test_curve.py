"""The rate–distortion curve: sizes are those of files, and what cannot be measured is said."""

from __future__ import annotations

import numpy as np
import pytest

from narrows import Autoencoder
from narrows.core.numbers import number
from narrows.evaluation.lossy_codecs import CODECS
from narrows.model.distributions import Listed
from narrows.report.rate_distortion import render_curve
from narrows.runs.run import Run
from narrows.tasks.compression.container import to_bytes
from narrows.tasks.compression.curve import OURS, PCA, coded_bytes, curve
from narrows.tasks.compression.quantised import pack
from narrows.tasks.compression.wishes import Wish
from tests.samples import DIGITS

pytest.importorskip("constriction")

PIXELS = (DIGITS * 15).astype(np.uint8)


def fitted(values: np.ndarray) -> Run:
    parts = {"encoder": {"hidden": 8}, "bottleneck": {"hidden": 8}, "training": {"epochs": 2}}
    return Autoencoder(None, recipe="compression", **parts).fit(values).run_


def test_all_methods_are_measured_on_8_bit_images_and_shown_on_a_page() -> None:
    run, test = fitted(PIXELS[:400]), PIXELS[1500:1600]
    told: list[str] = []
    found = curve(run, test, (24.0, 30.0), on_method=told.append)
    others = [name for name in CODECS if name not in found.left_out]
    assert list(found.points) == told == [OURS, *others, PCA]
    assert {"JPEG", "WebP"} <= {*others}
    made = found.points[OURS][30.0]
    assert made is not None
    assert made.size == len(to_bytes(pack(run, test, Wish(psnr=30.0)).container))
    for points in found.points.values():
        low, high = points[24.0], points[30.0]
        assert low is not None
        assert high is not None
        assert 24 <= low.psnr < high.psnr
        assert low.size < high.size
    page = render_curve(found, "digits", "pixel")
    assert f"<td>{number(made.size / 1000)}</td>" in page
    assert "bits per pixel" in page
    rows = found.to_json()["rows"]
    assert rows[1]["bits_per_value"] == 8 * made.size / test.size


def test_other_data_are_measured_alone_and_a_psnr_out_of_reach_is_a_gap() -> None:
    run = fitted(DIGITS[:400] / 16)
    found = curve(run, DIGITS[1500:1520] / 16, (24.0, 200.0))
    assert list(found.points) == [OURS]
    assert found.points[OURS][200.0] is None
    assert "8-bit images" in found.left_out["JPEG"]
    page = render_curve(found, "digits")
    assert "–" in page
    assert "JPEG is left out" in page


def test_columns_take_the_bytes_of_their_distributions() -> None:
    numbers = np.random.default_rng(0).integers(0, 4, (4000, 2))
    size = coded_bytes(numbers, [Listed(np.full(4, 2**20), 4000)] * 2)
    assert size == pytest.approx(2 * 4000 * 2 / 8, rel=0.01)
