"""The model run so that another process, thread count or machine computes the same, or finds out that not.

It is computed in float64, on one thread, in chunks of a fixed size, by plain PyTorch. What the networks give
is rounded to a coarse grid (`narrows.model.distributions`), so that the last digits do not matter; a checksum
of the values of each chunk shows whether they did.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import numpy as np
import torch

from narrows.core.errors import InputError
from narrows.data.schema import Array
from narrows.model.build import Model
from narrows.runs.inference import inference
from narrows.runs.run import Run
from narrows.tasks.compression.coder import constriction

LIBRARIES = ("narrows", "numpy", "torch", "constriction")
"""Whose versions a header has."""


@contextmanager
def exactly(run: Run) -> Iterator[Model]:
    """The model in float64, without gradients, on one thread; afterwards the threads are as before."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with inference(run.model, "float64") as model:
            yield model
    finally:
        torch.set_num_threads(threads)


def identity(run: Run) -> str:
    """A checksum of all that decoding needs of a run: weights, parts, description of the data, scaling."""
    found = hashlib.sha256()
    parts = {"spec": run.config["spec"], "schema": run.schema.to_json(), "scaling": run.scaling.to_json()}
    found.update(json.dumps(parts, sort_keys=True).encode())
    for name, weight in sorted(run.model.state_dict().items()):
        found.update(name.encode())
        found.update(weight.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()[:32]


def stamp(run: Run) -> dict[str, Any]:
    """What a header says of the run and the libraries."""
    constriction()
    return {"model": identity(run), "versions": {name: version(name) for name in LIBRARIES}}


def check_stamp(header: Mapping[str, Any], run: Run, name: str) -> None:
    """Refuse the file `name` if another run or an incompatible coder wrote it.

    Raises:
        InputError: with the reason.
    """
    now = stamp(run)
    if header.get("model") != now["model"]:
        raise InputError(
            f"{name} was compressed by another model; decompress it with the run that compressed it."
        )
    wrote, reads = (minor(each["versions"]["constriction"]) for each in (header, now))
    if wrote != reads:
        raise InputError(
            f"{name} was compressed with constriction {wrote}, but {reads} is installed, whose files differ: "
            f"pip install 'constriction=={wrote}.*'"
        )


def minor(full: str) -> str:
    """The first two numbers of a version.

    >>> minor("0.5.1")
    '0.5'
    """
    return ".".join(full.split(".")[:2])


def digest(values: Array) -> str:
    """A checksum of the values of a chunk, of their shape and type; -0 is 0, and every NaN the same."""
    whole = np.ascontiguousarray(values)
    if whole.dtype.kind == "f":
        whole = np.where(np.isnan(whole), whole.dtype.type(np.nan), whole + whole.dtype.type(0))
    kind = f"{whole.dtype.newbyteorder('<').str}{whole.shape}".encode()
    content = whole.astype(whole.dtype.newbyteorder("<"), copy=False).tobytes()
    return hashlib.sha256(kind + content).hexdigest()[:16]


def check_digest(values: Array, wanted: str, header: Mapping[str, Any], name: str) -> None:
    """Refuse decoded `values` that are not those that were compressed.

    Raises:
        InputError: with the versions of the libraries that compressed them.
    """
    if digest(values) != wanted:
        made = ", ".join(f"{library} {number}" for library, number in header["versions"].items())
        raise InputError(
            f"{name} decodes to other values here than were compressed, because this machine computes the "
            f"model otherwise; decompress it where it was compressed, or with {made}."
        )
