"""Modules written as ONNX compute the same for any number of rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.onnx import OnnxExporterError

from narrows.tasks.onnx_graph import Axis, write_exported, write_traced

onnxruntime = pytest.importorskip("onnxruntime")

FREE = {0: Axis("n")}


class Doubled(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, x], dim=1).reshape(x.shape[0], 2, -1).sum(dim=1)


class Branching(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x if bool(x.sum() > 0) else -x


@pytest.mark.parametrize("write", [write_traced, write_exported])
def test_the_number_of_rows_is_free(write: object, tmp_path: Path) -> None:
    assert callable(write)
    write(Doubled(), torch.zeros(2, 3), tmp_path / "a.onnx", ("x", "y"), FREE)
    session = onnxruntime.InferenceSession(tmp_path / "a.onnx")
    for n in (1, 2, 5):
        x = np.random.default_rng(n).normal(size=(n, 3)).astype(np.float32)
        np.testing.assert_allclose(session.run(["y"], {"x": x})[0], 2 * x)


def test_a_module_of_a_user_that_depends_on_values_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OnnxExporterError):
        write_exported(Branching(), torch.ones(2, 3), tmp_path / "a.onnx", ("x", "y"), FREE)
