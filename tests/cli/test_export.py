from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import torch

from narrows.runs.folder import load_run
from narrows.tasks.compression.exact import identity
from tests.commands import as_json, narrows


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


def test_a_run_of_half_the_size_is_another_model(
    digits_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = as_json(capsys, "export", digits_folder, "--half", "half")
    assert found["bytes"] == Path("half/model.safetensors").stat().st_size
    assert found["bytes"] < 0.6 * found["bytes_before"]
    run, half = load_run(digits_folder), load_run(Path("half"))
    for name, weight in run.model.named_parameters():
        assert torch.equal(half.model.get_parameter(name), weight.half().float())
    images = next(iter(run.evidence.examples.values())).originals
    error = [float(((each.reconstruct(images) - images) ** 2).mean()) for each in (run, half)]
    assert error[1] == pytest.approx(error[0], rel=0.05)
    assert identity(half) != identity(run)
    for name in ("report.html", "README.md"):
        assert "rounded to 16 bits" in Path("half", name).read_text(encoding="utf-8")


def test_a_run_of_half_the_size_stays_one(digits_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    as_json(capsys, "export", digits_folder, "--half", "half")
    again = as_json(capsys, "export", "half", "--half", "again")
    assert again["bytes"] == again["bytes_before"]
    assert identity(load_run(Path("again"))) == identity(load_run(Path("half")))
    assert Path("again/README.md").read_text(encoding="utf-8").count("rounded to 16 bits") == 1


def test_one_thing_is_exported(digits_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for given in ((), ("--onnx", "a", "--half", "b")):
        assert "Say what to write" in narrows(capsys, "export", digits_folder, *given, code=2)[1]
