from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.commands import narrows


def test_the_verb_says_how_well_the_graphs_agree(
    digits_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = json.loads(narrows(capsys, "export", digits_folder, "--onnx", "out", "--json")[0])
    assert set(found["files"]) == {"encoder", "decoder"}
    assert max(found["parity"].values()) < 1e-4
    written = {half: Path(file) for half, file in found["files"].items()}
    monkeypatch.setattr("narrows.tasks.export.export_onnx", lambda *_: written)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert "pip install 'narrows[onnx]'" in narrows(capsys, "export", digits_folder, "--onnx", "out")[0]
