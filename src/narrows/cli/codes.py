"""Verbs for codes and reconstructions: encode, reconstruct."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from narrows.cli.commands import Result
from narrows.cli.inputs import open_both, warn_of_missing, warn_of_range
from narrows.cli.names import renamed_in, said_of
from narrows.cli.options import DataArgument, Device, Nodes, Output, Quiet, RunArgument, output
from narrows.data.formats import CODES, format_of

if TYPE_CHECKING:
    from narrows.data.examples import Data
    from narrows.runs.run import Run


def encode(
    run: RunArgument,
    data: DataArgument,
    out: Annotated[Path, output(*CODES)],
    nodes: Nodes = None,
    device: Device = "auto",
    quiet: Quiet = False,
) -> Result:
    """Write the code of each example of DATA, in a table after its pose, where the run finds that."""
    loaded, found = open_both(run, data, quiet, nodes=nodes, device=device)
    from narrows.core.processes import together
    from narrows.data.recordings.write import starts
    from narrows.data.writers import check_target, write_codes
    from narrows.tasks.shared_encoding import encode_together

    check_target(out, data)
    warn_of_missing(loaded, found, quiet)
    if together().alone:
        codes = loaded.encode(found.source)
        write_codes(codes, out, found.ids, {**starts(found), **loaded.poses(found.source)})
    else:
        encode_together(loaded, found, out, together())
    n, latent_dim = len(found), loaded.model.code_size
    return Result(
        {"out": str(out), "n": n, "latent_dim": latent_dim, "pose": list(loaded.model.pose_names)},
        f"{n:,} codes of {latent_dim} latent dimensions: {out}",
    )


Impute = Annotated[
    bool, typer.Option("--impute", help="keep the cells that are there and fill in the missing ones only")
]


def reconstruct(
    run: RunArgument,
    data: DataArgument,
    out: Output,
    impute: Impute = False,
    nodes: Nodes = None,
    device: Device = "auto",
    quiet: Quiet = False,
) -> Result:
    """Write the reconstruction of each example of DATA, in its own shape and type."""
    loaded, found = open_both(
        run, data, quiet, "Reconstructions", keep_texts=True, nodes=nodes, device=device
    )
    from narrows.data.writers import check_target

    check_target(out, data)
    if not impute:
        warn_of_missing(loaded, found, quiet)
        warn_of_range(loaded, found, quiet)
    renamed = write_reconstructions(loaded, found, out, impute=impute)
    n = len(found) if found.recordings is None else len(found.recordings)
    text = [f"{n:,} reconstructions: {out}", *said_of(renamed)]
    return Result({"out": str(out), "n": n, **renamed_in(renamed)}, "\n".join(text))


def write_reconstructions(run: Run, data: Data, out: Path, *, impute: bool) -> dict[str, str]:
    """Write the reconstructions: data on disk in pieces, patches as the whole images that they come from.

    Returns:
        The names of files that are not called as their images, by these.
    """
    from narrows.data.recordings.write import write_recordings
    from narrows.data.writers import write_as_came, write_pieces, write_whole
    from narrows.report.sheets import is_sheet, write_shown
    from narrows.tasks.restoration.denoise import reconstructed_images
    from narrows.tasks.restoration.recordings import reconstructed

    use = run.impute if impute else run.reconstruct
    if data.recordings is not None and not is_sheet(run.schema, out):
        write_recordings(reconstructed(run, data, use), data.recordings, out)
    elif data.patches is not None and data.recordings is None and not impute:
        return write_whole(reconstructed_images(run, data), out)
    elif not data.source.in_memory:
        write_pieces(
            ((rows, use(piece)) for rows, piece in data.source.pieces()), data.source.shape, out, data.axes
        )
    elif data.cells and format_of(out) == "csv":
        write_as_came(use(data.array), data, out)
    else:
        made = use(data.array)
        return write_shown(made, run.schema, out, data.ids, data.modes, data.axes, data.numberings)
    return {}
