from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from narrows.report import half_precision
from narrows.report.half_precision import rounded
from narrows.runs.run import Run
from narrows.tasks.export import export_onnx

onnxruntime = pytest.importorskip("onnxruntime")


def outputs(content: bytes, codes: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    return np.asarray(onnxruntime.InferenceSession(content).run(None, {"codes": codes})[0])


def test_rounded_weights_take_half_and_decode_nearly_the_same(
    digits_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = export_onnx(digits_run, tmp_path)["decoder"].read_bytes()
    smaller = rounded(content)
    assert len(smaller) < 0.6 * len(content)
    assert len(gzip.compress(smaller)) < 0.8 * len(smaller)
    assert digits_run.evidence.codes is not None
    codes = digits_run.evidence.codes[:50].astype(np.float32)
    exact, near = outputs(content, codes), outputs(smaller, codes)
    assert near.dtype == exact.dtype
    assert 0 < np.abs(near - exact).max() < 1e-2 * np.ptp(exact)
    monkeypatch.setattr(half_precision, "MOST", 0.0)
    np.testing.assert_array_equal(outputs(rounded(content), codes), exact)
