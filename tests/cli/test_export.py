from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands import narrows


def test_the_verb_says_how_well_the_graphs_agree(
    digits_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = json.loads(narrows(capsys, "export", digits_folder, "--onnx", "out", "--json")[0])
    assert set(found["files"]) == {"encoder", "decoder"}
    assert max(found["parity"].values()) < 1e-4
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    assert "pip install 'narrows[onnx]'" in narrows(capsys, "export", digits_folder, "--onnx", "out")[0]
