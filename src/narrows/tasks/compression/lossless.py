"""Files from which the same values come back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from narrows.core.errors import InputError
from narrows.data.schema import Array
from narrows.runs.run import Run
from narrows.tasks.compression.bits_back import Coded, compressed, decompressed, initial_words
from narrows.tasks.compression.columns import TableSymbols
from narrows.tasks.compression.container import Container, to_bytes
from narrows.tasks.compression.cutting import check_one_type, cut, joined, tiles_of
from narrows.tasks.compression.exact import check_digest, check_stamp, digest, exactly, stamp
from narrows.tasks.compression.stacks import Examples, Kind, Stacks, check_channels
from narrows.tasks.compression.symbols import GridSymbols, Symbols

Told = Mapping[str, Any]
"""JSON values of a header."""

METHOD = "lossless"
"""What the header of a file calls this."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What a file holds.

    Attributes:
        values: the examples, `(n, *schema.shape)`; a list, where they have several shapes.
        ids: their names; empty for none.
        images: what the file says of images beside their pixels; None for other data.
        remainder: what it says of a table beside the values; None for other data.
    """

    values: Array | list[Array]
    ids: tuple[str, ...] = ()
    images: Told | None = None
    remainder: Told | None = None

    @classmethod
    def of(cls, values: Array | list[Array], header: Told) -> Self:
        """The `values` of a file with this `header`."""
        return cls(values, tuple(header.get("ids", ())), header.get("images"), header.get("remainder"))


def pack(
    run: Run,
    examples: Examples,
    told: Told = MappingProxyType({}),
    on_chunk: Callable[[int], None] | None = None,
) -> Container:
    """Compress examples `(n, *schema.shape)` so that they come back unchanged.

    Args:
        run: the model.
        examples: all are brought into memory.
        told: what the header says of them, too, as `ids`.
        on_chunk: called with the number of examples that are done.

    Raises:
        InputError: for examples that are not like those of the run, and for a model without a likelihood.
    """
    check_suitable(run)
    stacks = Stacks.of(examples)
    check_one_type(stacks.kinds)
    for kind in stacks.kinds:
        check_channels(run.schema, kind.shape)
    tiles = tiles_of(run.schema, stacks.kinds)
    values = [cut(run.schema, stacks.arrays, places) for places in tiles.values()]
    symbols: Symbols = symbols_for(run).of(run, np.concatenate(values))
    numbers = [(symbols.within(e), symbols.numbers(some)) for e, some in zip(tiles, values, strict=True)]
    with exactly(run) as model:
        coded = compressed(model, numbers, on_chunk)
    header = {
        "method": METHOD,
        **stamp(run),
        **stacks.told(),
        "chunks": coded.sizes,
        "hashes": [digests(some, sizes) for some, sizes in zip(values, coded.sizes, strict=True)],
        "initial_bits": coded.initial_bits,
        **told,
    }
    beside = symbols.to_bytes()
    words = coded.words.astype("<u4").tobytes()
    return Container(header, len(beside).to_bytes(4, "little") + beside + words)


def unpack(
    run: Run, container: Container, name: str, on_chunk: Callable[[int], None] | None = None
) -> Unpacked:
    """The examples in `container`, the content of the file `name`.

    Raises:
        InputError: when another model compressed them, or they do not come out as they went in.
    """
    header = container.header
    check_stamp(header, run, name)
    symbols, words = parts(run, container.payload)
    kinds = [Kind.from_json(record) for record in header["kinds"]]
    tiles = tiles_of(run.schema, kinds)
    found: list[list[Array]] = [[np.empty(0)] * len(sizes) for sizes in header["chunks"]]
    done = 0

    def keep(i: int, j: int, numbers: Any) -> None:
        nonlocal done
        found[i][j] = symbols.values(numbers)
        check_digest(found[i][j], header["hashes"][i][j], header, name)
        done += len(numbers)
        if on_chunk is not None:
            on_chunk(done)

    coded = Coded(words, header["chunks"], header["initial_bits"])
    with exactly(run) as model:
        left = decompressed(model, [symbols.within(extent) for extent in tiles], coded, keep)
    if not np.array_equal(left, initial_words(coded.initial_bits)):
        raise InputError(f"{name} does not end where it began, so it was not made by this model.")
    arrays = joined(run.schema, kinds, tiles, [np.concatenate(some) for some in found])
    values = Stacks.back(arrays, header).in_order()
    return Unpacked.of(values, header)


def digests(values: Array, sizes: Sequence[int]) -> list[str]:
    """The checksum of each chunk of `values`."""
    return [digest(part) for part in np.split(values, np.cumsum(sizes)[:-1])]


def symbols_for(run: Run) -> type[GridSymbols | TableSymbols]:
    """The whole numbers that stand for the examples of a run."""
    return TableSymbols if run.schema.columns and not run.schema.spatial else GridSymbols


def parts(run: Run, payload: bytes) -> tuple[Symbols, Any]:
    """What a payload says of the values, and the words of the coder."""
    length = int.from_bytes(payload[:4], "little")
    symbols = symbols_for(run).from_bytes(run, payload[4 : 4 + length])
    return symbols, np.frombuffer(payload[4 + length :], "<u4").astype(np.uint32)


def check_suitable(run: Run) -> None:
    """Refuse a model that does not have the code and the output of each example by itself.

    Raises:
        InputError: with the reason.
    """
    run.schema.check_independent("Compressed files")
    run.model.check_decodes()
    if run.model.posed is not None or run.model.encoder.mixes or run.schema.may_end_early:
        raise InputError(
            "A model that finds poses, mixes examples or is of sequences of several lengths compresses "
            "nothing; fit one with --recipe lossless."
        )


def summary(container: Container, examples: Examples) -> dict[str, Any]:
    """The size of a file of examples, beside theirs; `value_bytes` are those without the `remainder`."""
    stacks = Stacks.of(examples)
    own = {name: value for name, value in container.header.items() if name != "remainder"}
    size = len(to_bytes(replace(container, header=own)))
    return {
        "bytes": len(to_bytes(container)),
        "value_bytes": size,
        "original_bytes": stacks.nbytes,
        "bits_per_value": 8 * size / stacks.size,
        "psnr": None,
        "n": len(stacks.which),
        "initial_bits": container.header["initial_bits"],
    }
