"""The provenance of a run: its data and the versions of the software."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import version
from typing import Any

import numpy as np

from narrows.core.errors import show
from narrows.core.files import json_bytes
from narrows.core.processes import Processes
from narrows.data.examples import Data, draw_rows
from narrows.data.sources import InMemory, Source
from narrows.data.split import Parts


def about(data: Data, parts: Parts, held_out: int) -> dict[str, Any]:
    """The name of the data, the sizes of their parts, their SHA-256, and of windows how many recordings.

    Args:
        data: without a test part.
        parts: their split.
        held_out: the number of held-out rows.
    """
    return {
        "name": data.name,
        "n": len(parts.train) + len(parts.validation) + held_out,
        "train": len(parts.train),
        "validation": len(parts.validation),
        "held_out": held_out,
        "sha256": fingerprint(data.source),
        **({} if data.noisy is None else {"noisy_sha256": fingerprint(InMemory(data.noisy))}),
        **({} if data.window is None or data.recordings is None else {"recordings": len(data.recordings)}),
        **({} if data.scan is None else {"scan": data.scan.to_json()}),
    }


def fingerprint(source: Source) -> str:
    """The SHA-256 of all values, not scaled, in the order of the blocks."""
    digest = hashlib.sha256()
    for _, piece in source.pieces():
        digest.update(np.ascontiguousarray(piece).view(np.uint8).data)
    return digest.hexdigest()


def check_same_data(data: Data, processes: Processes) -> None:
    """Refuse data that are not the same in all `processes`, which divide them among each other.

    Of many rows a sample is compared.

    Raises:
        InputError: with the first difference.
    """
    if processes.alone:
        return
    some = [data.source.take(draw_rows(len(data), COMPARED))]
    some += [] if data.noisy is None else [data.noisy[draw_rows(len(data), COMPARED)]]
    described = json_bytes(data.schema.to_json())
    processes.check_same(
        {
            "data of the shape": show(data.source.shape),
            "columns or a type of values with the checksum": hashlib.sha256(described).hexdigest()[:8],
            "values with the checksum": "".join(fingerprint(InMemory(each))[:8] for each in some),
        },
        "give all processes the same data",
    )


COMPARED = 4096
"""Rows, at the most, by which the data of processes are compared."""


def versions() -> dict[str, str]:
    """The versions of Python and of the packages that a fit depends on."""
    names = ("narrows", "torch", "numpy", "scikit-learn")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}
