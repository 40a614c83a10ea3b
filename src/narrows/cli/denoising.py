"""The verb that takes noise away from images."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from narrows.cli.common import DataArgument, Json, Output, Quiet, RunArgument, opened, say
from narrows.core.errors import InputError

if TYPE_CHECKING:
    from narrows.data.image_files import Images, Whole
    from narrows.runs.run import Run
    from narrows.tasks.restoration.denoise import Tally


def denoise(
    run: RunArgument,
    data: DataArgument,
    out: Output,
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="DATA", help="the same images without noise, in the same order, to compare with"
        ),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the images of DATA without their noise: any size, in their own type, names and modes."""
    from narrows.data.image_files import read_whole
    from narrows.data.writers import check_target, write_whole
    from narrows.tasks.restoration.denoise import Tally

    check_target(out, data)
    loaded, noisy = opened(run), read_whole(data)
    clean = None if reference is None else read_whole(reference)
    if clean is not None and clean.n != noisy.n:
        raise InputError(
            f"{reference} holds {clean.n:,} images for the {noisy.n:,} of {data}; wanted is one each."
        )
    tally = Tally(loaded, compare=clean is not None)
    write_whole(noisy._replace(each=denoised(loaded, noisy, clean, tally, quiet)), out)
    if tally.note and not quiet:
        print(f"narrows: {tally.note}", file=sys.stderr)
    record = tally.record()
    say(
        {"out": str(out), "n": noisy.n, **record},
        f"{noisy.n:,} images without noise: {out}\n{told(record)}",
        as_json,
    )


def denoised(run: Run, noisy: Images, clean: Images | None, tally: Tally, quiet: bool) -> Iterator[Whole]:
    """Each image without its noise, after it was told to the tally."""
    from narrows.tasks.restoration.denoise import denoise
    from narrows.training.progress import counted

    wanted = iter(clean.each) if clean else None
    for image in counted(noisy.each, noisy.n, quiet):
        found = denoise(run, image.pixels, image.name)
        tally.add(image.pixels, found, None if wanted is None else next(wanted).pixels)
        yield image._replace(pixels=found)


def told(record: dict[str, Any]) -> str:
    """What was found out about the images, for a person."""
    if "residual" in record:
        mean, whiteness = record["residual"]["mean"], record["residual"]["whiteness"]
        return (
            f"taken away: mean {mean:+.4f} of the range, whiteness {whiteness:.2f} (1 is white noise; less "
            f"where structure went too, or the noise has some)"
        )
    rows = {"noisy": record["noisy_psnr"], **record["yardsticks"], "this model": record["psnr"]}
    lines = [f"{name:<16} {decibels(value)}" for name, value in rows.items()]
    return "\n".join([*lines, f"SSIM of this model {record['ssim']:.4f}; filters at their best strength"])


def decibels(value: float | None) -> str:
    return "perfect" if value is None else f"{value:.2f} dB"
