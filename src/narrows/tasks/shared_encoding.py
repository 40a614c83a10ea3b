"""Codes computed by several processes, each of its own examples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from narrows.core.errors import InputError
from narrows.core.processes import Processes
from narrows.data.examples import Data
from narrows.data.formats import CODES, form_for, format_of
from narrows.data.recordings.write import starts
from narrows.data.schema import Array
from narrows.data.shared_writing import SHARED, write_shares
from narrows.data.sources import Index
from narrows.data.sources.divided import SomeBlocks, divided
from narrows.data.writers import write_codes
from narrows.runs.inference import precise
from narrows.runs.provenance import check_same_data
from narrows.runs.run import Run
from narrows.training.checkpoint import digest


def encode_together(run: Run, data: Data, out: Path, processes: Processes) -> None:
    """Write the codes of `data` to `out`; only the first process returns.

    Each encodes a stretch of the batches that one process would compute, so that the codes are the same to
    the bit. To `.npy` and Zarr each writes its own rows; what goes to other files the first one gathers.

    Raises:
        InputError: for a graph, whose nodes are encoded together, for data or a run that are not the same in
            all processes, and as `write_shares`.
    """
    form_for("Codes", out, CODES)
    check_same_data(data, processes)
    weights = digest(run.objective.state_dict(), "")[:8]
    processes.check_same({"a run of weights with the checksum": weights}, "give all processes the same run")
    some = divided(data.source, processes, run.schema.at_once)
    if not isinstance(some, SomeBlocks):
        raise InputError(f"All of {data.name} is one batch, which one process computes; leave torchrun out.")
    dtype, shape = np.dtype(precise(data.source)), (len(data), run.model.code_size)
    codes = run.encode(some) if len(some) else np.empty((0, shape[1]), dtype)
    if format_of(out) in SHARED:
        write_shares(by_block(some, codes), shape, dtype, out, processes)
        processes.leave()
        return
    poses = run.poses(some) if len(some) else {name: np.empty(0) for name in run.model.pose_names}
    found = processes.each((some.rows, codes, poses))
    processes.leave()
    order = np.argsort(np.concatenate([rows for rows, _, _ in found]), kind="stable")
    beside = {name: np.concatenate([each[2][name] for each in found])[order] for name in poses}
    write_codes(np.concatenate([z for _, z, _ in found])[order], out, data.ids, {**starts(data), **beside})


def by_block(some: SomeBlocks, codes: Array) -> Iterator[tuple[Index, Array]]:
    """The row numbers of each block with its codes."""
    begin = 0
    for rows in some.blocks():
        yield rows, codes[begin : begin + len(rows)]
        begin += len(rows)
