"""Modules as files of ONNX."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

OPSET = 20
"""The version of ONNX's operators."""


class Axis(NamedTuple):
    """An axis that may have another size than in the trace: its name, and its largest size if it has one."""

    name: str
    most: int | None = None


Axes = Mapping[int, Axis]
"""By number, the axes of an input that may have other sizes than in the trace."""


def dimensions(free: Axes) -> dict[int, Any]:
    """The same as `torch.export` takes them; it imports much for them, which a trace can do without."""
    return {i: torch.export.Dim(axis.name, max=axis.most) for i, axis in free.items()}


def write_traced(graph: nn.Module, rows: Tensor, file: Path, ends: tuple[str, str], free: Axes) -> None:
    """Write `graph` by a trace of TorchScript, as it computes `rows`.

    It takes a tenth of a second, and `write_exported` two, more than the training of a small model. A branch
    that depends on values or on a size is taken as in the trace, so that it is for our own networks only.

    Args:
        graph: maps one tensor to one.
        rows: an input.
        file: to write.
        ends: the names of input and output, whose first axes have any size.
        free: of the input.
    """
    source, target = ends
    with without_warnings():
        torch.onnx.export(
            graph,
            (rows,),
            str(file),
            input_names=[source],
            output_names=[target],
            dynamic_axes={source: {i: axis.name for i, axis in free.items()}, target: {0: "n"}},
            opset_version=OPSET,
            dynamo=False,
        )


def write_exported(graph: nn.Module, rows: Tensor, file: Path, ends: tuple[str, str], free: Axes) -> None:
    """Write `graph` by `torch.export`, which refuses what depends on values; arguments as `write_traced`.

    Raises:
        OnnxExporterError: for a module that cannot be exported.
    """
    with without_warnings():
        program: Any = torch.onnx.export(
            graph,
            (rows,),
            input_names=[ends[0]],
            output_names=[ends[1]],
            dynamic_shapes=(dimensions(free),),
            dynamo=True,
            verbose=False,
        )
    for node in program.model.graph:
        node.metadata_props.clear()  # these name files of this machine
    program.save(file, external_data=False)


@contextmanager
def without_warnings() -> Iterator[None]:
    """Suppress the exporters' warnings: of their age, of constant sizes, of optional packages."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx._internal.exporter", "onnx_ir")]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)
