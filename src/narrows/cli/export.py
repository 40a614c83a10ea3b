"""The verb that writes a model for use without Python: export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from narrows.cli.commands import Result
from narrows.cli.inputs import open_run
from narrows.cli.options import RunArgument

Onnx = Annotated[
    Path, typer.Option("--onnx", metavar="FOLDER", help="where encoder.onnx and decoder.onnx go")
]


def export(run: RunArgument, onnx: Onnx) -> Result:
    """Write encoder and decoder of RUN as ONNX, scaling included: raw data in, raw data out."""
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
