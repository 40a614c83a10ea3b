"""Writes what each column or pixel adds to the scores of anomalies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from narrows.data.pictures import ENDINGS, write_pictures
from narrows.data.schema import Array
from narrows.data.writers import write_array, write_csv
from narrows.tasks.anomalies.survey import Survey


def write_contributions(found: Survey, folder: Path) -> None:
    """What each column adds to the scores as `contributions.csv`; of parts without names as `maps.npy`.

    Images that were flagged also have a picture each. It is black where a pixel adds nothing, and white where
    it adds most of all in all images.
    """
    schema = found.run.schema
    if schema.names:
        columns = dict(zip(schema.names, found.contributions.T, strict=True))
        write_csv(columns, folder / "contributions.csv", found.ids)
        return
    maps = found.contributions.astype(np.float32)
    write_array(maps, folder / "maps.npy")
    if schema.spatial == 2:
        write_maps(found, maps, folder)


def write_maps(found: Survey, maps: Array, folder: Path) -> None:
    """A picture of each of `maps (n, height, width)` whose image is flagged, all on one grey scale."""
    flagged = np.flatnonzero(found.flagged)
    grey = np.rint(255 * maps[flagged] / max(float(maps.max()), 1e-30)).astype(np.uint8)
    names = pictures_of(found.ids)
    for i in np.flatnonzero(~found.flagged):
        (folder / names[i]).unlink(missing_ok=True)  # of an earlier call, with another share
    write_pictures(grey, folder, [names[i] for i in flagged], ())


def pictures_of(ids: Sequence[str]) -> list[str]:
    """A name for a picture of each image: its own with another ending, or after it where that is no other's.

    >>> pictures_of(["a.tif", "b.jpg[0,64]"]), pictures_of(["a.tif", "a.jpg"])
    (['a.png', 'b[0,64].png'], ['a.tif.png', 'a.jpg.png'])
    """
    endings = "|".join(re.escape(ending) for ending in ENDINGS)
    bare = [re.sub(rf"(?i)({endings})(?=\[|$)", "", name) for name in ids]
    return [f"{name}.png" for name in (bare if len(set(bare)) == len(bare) else ids)]
