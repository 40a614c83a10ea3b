"""Which files of a folder are read, and what is said about the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from narrows.core.errors import InputError
from narrows.data.images.folders import image_files, in_order
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.summary import summarise

RNG = np.random.default_rng(0)


def image(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(RNG.integers(0, 256, (6, 5, 3), dtype="u1")).save(file)


def test_all_formats_of_a_folder_are_read(tmp_path: Path) -> None:
    for name in ("1.png", "2.webp", "3.bmp", "4.JPG", "5.tiff"):
        image(tmp_path / name)
    assert read(tmp_path).ids == ("1.png", "2.webp", "3.bmp", "4.JPG", "5.tiff")


def test_images_that_are_not_read_are_named_and_other_files_noted(tmp_path: Path) -> None:
    for name in ("1.png", "2.png", "a.gif", "b.gif", ".hidden.gif"):
        image(tmp_path / name)
    (tmp_path / "labels.csv").write_text("1,2\n")
    data = read(tmp_path)
    assert len(data) == 2
    (warning,) = summarise(data)["warnings"]
    assert "2 images (a.gif, b.gif), whose format is not read" in warning
    assert "1 file (labels.csv), which hold no images" in " ".join(data.notes)


def test_folders_beside_images_are_left_out_and_named(tmp_path: Path) -> None:
    image(tmp_path / "1.png")
    image(tmp_path / "masks" / "1.png")
    (tmp_path / "notes").mkdir()
    data = read(tmp_path)
    assert data.ids == ("1.png",)
    assert data.labels is None
    assert "the images in 1 folder (masks)" in data.warnings[0]
    assert len(read(f"{tmp_path}/**/*.png")) == 2


def test_folders_of_classes_are_read_with_labels(tmp_path: Path) -> None:
    for name in ("cats/1.png", "cats/2.png", "dogs/old/1.png", ".trash/1.png", "__MACOSX/1.png"):
        image(tmp_path / name)
    data = read(tmp_path)
    assert data.ids == ("cats/1.png", "cats/2.png", "dogs/old/1.png")
    assert data.labels is not None
    assert data.labels.tolist() == ["cats", "cats", "dogs/old"]
    assert "The labels are the 2 folders: cats, dogs/old." in data.notes


def test_a_single_folder_in_a_folder_is_no_label(tmp_path: Path) -> None:
    image(tmp_path / "images" / "1.png")
    assert read(tmp_path).labels is None


@pytest.mark.parametrize("pattern", ["scans [2023]/*.png", "scans [2023]/a[1]_*.png", "scans*/a[[]1]_*.png"])
def test_brackets_may_be_part_of_a_name(pattern: str, tmp_path: Path) -> None:
    for i in range(3):
        image(tmp_path / "scans [2023]" / f"a[1]_{i}.png")
    assert len(read(str(tmp_path / pattern))) == 3
    assert len(read(str(tmp_path / "scans [2023]"))) == 3


def test_brackets_are_a_pattern_where_it_matches(tmp_path: Path) -> None:
    for name in ("a1.png", "a2.png", "a3.png"):
        image(tmp_path / name)
    assert read(str(tmp_path / "a[12].png")).ids == ("a1.png", "a2.png")


def test_a_pattern_may_begin_in_a_folder_above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("photos", "here"):
        (tmp_path / folder).mkdir()
    Image.new("L", (4, 4)).save(tmp_path / "photos/a.png")
    monkeypatch.chdir(tmp_path / "here")
    found = image_files("../photos/*.png")
    assert found is not None
    assert [file.name for file in found.files] == ["a.png"]


def test_a_folder_without_images_says_what_it_holds(tmp_path: Path) -> None:
    for i in range(3):
        (tmp_path / f"{i}.npy").write_text("")
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(
        InputError, match=r"holds no images .*, but 3 \.npy, 1 \.txt; give one file that holds all"
    ):
        read(tmp_path)
    assert image_files(str(tmp_path)) is None


def test_links_to_nothing_are_named(tmp_path: Path) -> None:
    image(tmp_path / "1.png")
    (tmp_path / "2.png").symlink_to(tmp_path / "moved.png")
    found = read(tmp_path)
    assert (len(found), found.warnings[0].partition(";")[0]) == (
        1,
        f"Left out of {tmp_path.name}: 1 link (2.png), whose targets do not exist",
    )
    (tmp_path / "1.png").unlink()
    with pytest.raises(InputError, match="but 1 link to nothing"):
        read(tmp_path)


def test_linked_folders_are_read_once(tmp_path: Path) -> None:
    for name in ("store/a/1.png", "store/b/2.png"):
        image(tmp_path / name)
    data = tmp_path / "data"
    data.mkdir()
    for name in "ab":
        (data / name).symlink_to(tmp_path / "store" / name)
    (tmp_path / "store" / "a" / "up").symlink_to(data)
    assert read(data).ids == ("a/1.png", "b/2.png")


def test_warnings_of_the_test_part_stand_beside_those_of_the_data(tmp_path: Path) -> None:
    for name in ("a/1.png", "a/2.gif", "b/1.png", "b/3.gif"):
        image(tmp_path / name)
    data = read(tmp_path / "a", Reading(test=str(tmp_path / "b")))
    assert ["(2.gif)" in text or "(3.gif)" in text for text in data.warnings] == [True, True]


def test_natural_order() -> None:
    assert [*in_order([Path("x/a10.png"), Path("x/a2.png")])] == ["a2.png", "a10.png"]


def test_the_parts_of_a_split_are_read_as_one_with_a_warning(tmp_path: Path) -> None:
    for name in ("train/cat/1.png", "train/dog/1.png", "test/cat/2.png"):
        image(tmp_path / name)
    data = read(tmp_path)
    assert len(data) == 3
    assert f"{tmp_path.name}/train --test {tmp_path.name}/test" in data.warnings[0]
    assert read(tmp_path / "train").warnings == ()
