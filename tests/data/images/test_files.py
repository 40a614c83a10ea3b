from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from narrows.data.images.files import read_whole
from narrows.data.images.picture_writing import write_pictures
from narrows.data.readers import read


def grey(file: Path, value: int, size: tuple[int, int] = (6, 5)) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full(size, value, "u1")).save(file)


def test_images_of_the_same_name_in_several_folders_are_several(tmp_path: Path) -> None:
    for i, name in enumerate(("b/1.png", "a/10.png", "a/2.png", "a/1.png")):
        grey(tmp_path / name, i)
    found = read(str(tmp_path / "*/*.png"))
    assert found.ids == ("a/1.png", "a/2.png", "a/10.png", "b/1.png")
    write_pictures(found.array, tmp_path / "back", found.ids, found.modes)
    again = read(str(tmp_path / "back/*/*.png"))
    np.testing.assert_array_equal(again.array, found.array)
    assert [whole.name for whole in read_whole(str(tmp_path / "[ab]/*.png")).each] == list(found.ids)
