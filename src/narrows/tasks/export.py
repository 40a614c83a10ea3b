"""Both halves of a model as graphs that need no Python: raw data in, raw data out.

The scaling is inside the graphs, so that who runs them need not know of it. Only what words stand for
is not: a table with categories goes in, and comes out, as the numbers of its words.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.model.build import BYPASSED
from narrows.runs.run import Run

DUMMY = 2
"""Rows that graphs are traced with; any number can be passed later."""


class EncoderGraph(nn.Module):
    """Examples `(n, *shape)` as they came to codes `(n, code_size)`."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.schema, self.scaling, self.model = run.schema, run.scaling, run.model

    def forward(self, values: Tensor) -> Tensor:
        x = self.scaling(self.schema.to_model(values)).float()
        batch = self.schema.collate(x, complete=not self.schema.may_miss)
        return self.model.encode(replace(batch, x=self.scaling.known(batch.x)))


class DecoderGraph(nn.Module):
    """Codes `(n, code_size)` to examples `(n, *shape)` as they would have come, in numbers of `dtype`."""

    def __init__(self, run: Run, dtype: str) -> None:
        super().__init__()
        self.schema, self.scaling, self.model, self.dtype = run.schema, run.scaling, run.model, dtype

    def forward(self, codes: Tensor) -> Tensor:
        return self.schema.restore(self.model.decode(codes), self.scaling, self.dtype)


@contextmanager
def silence() -> Iterator[None]:
    """Keep from the user what the exporter says of its own deprecations and of packages it can do without."""
    chatty = logging.getLogger("torch.onnx._internal.exporter")
    level = chatty.level
    chatty.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        chatty.setLevel(level)


def parity(run: Run, files: dict[str, Path]) -> dict[str, float] | None:
    """The largest difference between the graphs in `files`, run by onnxruntime, and the model.

    Returns:
        Of codes, in units of the largest code, and of decoded values, in units of the training
        part's range, over the held-out examples that the run keeps; None without onnxruntime.
    """
    try:
        import onnxruntime
    except ImportError:
        return None
    shown = [examples.originals for examples in run.evidence.examples.values()]
    values = np.concatenate(shown).astype(run.schema.dtype)
    sessions = {name: onnxruntime.InferenceSession(file) for name, file in files.items()}
    codes = run.encode(values)
    theirs = sessions["encoder"].run(None, {"values": values})[0]
    codes32 = codes.astype(np.float32)
    ours, decoded = run.decode(codes32), sessions["decoder"].run(None, {"codes": codes32})[0]
    span = float(np.max((run.scaling.ceiling - run.scaling.floor).numpy())) or 1.0
    return {
        "codes": float(np.abs(theirs - codes).max() / max(1e-300, np.abs(codes).max())),
        "values": float(np.abs(decoded.astype(np.float64) - ours).max() / span),
    }


def halves(run: Run, dtype: str) -> dict[str, tuple[nn.Module, Tensor]]:
    """The graph of each half by name, with rows to trace it with; values are of `dtype`.

    Raises:
        InputError: for a model that is more than its halves.
    """
    if run.model.bypassed:
        raise InputError(BYPASSED)
    values = torch.zeros(DUMMY, *run.schema.shape, dtype=getattr(torch, dtype))
    codes = torch.zeros(DUMMY, run.model.code_size)
    return {
        "encoder": (EncoderGraph(run).eval(), values),
        "decoder": (DecoderGraph(run, dtype).eval(), codes),
    }


def export_torch(run: Run, folder: Path) -> list[Path]:
    """Write `encoder.pt2` and `decoder.pt2`, as `torch.export.load` reads them, into `folder`."""
    graphs = halves(run, run.schema.dtype)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, (graph, rows) in graphs.items():
        program = torch.export.export(graph, (rows,), dynamic_shapes=({0: torch.export.Dim("n")},))
        written.append(folder / f"{name}.pt2")
        torch.export.save(program, written[-1])
    return written


def export_onnx(run: Run, folder: Path, dtype: str | None = None) -> dict[str, Path]:
    """Write `encoder.onnx` and `decoder.onnx`, each one file with its weights, into `folder`.

    Args:
        run: the fitted model.
        folder: where they go; made if need be.
        dtype: of the values in and out; that of the data if not given. Real numbers are not rounded.

    Raises:
        InputError: when its training has not finished, or it is more than its halves.
    """
    if run.unfinished:
        raise InputError(run.unfinished)
    graphs = halves(run, dtype or run.schema.dtype)
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for name, (graph, rows) in graphs.items():
        ends = ("values", "codes") if name == "encoder" else ("codes", "values")
        with silence():
            program: Any = torch.onnx.export(
                graph,
                (rows,),
                input_names=[ends[0]],
                output_names=[ends[1]],
                dynamic_shapes=({0: torch.export.Dim("n")},),
                dynamo=True,
                verbose=False,
            )
        for node in program.model.graph:
            node.metadata_props.clear()  # which name files of this machine
        written[name] = folder / f"{name}.onnx"
        program.save(written[name], external_data=False)
    return written
