from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas
import pytest
from PIL import Image

from narrows.core.errors import InputError
from narrows.data.images.pictures import read_picture
from narrows.data.kinds import describe
from narrows.data.readers import read
from narrows.data.writers import check_target, write_examples
from tests.samples import mixed


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_folder_of_images_goes_in_and_out(tmp_path: Path, suffix: str, mode: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name in ("a10", "a2"):
        pixels = rng.integers(0, 256, (7, 5) if mode == "L" else (7, 5, 3), dtype="u1")
        Image.fromarray(pixels).save(folder / f"{name}.{suffix}")
    found = read(folder)
    assert found.ids == (f"a2.{suffix}", f"a10.{suffix}")
    write_examples(found.array, found.schema, tmp_path / "out", found.ids)
    for file in folder.iterdir():
        assert (read_picture(tmp_path / "out" / file.name).pixels == read_picture(file).pixels).all()


def test_images_with_the_channels_first_become_files_of_the_same_pixels(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 256, (2, 3, 7, 5), dtype="u1")
    write_examples(values, describe(values), tmp_path / "out")
    assert (read(tmp_path / "out").array == np.moveaxis(values, 1, -1)).all()


def test_sixteen_bit_images_keep_their_bits(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 2**16, (3, 7, 5), dtype="u2")
    write_examples(values, describe(values), tmp_path / "out")
    again = read(tmp_path / "out")
    assert again.array.dtype == np.uint16
    assert (again.array == values).all()


def test_whole_numbers_stay_whole_where_some_are_missing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("n,x\n1,0.5\n,1.5\n3,2.5\n4,9.5\n")
    data = read("a.csv")
    assert [column.dtype for column in data.schema.columns] == ["int64", "float64"]
    write_examples(np.where(np.isnan(data.array), 2.0, data.array), data.schema, Path("b.csv"))
    assert Path("b.csv").read_text().split() == ["n,x", "1,0.5", "2,1.5", "3,2.5", "4,9.5"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files_come_back_as_they_were(ending: str, tmp_path: Path) -> None:
    frame = mixed(80)
    frame.to_csv("in.csv", index=False) if ending == "csv" else frame.to_parquet("in.parquet")
    data = read(f"in.{ending}")
    write_examples(data.array, data.schema, Path(f"out.{ending}"))
    if ending == "csv":
        again, first = pandas.read_csv("out.csv"), pandas.read_csv("in.csv")
    else:
        again, first = pandas.read_parquet("out.parquet"), pandas.read_parquet("in.parquet")
    pandas.testing.assert_frame_equal(again, first)
    with pytest.raises(InputError, match=r"wanted is \.csv or \.parquet\."):
        write_examples(data.array, data.schema, Path("out.npy"))


def grey(file: Path, value: int, size: tuple[int, int] = (6, 5)) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full(size, value, "u1")).save(file)


def test_what_was_read_is_not_written_over(tmp_path: Path) -> None:
    for i in range(3):
        grey(tmp_path / f"in/{i}.png", i)
    one, many = str(tmp_path / "in/1.png"), str(tmp_path / "in/*.png")
    for target, source in ((tmp_path / "in", one), (tmp_path / "in", many), (tmp_path / "in/1.png", many)):
        with pytest.raises(InputError, match="is the input"):
            check_target(target, source)
    check_target(tmp_path / "in/codes.csv", many)
    check_target(tmp_path / "in/new", many)
