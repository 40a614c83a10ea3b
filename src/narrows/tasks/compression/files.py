"""Write examples to a file, and read them, by the method that its header names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from narrows.core.errors import InputError
from narrows.runs.run import Run
from narrows.tasks.compression import lossless, quantised
from narrows.tasks.compression.container import Container, read_container, write_container
from narrows.tasks.compression.lossless import Told, Unpacked
from narrows.tasks.compression.stacks import Examples
from narrows.tasks.compression.wishes import Wish


class Reader(Protocol):
    """Decompresses the content of a file."""

    def __call__(
        self, run: Run, container: Container, name: str, on_chunk: Callable[[int], None] | None = None
    ) -> Unpacked: ...


def unpack_quantised(
    run: Run, container: Container, name: str, on_chunk: Callable[[int], None] | None = None
) -> Unpacked:
    """The examples in `container`, about as they were."""
    found = quantised.unpack(run, container, name, on_chunk)
    return Unpacked.of(found.in_order(), container.header)


READERS: dict[str, Reader] = {lossless.METHOD: lossless.unpack, quantised.METHOD: unpack_quantised}
"""By what the header of a file calls its method."""


def compress(
    run: Run,
    examples: Examples,
    target: Path,
    told: Told = MappingProxyType({}),
    wish: Wish | None = None,
    on_chunk: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Write examples to the file `target`; its size beside theirs.

    Args:
        run: a fitted run.
        examples: `(n, *schema.shape)`, or a list of images of several sizes.
        target: the file.
        told: what the file says of them, too: `ids`, of images what `told_of` gives, of a table its
            `remainder`.
        wish: how much may be lost; without it they come back as they are.
        on_chunk: called with the number of examples that are done.

    Raises:
        NoRoomError: when the disk is full.
        InputError: when `target` cannot be written, and as `narrows.tasks.compression.lossless.pack` and
            `narrows.tasks.compression.quantised.pack`.
    """
    if wish is None or not wish.given:
        container = lossless.pack(run, examples, told, on_chunk)
        write_container(container, target)
        return lossless.summary(container, examples)
    packed = quantised.pack(run, examples, wish, told)
    write_container(packed.container, target)
    return {**quantised.summary(packed, examples), **({"bits_asked": wish.bits} if wish.bits else {})}


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
