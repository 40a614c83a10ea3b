"""Verbs for smaller files: compress, decompress."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from narrows.cli.commands import Result, tell
from narrows.cli.inputs import check_page, open_run, read_like, reading_for, scan_of, warn_of_whole
from narrows.cli.names import renamed_in, said_of
from narrows.cli.options import DataArgument, Output, Quiet, RunArgument
from narrows.cli.parsing import parse_real
from narrows.core.errors import InputError, few
from narrows.core.numbers import count

if TYPE_CHECKING:
    from narrows.data.images.files import Images
    from narrows.evaluation.codecs import Packed
    from narrows.runs.run import Run
    from narrows.tasks.compression.lossless import Unpacked
    from narrows.tasks.compression.stacks import Stacks

Target = Annotated[Path, typer.Option("--out", "-o", help="where the result goes, a file that ends in .nrw")]


def wish(name: str, metavar: str, text: str) -> Any:
    """The option for how much may be lost, with its help `text`."""
    return typer.Option(name, parser=parse_real, metavar=metavar, help=f"with a loss: {text}")


Psnr = Annotated[float | None, wish("--psnr", "DB", "the least signal-to-noise ratio")]
Bits = Annotated[float | None, wish("--bits", "BITS", "bits per value of the file, about")]
Quality = Annotated[float | None, wish("--quality", "DB", "that ratio of rounding alone")]
CurvePage = Annotated[
    Path | None,
    typer.Option(
        "--curve", metavar="PAGE", help="a page of bytes at several qualities, beside JPEG, WebP, AVIF, PCA"
    ),
]
PackedArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="a file that narrows compress has written")
]


Compare = Annotated[
    bool, typer.Option("--compare", help="pack the same values by PNG, WebP, JPEG XL, bz2, zstd … as well")
]


def compress(
    run: RunArgument,
    data: DataArgument,
    out: Target,
    compare: Compare = False,
    psnr: Psnr = None,
    bits: Bits = None,
    quality: Quality = None,
    curve: CurvePage = None,
    quiet: Quiet = False,
) -> Result:
    """Write DATA to a smaller file: the same values come back, or with --psnr about the same."""
    from narrows.data.writers import check_target
    from narrows.evaluation.codecs import packed
    from narrows.runs.folder import model_bytes
    from narrows.tasks.compression.files import compress as write
    from narrows.tasks.compression.wishes import Wish

    loaded = open_run(run, "Compressed files")
    check_target(out, data)
    check_page(curve, data)
    if out.suffix.lower() != ".nrw":
        raise InputError(
            f"A compressed file cannot be called {out.name!r}; wanted is a name that ends in .nrw."
        )
    given = read_given(loaded, data, quiet)
    record = write(loaded, given.stacks, out, given.told, Wish(psnr, bits, quality))
    weights = {"model_bytes": model_bytes(loaded), "model_bytes_in_float16": model_bytes(loaded, 2)}
    beside = {**record, **weights, "columns_beside": given.columns_beside, "out": str(out)}
    if curve is not None:
        beside = {**beside, "curve": drawn(loaded, given, curve, quiet)}
    if not compare:
        return Result(beside, said(beside))
    others = packed(given.stacks.arrays, loaded.schema)
    pays = {each.name: pays_for(beside, each.size) for each in others if each.size is not None}
    sizes = {each.name: each.size for each in others}
    full = {**beside, "codecs": sizes, "why": {e.name: e.why for e in others if e.why}, "pays_after": pays}
    return Result(full, "\n".join([said(beside), *compared(others, beside), *offered(run, beside)]))


class Given(NamedTuple):
    """What is compressed.

    Attributes:
        name: of the file or the folder.
        stacks: the examples.
        told: what the file says of them.
    """

    name: str
    stacks: Stacks
    told: dict[str, Any]

    @property
    def columns_beside(self) -> list[str]:
        """The columns of a table that the model does not have, and those with cells that it does not tell."""
        remainder = self.told.get("remainder", {"columns": (), "cells": ()})
        return [*remainder["columns"], *remainder["cells"]]


def read_given(run: Run, source: str, quiet: bool) -> Given:
    """The examples at `source`: whole images, of any size, for a run of images or of patches of them."""
    from narrows.data.images.files import read_whole
    from narrows.tasks.compression.pictures import told_of
    from narrows.tasks.compression.stacks import Stacks

    if run.schema.spatial != 2 or scan_of(run) is not None:
        data = read_like(run, source, quiet, keep_remainder=True)
        if data.remainder:
            told: dict[str, Any] = {"remainder": data.remainder.to_json()}
        else:
            told = {"ids": list(data.ids)} if data.ids else {}
        return Given(data.name, Stacks.of(data.source), told)
    images = read_whole(source, reading_for(run))
    each = list(images.each)
    check_complete(images)
    warn_of_whole(images, quiet)
    return Given(Path(source).name, Stacks.of([one.pixels for one in each]), told_of(images, each))


def check_complete(images: Images) -> None:
    """Refuse images that would not come back, because not all of their values are read.

    Raises:
        InputError: with what is lost.
    """
    from narrows.data.images.gaps import warn_of_gaps

    for lost in (*images.lost, *warn_of_gaps(images.gaps)):
        raise InputError(
            f"These images would not come back as they are: {lost.removesuffix('.')}; fit a run to such "
            f"images, colours with --mode RGB, or convert them first."
        )


def drawn(run: Run, given: Given, page: Path, quiet: bool) -> dict[str, Any]:
    """Write the page of the rate–distortion curve of what is `given`; its numbers."""
    from narrows.data.writers import write_text
    from narrows.report.rate_distortion import render_curve, unit_of
    from narrows.tasks.compression.curve import curve

    found = curve(run, given.stacks, on_method=lambda name: tell(f"curve: {name}", quiet))
    write_text(render_curve(found, given.name, unit_of(run.schema)), page)
    return {**found.to_json(), "out": str(page)}


def pays_for(record: dict[str, Any], size: int) -> int | None:
    """After how many examples the model pays beside a codec that takes `size` bytes."""
    from narrows.evaluation.codecs import pays_after

    n = record["n"]
    return pays_after(record["value_bytes"] / n, size / n, record["model_bytes"])


def compared(others: Sequence[Packed], record: dict[str, Any]) -> Iterator[str]:
    """A line for each codec, for a person."""
    for each in others:
        if each.size is None:
            yield f"  {each.name}: not tried, {each.why}"
            continue
        after = pays_for(record, each.size)
        pays = (
            "smaller than this file" if after is None else f"the model pays after {count(after, 'example')}"
        )
        bits = record["bits_per_value"] * each.size / record["value_bytes"]
        yield f"  {each.name}: {each.size:,} bytes, {bits:.3f} bits per value; {pays}"


def offered(run: Path, record: dict[str, Any]) -> Iterator[str]:
    """A line that says how to make the model smaller, if it can be."""
    size = record["model_bytes_in_float16"]
    if size < record["model_bytes"]:
        yield f"  with weights of 16 bits the model has {size:,} bytes: narrows export {run} --half FOLDER"


def said(record: dict[str, Any]) -> str:
    """The sizes, for a person."""
    size, before, each = (record[name] for name in ("value_bytes", "original_bytes", "bits_per_value"))
    lossless = f"without loss ({record.get('initial_bits', 0):,} initial bits)"
    loss = lossless if record["psnr"] is None else f"{record['psnr']:.2f} dB"
    lines = [
        f"{count(record['n'], 'example')}, {before:,} bytes, in {size:,}: {each:.3f} bits per value, {loss}; "
        f"the model has {record['model_bytes']:,} bytes: {record['out']}"
    ]
    lines += missed(each, record.get("bits_asked"))
    if beside := record["columns_beside"]:
        more = record["bytes"] - record["value_bytes"]
        lines.append(f"  and {more:,} bytes for text that the model does not have, in {few(beside)}")
    if "curve" in record:
        lines.append(record["curve"]["out"])
    return "\n".join(lines)


def missed(bits: float, asked: float | None) -> Iterator[str]:
    """A line about bits that are not those that were asked for, for a person; none if they are."""
    if asked is not None and abs(bits / asked - 1) >= MISSED:
        far = f"{abs(100 * (bits / asked - 1)):.0f} % {'more' if bits > asked else 'fewer'}"
        yield f"  {far} bits than asked for: this model comes no nearer with these data"


MISSED = 0.015
"""The share by which the bits of a file may miss those that were asked for without a line about it."""


def decompress(run: RunArgument, file: PackedArgument, out: Output, quiet: Quiet = False) -> Result:
    """Write the values of FILE, which narrows compress has made with RUN, as they were."""
    from narrows.data.writers import check_target
    from narrows.tasks.compression.files import decompress as read

    loaded = open_run(run, "Compressed files")
    check_target(out, str(file))
    found = read(loaded, file)
    renamed = write_unpacked(found, loaded, out)
    n = len(found.values)
    text = [f"{count(n, 'example')}: {out}", *said_of(renamed)]
    return Result({"out": str(out), "n": n, **renamed_in(renamed)}, "\n".join(text))


def write_unpacked(found: Unpacked, run: Run, out: Path) -> dict[str, str]:
    """Write what a file holds: images each as it came, many small ones also in one picture.

    Returns:
        The names of files that are not called as their images, by these.
    """
    from narrows.data.tables.remainder import Remainder
    from narrows.data.writers import write_whole, write_whole_table
    from narrows.report.sheets import is_sheet, write_shown
    from narrows.tasks.compression.pictures import images_of

    several = isinstance(found.values, list)
    if found.images is not None and (several or len(found.values) == 1 or not is_sheet(run.schema, out)):
        return write_whole(images_of(found.values, found.images, found.ids), out)
    assert not isinstance(found.values, list)
    if found.remainder is not None:
        write_whole_table(found.values, run.schema, Remainder.from_json(found.remainder), out)
        return {}
    return write_shown(found.values, run.schema, out, found.ids)
