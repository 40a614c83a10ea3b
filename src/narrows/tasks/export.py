"""Export of encoder and decoder to ONNX and to PyTorch programs.

The graphs take and return values as the data came; the scaling is inside. Only categories are coded outside:
they go in and come out as the numbers of their words. An encoder takes sequences up to the longest that the
model was fitted to, padded or not; a decoder returns all time steps, because a code has no length.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.weights import halve
from narrows.data.limits import whole_type
from narrows.model.build import BYPASSED
from narrows.runs.run import Run
from narrows.tasks.onnx_graph import Axis, dimensions, write_exported, write_traced

TRACED = 2
"""Rows that graphs are traced with; the number of rows is dynamic."""

ENDS = {"encoder": ("values", "codes"), "decoder": ("codes", "values")}
"""The names of the input and the output of each graph."""


ROUNDED = "The weights were rounded to 16 bits after the training; errors and verdict are those from before."
"""What a page says of a run of half the size."""


def halved(run: Run) -> Run:
    """The run with weights rounded to 16 bits; its card and page say so. `run` is changed, too."""
    halve(run.model)
    why = [reason for reason in run.config["why"] if reason != ROUNDED]
    return replace(run, config={**run.config, "why": [*why, ROUNDED]})


class EncoderGraph(nn.Module):
    """Maps examples `(n, *shape)` as they came, or shorter sequences, to codes `(n, code_size)`."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.schema, self.scaling, self.model = run.schema, run.scaling, run.model

    def forward(self, values: Tensor) -> Tensor:
        values = self.schema.extended(values) if self.schema.may_end_early else values
        x = self.scaling(self.schema.to_model(values)).float()
        batch = self.schema.collate(x, complete=not (self.schema.may_miss or self.schema.holds_nan))
        return self.model.encode(replace(batch, x=self.scaling.without_constants(batch.x)))


class DecoderGraph(nn.Module):
    """Maps codes `(n, code_size)` to examples `(n, *shape)` as they would have come, of type `dtype`.

    They are clipped to the range of the training part, if wanted.
    """

    def __init__(self, run: Run, dtype: str, *, clipped: bool = True) -> None:
        super().__init__()
        self.schema, self.scaling, self.model, self.dtype = run.schema, run.scaling, run.model, dtype
        self.limits = None if clipped else whole_type(dtype, run.scaling.precision)

    def forward(self, codes: Tensor) -> Tensor:
        return self.schema.restore(self.model.decode(codes), self.scaling, self.dtype, self.limits)


def parity(run: Run, files: dict[str, Path]) -> dict[str, float] | None:
    """The largest difference between the graphs in `files`, run by onnxruntime, and the model.

    Returns:
        Of "codes", divided by the largest absolute code, and of decoded "values", divided by the range of
        the training part, over the held-out examples that the run keeps; None without onnxruntime.
    """
    try:
        import onnxruntime
    except ImportError:
        return None
    kept = [examples.originals for examples in run.evidence.examples.values()]
    values = np.concatenate(kept).astype(run.schema.dtype)
    encoder, decoder = (onnxruntime.InferenceSession(files[name]) for name in ("encoder", "decoder"))
    codes = run.encode(values)
    encoded = encoder.run(None, {"values": values})[0]
    codes32 = codes.astype(np.float32)
    decoded = decoder.run(None, {"codes": codes32})[0].astype(np.float64)
    span = float(np.max((run.scaling.ceiling - run.scaling.floor).numpy())) or 1.0
    return {
        "codes": float(np.abs(encoded - codes).max() / max(1e-300, np.abs(codes).max())),
        # NaN behind the end of a sequence.
        "values": float(np.nanmax(np.abs(decoded - run.decode(codes32))) / span),
    }


def graphs(run: Run, dtype: str, *, clipped: bool = True) -> dict[str, tuple[nn.Module, Tensor]]:
    """Encoder and decoder by name, each with rows to trace it with; values are of type `dtype`.

    Raises:
        InputError: for a model with skips or a residual output, which bypass the code.
    """
    run.schema.check_independent("Exported models")
    if run.model.bypassed:
        raise InputError(BYPASSED)
    values = torch.zeros(TRACED, *run.schema.shape, dtype=getattr(torch, dtype))
    codes = torch.zeros(TRACED, run.model.code_size)
    return {
        "encoder": (EncoderGraph(run).eval(), values),
        "decoder": (DecoderGraph(run, dtype, clipped=clipped).eval(), codes),
    }


def free_axes(run: Run, name: str) -> dict[int, Axis]:
    """The axes of the input of the graph called `name` that may have other sizes than in the trace."""
    axes = {0: Axis("n")}
    if name == "encoder" and run.schema.may_end_early:
        axes[1] = Axis("time", run.schema.shape[0])
    return axes


def export_torch(run: Run, folder: Path) -> list[Path]:
    """Write `encoder.pt2` and `decoder.pt2`, as `torch.export.load` reads them, into `folder`."""
    parts = graphs(run, run.schema.dtype)
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"{name}.pt2" for name in parts}
    for name, (graph, rows) in parts.items():
        program = torch.export.export(graph, (rows,), dynamic_shapes=(dimensions(free_axes(run, name)),))
        torch.export.save(program, files[name])
    return [*files.values()]


def export_onnx(run: Run, folder: Path, dtype: str | None = None, *, clipped: bool = True) -> dict[str, Path]:
    """Write `encoder.onnx` and `decoder.onnx` into `folder`, each with its weights in the same file.

    Args:
        run: the fitted model.
        folder: created if it does not exist.
        dtype: of the values in and out; that of the data if not given. Real numbers are not rounded.
        clipped: whether decoded values are clipped to the range of the training part.

    Raises:
        InputError: when the training has not finished, or for a model with skips or a residual output.
    """
    if run.unfinished:
        raise InputError(run.unfinished)
    parts = graphs(run, dtype or run.schema.dtype, clipped=clipped)
    write = write_exported if run.own else write_traced
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"{name}.onnx" for name in parts}
    for name, (graph, rows) in parts.items():
        write(graph, rows, files[name], ENDS[name], free_axes(run, name))
    return files
