"""What is written of the contributions to anomaly scores: a table, maps, pictures."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas
from PIL import Image

from narrows.tasks.anomalies.contributions import picture_names, write_contributions


def survey(contributions: np.ndarray, names: tuple[str, ...] = (), spatial: int = 0) -> Any:
    """Three rows, the second of which is flagged."""
    return SimpleNamespace(
        run=SimpleNamespace(schema=SimpleNamespace(names=names, spatial=spatial)),
        contributions=contributions,
        flagged=np.array([False, True, False]),
        ids=("a.tif", "b.tif", "c.tif"),
        pixels=None,
    )


def test_contributions_of_columns_are_a_table_with_their_names(tmp_path: Path) -> None:
    made = np.arange(6.0).reshape(3, 2)
    write_contributions(survey(made, ("x", "y")), tmp_path)
    written = pandas.read_csv(tmp_path / "contributions.csv")
    assert [*written] == ["id", "x", "y"]
    assert (written[["x", "y"]].to_numpy() == made).all()
    assert written["id"].tolist() == ["a.tif", "b.tif", "c.tif"]


def test_contributions_of_pixels_are_maps_and_picture_names_flagged_images(tmp_path: Path) -> None:
    made = np.random.default_rng(0).random((3, 4, 5))
    made[2, 0, 0] = 2.0
    (tmp_path / "a.png").touch()
    write_contributions(survey(made, spatial=2), tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["b.png", "maps.npy"]
    np.testing.assert_array_equal(np.load(tmp_path / "maps.npy"), made.astype(np.float32))
    grey = np.asarray(Image.open(tmp_path / "b.png"))
    np.testing.assert_array_equal(grey, np.rint(255 * made[1] / 2.0))


def test_contributions_of_parts_that_are_no_pixels_are_an_array_alone(tmp_path: Path) -> None:
    for spatial in (0, 1, 3):
        made = np.random.default_rng(spatial).random((3, 4, 5, 6)[: spatial + 1])
        write_contributions(survey(made, spatial=spatial), tmp_path)
        assert [file.name for file in tmp_path.iterdir()] == ["maps.npy"]
        assert np.load(tmp_path / "maps.npy").shape == made.shape


def test_pictures_are_called_after_the_images() -> None:
    assert picture_names(["a.TIF", "folder/b.jpeg"]) == ["a.png", "folder/b.png"]
    assert picture_names(["7", "8"]) == ["7.png", "8.png"]
    assert picture_names(["a.tif", "a.TIFF"]) == ["a.tif.png", "a.TIFF.png"], "two pictures need two names"
