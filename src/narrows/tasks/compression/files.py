"""Write examples to a file, and read them, by the method that its header names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from narrows.core.errors import InputError
from narrows.data.sources import Values, as_source
from narrows.runs.run import Run
from narrows.tasks.compression import lossless, quantised
from narrows.tasks.compression.container import Container, read_container, write_container
from narrows.tasks.compression.lossless import Unpacked


class Wish(NamedTuple):
    """What a file with a loss is to reach; `narrows.tasks.compression.quantised.compress` says more."""

    psnr: float | None = None
    bits: float | None = None
    quality: float | None = None


class Reader(Protocol):
    """Decompresses the content of a file."""

    def __call__(
        self, run: Run, container: Container, name: str, on_chunk: Callable[[int], None] | None = None
    ) -> Unpacked: ...


def unpack_quantised(
    run: Run, container: Container, name: str, on_chunk: Callable[[int], None] | None = None
) -> Unpacked:
    """The examples in `container`, about as they were."""
    return Unpacked(quantised.decompress(run, container, name))


READERS: dict[str, Reader] = {lossless.METHOD: lossless.unpack, quantised.METHOD: unpack_quantised}
"""By what the header of a file calls its method."""


def compress(
    run: Run,
    values: Values,
    target: Path,
    ids: Sequence[str] = (),
    wish: Wish | None = None,
    on_chunk: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Write examples `(n, *schema.shape)` to the file `target`; its size beside theirs.

    Without a `wish` they come back as they are.

    Raises:
        NoRoomError: when the disk is full.
        InputError: when `target` cannot be written, and as `narrows.tasks.compression.lossless.pack` and
            `narrows.tasks.compression.quantised.compress`.
    """
    if wish is None or wish == Wish():
        container = lossless.pack(run, values, ids, on_chunk)
        write_container(container, target)
        return lossless.summary(container, values)
    made = quantised.compress(run, as_source(values).all(), **wish._asdict())
    write_container(made.container, target)
    return {**lossless.summary(made.container, values), "psnr": made.psnr}


def decompress(run: Run, file: Path, on_chunk: Callable[[int], None] | None = None) -> Unpacked:
    """The examples in `file`.

    Raises:
        InputError: for a file that cannot be read, is damaged, or was compressed by another model.
    """
    container = read_container(file)
    read = READERS.get(container.header["method"])
    if read is None:
        raise InputError(f"{file} was written by a newer version of narrows: pip install -U narrows.")
    return read(run, container, str(file), on_chunk)
