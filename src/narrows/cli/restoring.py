"""The verb that restores damaged images."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from narrows.cli.common import DataArgument, Json, Output, Quiet, RunArgument, opened, say
from narrows.core.errors import InputError

if TYPE_CHECKING:
    from narrows.data.image_files import Images, Whole
    from narrows.tasks.restoration.restore import Restorer, Score


def restore(
    run: RunArgument,
    data: DataArgument,
    out: Output,
    reference: Annotated[
        str | None,
        typer.Option(metavar="DATA", help="the same images whole, in the same order, to compare with"),
    ] = None,
    damage: Annotated[
        bool, typer.Option("--damage", help="DATA are whole: damage them first as in training, and compare")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Colour, remove watermarks, enlarge or fill in the images of DATA: what RUN was trained for."""
    if damage and reference:
        raise InputError("--damage compares with DATA themselves, so that no --reference goes with it.")
    from narrows.data.image_files import read_whole
    from narrows.data.writers import check_target, write_picture, write_whole
    from narrows.tasks.restoration.restore import Restorer, Score

    check_target(out, data)
    loaded, given = opened(run), read_whole(data)
    wanted = read_whole(data) if damage else read_whole(reference) if reference else None
    if wanted is not None and wanted.n != given.n:
        raise InputError(f"{reference} holds {wanted.n:,} images for the {given.n:,} of {data}; one each.")
    restorer = Restorer(loaded, damage=damage)
    score = Score(restorer)
    write_whole(given._replace(each=restored(restorer, given, wanted, score, quiet)), out)
    pictures = Path(f"{out.with_suffix('')}-strip.png")
    write_picture(score.strip(), pictures)
    if restorer.note and wanted is not None and not quiet:
        print(f"narrows: {restorer.note}", file=sys.stderr)
    record = score.record()
    say(
        {"out": str(out), "strip": str(pictures), "n": given.n, **record},
        "\n".join([*told(record), f"{given.n:,} images restored: {out}", str(pictures)]),
        as_json,
    )


def restored(
    restorer: Restorer, given: Images, wanted: Images | None, score: Score, quiet: bool
) -> Iterator[Whole]:
    """Each image restored, after it was told to the score."""
    from narrows.training.progress import counted

    wholes = iter(wanted.each) if wanted else None
    for i, image in enumerate(counted(given.each, given.n, quiet)):
        found = restorer.restore(image.pixels, image.name, i)
        score.add(found, None if wholes is None else next(wholes).pixels)
        yield image._replace(pixels=restorer.image(found.found))


def told(record: dict[str, Any]) -> list[str]:
    """What was found out by comparing, for a person."""
    if not record:
        return []
    rows = {"as it came": record["damaged_psnr"], **record["yardsticks"], "this model": record["psnr"]}
    lines = [f"{n:<16} {'perfect' if v is None else f'{v:.2f} dB'}" for n, v in rows.items()]
    return [*lines, f"SSIM of this model {record['ssim']:.4f}"]
