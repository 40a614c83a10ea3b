"""The verb that removes noise from images and sequences: denoise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from narrows.cli.commands import Result, tell
from narrows.cli.inputs import open_reference, open_run, read_data, reading_for, warn, warn_of_whole
from narrows.cli.names import renamed_in, said_of
from narrows.cli.options import DataArgument, Device, Output, Quiet, Reference, RunArgument
from narrows.cli.parsing import parse_target
from narrows.core.errors import InputError

if TYPE_CHECKING:
    from narrows.data.images.files import Images, Whole
    from narrows.evaluation.out_of_range import RangeCheck
    from narrows.evaluation.rounding import RoundingCheck
    from narrows.runs.run import Run
    from narrows.tasks.restoration.denoise import DenoisingQuality

    Measures = tuple[DenoisingQuality, RangeCheck, RoundingCheck]


Uncertainty = Annotated[
    Path | None,
    typer.Option(
        parser=parse_target,
        metavar="FILE|FOLDER",
        help="write how much each pixel changes when the image is turned",
    ),
]


def denoise(
    run: RunArgument,
    data: DataArgument,
    out: Output,
    reference: Reference = None,
    uncertainty: Uncertainty = None,
    device: Device = "auto",
    quiet: Quiet = False,
) -> Result:
    """Remove noise from the images or sequences of DATA, of any size; their type, names and modes stay."""
    from narrows.data.writers import check_target

    check_target(out, data)
    loaded = open_run(run, "Denoised examples", device)
    if not loaded.schema.over_time:
        return denoise_images(loaded, data, out, reference, uncertainty, quiet)
    if uncertainty is not None:
        raise InputError("The uncertainty is that of turned images; leave --uncertainty out for sequences.")
    return denoise_sequences(loaded, data, out, reference, quiet)


def denoise_images(
    loaded: Run, data: str, out: Path, reference: str | None, uncertainty: Path | None, quiet: bool
) -> Result:
    """Write the images at `data` without their noise."""
    from narrows.data.images.files import read_whole
    from narrows.data.writers import write_whole
    from narrows.evaluation.out_of_range import RangeCheck
    from narrows.evaluation.rounding import RoundingCheck
    from narrows.tasks.restoration.denoise import DenoisingQuality, check_of_images

    check_of_images(loaded)
    how = reading_for(loaded)
    noisy = read_whole(data, how)
    clean = open_reference(reference, data, noisy.n, how)
    quality = DenoisingQuality(loaded, compare=clean is not None)
    ranges, rounding = RangeCheck(loaded), RoundingCheck()
    each = denoised(loaded, noisy, clean, (quality, ranges, rounding), quiet)
    renamed = write_whole(noisy._replace(each=each), out)
    warn_of_whole(noisy, quiet)
    warn(ranges.finding, quiet)
    warn(rounding.finding, quiet)
    if quality.note:
        tell(f"narrows: {quality.note}", quiet)
    record = {**quality.record(), **renamed_in(renamed)}
    text = [f"{noisy.n:,} images denoised: {out}", *said_of(renamed), *described(record)]
    if uncertainty is not None:
        record["uncertainty"] = write_uncertainty(loaded, read_whole(data, how), uncertainty)
        text.append(described_uncertainty(record["uncertainty"]))
    return Result({"out": str(out), "n": noisy.n, **record}, "\n".join(text))


def write_uncertainty(loaded: Run, noisy: Images, out: Path) -> dict[str, Any]:
    """Write the uncertainty of each denoised image as floats, and describe it as shares of the range."""
    import numpy as np

    from narrows.data.writers import write_whole
    from narrows.tasks.restoration.uncertainty import spread

    span = float(loaded.scaling.ceiling) - float(loaded.scaling.floor) or 1.0
    means, most = [], []

    def each() -> Iterator[Whole]:
        for image in noisy.each:
            std = spread(loaded, image.pixels, image.name).std.astype(np.float32)
            means.append(float(std.mean()) / span)
            most.append(float(std.max()) / span)
            pixels = std.reshape(image.pixels.shape) if len(std) == 1 else np.moveaxis(std, 0, -1)
            yield image._replace(pixels=pixels, mode="")

    write_whole(noisy._replace(each=each()), out)
    return {"out": str(out), "mean": float(np.mean(means)), "most": max(most)}


def described_uncertainty(record: dict[str, Any]) -> str:
    """The uncertainty in words."""
    from narrows.tasks.restoration.uncertainty import MEANING

    return (
        f"uncertainty: {record['mean']:.4f} of the range in the mean, {record['most']:.4f} at the most "
        f"({MEANING}): {record['out']}"
    )


def denoise_sequences(loaded: Run, data: str, out: Path, reference: str | None, quiet: bool) -> Result:
    """Write the sequences at `data` without their noise."""
    from narrows.cli.codes import write_reconstructions
    from narrows.tasks.restoration.recordings import SequenceQuality, reconstructed, sequences

    noisy = read_data(data, reading_for(loaded), quiet)
    clean = None if reference is None else sequences(read_data(reference, reading_for(loaded), quiet))
    came, made, quality = sequences(noisy), reconstructed(loaded, noisy), SequenceQuality(loaded)
    if clean is not None and [len(each) for each in clean] != [len(each) for each in came]:
        raise InputError(f"{reference} holds sequences of other lengths than {data}; wanted is one for each.")
    for i, (before, after) in enumerate(zip(came, made, strict=True)):
        quality.add(before, after, None if clean is None else clean[i])
    write_reconstructions(loaded, noisy, out, impute=False)
    record = quality.record()
    text = [f"{len(made):,} sequences denoised: {out}", *described_sequences(record)]
    return Result({"out": str(out), "n": len(made), **record}, "\n".join(text))


def described_sequences(record: dict[str, Any]) -> list[str]:
    """How good the result is, or what was removed, for a person."""
    if "residual" in record:
        return [removed(record["residual"], "standard deviations")]
    rows = {"noisy": record["noisy_error"], **record["yardsticks"], "this model": record["error"]}
    lines = [f"{name:<16} {value:.4f}" for name, value in rows.items()]
    return ["mean squared error, in variances of a channel (smoothing at its best width):", *lines]


def denoised(
    run: Run, noisy: Images, clean: Images | None, measures: Measures, quiet: bool
) -> Iterator[Whole]:
    """Each image without its noise, after it has been measured."""
    from narrows.tasks.restoration.denoise import denoise
    from narrows.training.progress import counted

    quality, ranges, rounding = measures
    references = iter(clean.each) if clean else None
    for image in counted(noisy.each, noisy.n, "images", quiet=quiet):
        made = denoise(run, image.pixels, image.name)
        ranges.add_as_came(image.pixels, made, image.name)
        rounding.add(image.pixels, made)
        quality.add(image.pixels, made, None if references is None else next(references).pixels)
        yield image._replace(pixels=made)


def described(record: dict[str, Any]) -> list[str]:
    """How good the result is, or what was removed, for a person."""
    if "residual" in record:
        return [removed(record["residual"], "of the range"), *record["residual"]["sentences"]]
    rows = {"noisy": record["noisy_psnr"], **record["yardsticks"], "this model": record["psnr"]}
    lines = [f"{name:<16} {decibels(value)}" for name, value in rows.items()]
    return [*lines, f"SSIM of this model {record['ssim']:.4f}; filters at their best strength"]


def removed(residual: dict[str, float], unit: str) -> str:
    """What was removed, in words; the mean is in a `unit`."""
    return (
        f"removed: mean {residual['mean']:+.4f} {unit}, whiteness {residual['whiteness']:.2f} (1 is white "
        f"noise; less where structure was removed too, or the noise is correlated)"
    )


def decibels(value: float | None) -> str:
    """A PSNR in words; None stands for equal images."""
    return "perfect" if value is None else f"{value:.2f} dB"
