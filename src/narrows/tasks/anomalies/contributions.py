"""Writes the contributions of columns or pixels to anomaly scores."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from narrows.data.images.folders import ENDINGS
from narrows.data.images.pictures import write_pictures
from narrows.data.schema import Array
from narrows.data.writers import write_array, write_csv
from narrows.tasks.anomalies.survey import Survey


def write_contributions(survey: Survey, folder: Path) -> None:
    """Write contributions of named columns as `contributions.csv`, others as `maps.npy`, into `folder`.

    Flagged images also get a picture each. It is black where a pixel contributes nothing, and white at the
    largest contribution in all images. Patches are put together: each image that they were cut from gets an
    array and a picture.
    """
    schema = survey.run.schema
    if schema.names:
        columns = dict(zip(schema.names, survey.contributions.T, strict=True))
        write_csv(columns, folder / "contributions.csv", survey.ids)
        return
    if survey.heat_maps:
        write_whole_maps(survey, folder)
        return
    maps = survey.contributions.astype(np.float32)
    write_array(maps, folder / "maps.npy")
    if schema.spatial == 2:
        write_maps(survey, maps, folder)


def write_maps(survey: Survey, maps: Array, folder: Path) -> None:
    """Write a picture of each of `maps (n, height, width)` whose image is flagged, on one grey scale."""
    flagged = np.flatnonzero(survey.flagged)
    grey = as_grey(maps[flagged], float(maps.max()))
    names = picture_names(survey.ids)
    for i in np.flatnonzero(~survey.flagged):
        (folder / names[i]).unlink(missing_ok=True)  # of an earlier call with another share
    write_pictures(grey, folder, [names[i] for i in flagged], ())


def write_whole_maps(survey: Survey, folder: Path) -> None:
    """Write the map of each image as an array and as a picture, white from `Survey.bright` on."""
    maps = survey.heat_maps
    names = picture_names([*maps])
    for name, each in zip(names, maps.values(), strict=True):
        write_array(each, (folder / name).with_suffix(".npy"))
        write_pictures(as_grey(each[None], survey.bright), folder, [name], ())


def as_grey(maps: Array, largest: float) -> Array:
    """`maps` as 8-bit pixels, white from `largest` on."""
    return np.rint(255 * np.minimum(maps / max(largest, 1e-30), 1)).astype(np.uint8)


def picture_names(ids: Sequence[str]) -> list[str]:
    """File names of pictures: ids with the ending .png, in place of their own where names stay different.

    >>> picture_names(["a.tif", "b.jpg[0,64]"]), picture_names(["a.tif", "a.jpg"])
    (['a.png', 'b[0,64].png'], ['a.tif.png', 'a.jpg.png'])
    """
    endings = "|".join(re.escape(ending) for ending in ENDINGS)
    bare = [re.sub(rf"(?i)({endings})(?=\[|$)", "", name) for name in ids]
    return [f"{name}.png" for name in (bare if len(set(bare)) == len(bare) else ids)]
