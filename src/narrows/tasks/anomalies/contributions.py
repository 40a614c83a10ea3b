"""Writes the contributions of columns or pixels to anomaly scores."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from narrows.data.images.folders import ENDINGS
from narrows.data.images.picture_writing import write_pictures
from narrows.data.schema import Array
from narrows.data.writers import write_array, write_csv
from narrows.tasks.anomalies.pixel_survey import ImageScores, PixelSurvey
from narrows.tasks.anomalies.survey import Survey


def write_contributions(survey: Survey, folder: Path) -> None:
    """Write contributions of named columns as `contributions.csv`, others as `maps.npy`, into `folder`.

    Flagged images also get a picture each. It is black where a pixel contributes nothing, and white at the
    largest contribution in all images. Of patches, each image that they were cut from gets an array and a
    picture of the scores of its pixels, and `positions.csv` says where they are the highest.
    """
    schema = survey.run.schema
    if schema.names:
        columns = dict(zip(schema.names, survey.contributions.T, strict=True))
        write_csv(columns, folder / "contributions.csv", survey.ids)
        return
    if survey.pixels is not None:
        write_pixel_scores(survey.pixels, folder)
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


def write_pixel_scores(survey: PixelSurvey, folder: Path) -> None:
    """Write the scores of each image as an array and as a picture, and the places found in all.

    A picture is white from twice the threshold on.
    """
    assert survey.data.patches is not None
    names = dict(zip(survey.data.patches.names, picture_names(survey.data.patches.names), strict=True))

    def write(one: ImageScores) -> None:
        write_array(one.scores, (folder / names[one.name]).with_suffix(".npy"))
        write_pictures(as_grey(one.scores[None], 2 * survey.threshold), folder, [names[one.name]], ())

    write_csv(positions(survey.measure(write)), folder / "positions.csv")


def positions(found: Sequence[ImageScores]) -> dict[str, Array]:
    """The places found in images, as columns."""
    y, x = np.concatenate([each.places for each in found]).T
    names = np.array([each.name for each in found], dtype=object)
    return {
        "image": np.repeat(names, [len(each.places) for each in found]),
        "y": y,
        "x": x,
        "score": np.round(np.concatenate([each.peaks for each in found]), 4),
        "brighter": np.concatenate([each.brighter for each in found]).astype(np.int64),
    }


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
