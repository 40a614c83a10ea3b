"""The verb that writes a model for use elsewhere: export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from narrows.cli.commands import Result
from narrows.cli.inputs import open_run
from narrows.cli.options import RunArgument
from narrows.core.errors import InputError

Onnx = Annotated[
    Path | None, typer.Option("--onnx", metavar="FOLDER", help="where encoder.onnx and decoder.onnx go")
]
Half = Annotated[
    Path | None,
    typer.Option("--half", metavar="FOLDER", help="a run of half the size: weights rounded to float16"),
]


def export(run: RunArgument, onnx: Onnx = None, half: Half = None) -> Result:
    """Write encoder and decoder of RUN as ONNX, raw data in, raw data out; or RUN with weights of 16 bits."""
    if onnx is not None and half is None:
        return as_onnx(run, onnx)
    if half is not None and onnx is None:
        return as_half(run, half)
    raise InputError("Say what to write: --onnx FOLDER for ONNX files, or --half FOLDER for a run.")


def as_half(run: Path, folder: Path) -> Result:
    """Write the run with weights of 16 bits, and its page, to a new folder."""
    from narrows.report import documents
    from narrows.runs.folder import save_run
    from narrows.tasks.export import halved

    smaller = halved(open_run(run))
    save_run(smaller, folder, documents(smaller))
    before, after = ((each / "model.safetensors").stat().st_size for each in (run, folder))
    text = f"{folder}: {after:,} bytes of weights, before {before:,}; another model than {run}"
    page = folder / "report.html"
    return Result({"out": str(folder), "bytes": after, "bytes_before": before}, f"{text}\n{page}")


def as_onnx(run: Path, onnx: Path) -> Result:
    """Write encoder and decoder as ONNX, and compare them with the model."""
    from narrows.tasks.export import export_onnx, parity

    loaded = open_run(run, "ONNX files")
    files = {name: str(file) for name, file in export_onnx(loaded, onnx).items()}
    found = parity(loaded, {name: Path(file) for name, file in files.items()})
    return Result({"files": files, "parity": found}, "\n".join([*files.values(), described(found)]))


def described(found: dict[str, float] | None) -> str:
    """How far the files are from the model, for a person."""
    if found is None:
        return "not compared with the model: pip install 'narrows[onnx]'"
    differences = f"codes {found['codes']:.1e}, values {found['values']:.1e} of the range"
    return f"largest difference from the model: {differences}"
