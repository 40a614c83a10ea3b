"""The verb that restores damaged images: restore."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from narrows.cli.commands import Result, tell
from narrows.cli.denoising import decibels
from narrows.cli.inputs import open_reference, open_run, reading_for, warn, warn_of_whole
from narrows.cli.names import renamed_in, said_of
from narrows.cli.options import DataArgument, Device, Output, Quiet, Reference, RunArgument
from narrows.core.errors import InputError
from narrows.data.formats import is_file_name, without_ending

if TYPE_CHECKING:
    from narrows.data.images.files import Images, Whole
    from narrows.evaluation.out_of_range import RangeCheck
    from narrows.tasks.restoration.restore import RestorationQuality, Restorer

Damage = Annotated[
    bool, typer.Option("--damage", help="DATA are undamaged: damage them first as in training, and compare")
]


def restore(
    run: RunArgument,
    data: DataArgument,
    out: Output,
    reference: Reference = None,
    damage: Damage = False,
    device: Device = "auto",
    quiet: Quiet = False,
) -> Result:
    """Colour, enlarge, inpaint or remove watermarks from the images of DATA, as RUN was trained to."""
    if damage and reference:
        raise InputError("--damage compares with DATA themselves, so that no --reference goes with it.")
    from narrows.data.images.files import read_whole
    from narrows.data.writers import check_target, write_picture, write_whole
    from narrows.evaluation.out_of_range import RangeCheck
    from narrows.tasks.restoration.restore import RestorationQuality, Restorer

    check_target(out, data)
    restorer = Restorer(open_run(run, "Restored examples", device), damage=damage)
    how = reading_for(restorer.run)
    whole = damage or restorer.corruption.same_size
    given = read_whole(data, how if whole else replace(how, resize=None))
    wanted = open_reference(data if damage else reference, data, given.n, how)
    quality, ranges = RestorationQuality(restorer), RangeCheck(restorer.run)
    each = restored(restorer, given, wanted, (quality, ranges), quiet)
    renamed = write_whole(given._replace(each=each), out)
    warn_of_whole(given, quiet)
    warn(ranges.finding, quiet)
    strip = out.with_name(f"{without_ending(out) if is_file_name(out) else out.name}-strip.png")
    write_picture(quality.strip(), strip)
    if restorer.note and wanted is not None:
        tell(f"narrows: {restorer.note}", quiet)
    record = {**quality.record(), **renamed_in(renamed)}
    text = [*described(record), f"{given.n:,} images restored: {out}", *said_of(renamed), str(strip)]
    return Result({"out": str(out), "strip": str(strip), "n": given.n, **record}, "\n".join(text))


def restored(
    restorer: Restorer,
    given: Images,
    wanted: Images | None,
    measures: tuple[RestorationQuality, RangeCheck],
    quiet: bool,
) -> Iterator[Whole]:
    """Each image restored, after it has been measured."""
    from narrows.training.progress import counted

    quality, ranges = measures
    references = iter(wanted.each) if wanted else None
    for i, image in enumerate(counted(given.each, given.n, "images", quiet=quiet)):
        found = restorer.restore(image.pixels, image.name, i)
        ranges.add(restorer.visible(found), found.image, image.name)
        quality.add(found, None if references is None else next(references).pixels)
        mode = image.mode if restorer.corruption.same_channels else ""
        yield image._replace(pixels=restorer.as_came(found, image.pixels.dtype), mode=mode)


def described(record: dict[str, Any]) -> list[str]:
    """How good the result is, for a person; nothing where there was nothing to compare with."""
    if "damaged_psnr" not in record:
        return []
    rows = {"damaged": record["damaged_psnr"], **record["yardsticks"], "this model": record["psnr"]}
    lines = [f"{name:<16} {decibels(value)}" for name, value in rows.items()]
    return lines if record["ssim"] is None else [*lines, f"SSIM of this model {record['ssim']:.4f}"]
