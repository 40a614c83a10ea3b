"""Verbs that put data through a run: encode, reconstruct."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from narrows.cli.common import DataArgument, Json, Output, Quiet, RunArgument, load_both, output, say
from narrows.data.formats import CODES


def encode(
    run: RunArgument,
    data: DataArgument,
    out: Annotated[Path, output(*CODES)],
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the code of each example of DATA."""
    loaded, found = load_both(run, data)
    from narrows.data.writers import check_target, write_codes

    check_target(out, data)
    codes = loaded.encode(found.values)
    write_codes(codes, out, found.ids)
    record = {"out": str(out), "n": len(codes), "latent_dim": codes.shape[1]}
    say(record, f"{len(codes):,} codes of {codes.shape[1]} numbers: {out}", as_json)


def reconstruct(
    run: RunArgument,
    data: DataArgument,
    out: Output,
    impute: Annotated[
        bool, typer.Option("--impute", help="keep the cells that are there and fill in the missing ones only")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write what is left of DATA after the bottleneck, in its own shape and type."""
    loaded, found = load_both(run, data)
    from narrows.data.image_files import joined
    from narrows.data.sources.npy import OnDisk, pieces
    from narrows.data.writers import check_target, write_pieces, write_whole
    from narrows.report.sheets import write_shown

    check_target(out, data)
    use = loaded.impute if impute else loaded.reconstruct
    if isinstance(found.values, OnDisk):
        write_pieces((use(piece) for _, piece in pieces(found.values)), found.values.shape, out)
    elif found.patches is None:
        write_shown(use(found.values), loaded.schema, out, found.ids, found.modes)
    else:
        write_whole(joined(use(found.values), found.patches), out)
    say({"out": str(out), "n": len(found)}, f"{len(found):,} reconstructions: {out}", as_json)
