from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from narrows.core.errors import InputError
from narrows.data.pair_reading import read_pairs
from narrows.data.reading import INFERRED, Reading
from tests.samples import shapes

RNG = np.random.default_rng(0)


def folder(path: Path, images: dict[str, Any]) -> str:
    path.mkdir()
    for name, image in images.items():
        Image.fromarray(image).save(path / name)
    return str(path)


def some(n: int, *size: int) -> list[Any]:
    return [RNG.integers(0, 256, size, dtype=np.uint8) for _ in range(n)]


def test_patches_of_images_of_any_size_are_cut_at_the_same_places(tmp_path: Path) -> None:
    sizes = {"a.png": (40, 30), "b.png": (33, 64), "c.png": (32, 32)}
    clean = {name: some(1, *size)[0] for name, size in sizes.items()}
    noisy = {name: 255 - image for name, image in clean.items()}
    how = Reading(patch=16)
    found = read_pairs(folder(tmp_path / "low", noisy), folder(tmp_path / "high", clean), how)
    assert found.noisy is not None
    np.testing.assert_array_equal(found.noisy, 255 - found.array)
    assert found.name == "low"
    assert found.patches is not None
    assert found.patches.names == ("a.png", "b.png", "c.png")


def test_files_belong_together_by_their_names_or_in_order(tmp_path: Path) -> None:
    images = some(4, 8, 8)
    low = folder(tmp_path / "low", {f"{i}.png": image for i, image in enumerate(images)})
    other = folder(tmp_path / "other", {f"{i}.bmp": 255 - image for i, image in enumerate(images)})
    assert "in order" not in " ".join(read_pairs(low, other, Reading()).notes)
    named = folder(tmp_path / "named", {f"{i}-clean.png": 255 - image for i, image in enumerate(images)})
    assert "paired in order, the first is 0 with 0-clean" in " ".join(read_pairs(low, named, Reading()).notes)
    mixed = folder(tmp_path / "mixed", {f"{i + 1}.png": 255 - image for i, image in enumerate(images)})
    with pytest.raises(InputError, match=r"names of low and of its target mixed .* 0, 4 has no partner"):
        read_pairs(low, mixed, Reading())


def test_what_does_not_match_is_said_in_one_sentence(tmp_path: Path) -> None:
    images = shapes(24, 24, 6).astype(np.float32)
    for name, array in {
        "noisy": images + 0.1,
        "clean": images,
        "five": images[:5],
        "small": images[:, :20],
        "double": images.astype(np.float64),
        "bytes": (255 * images).astype(np.uint8),
        "table": images[:, 0],
        "colours": np.stack([images] * 3, axis=-1),
    }.items():
        np.save(tmp_path / f"{name}.npy", array)

    def pair(noisy: str, clean: str, how: Reading = INFERRED) -> Any:
        return read_pairs(str(tmp_path / f"{noisy}.npy"), str(tmp_path / f"{clean}.npy"), how)

    for clean, patch, said in (
        ("five", None, "noisy needs a target of its size, but it holds 6 and five 5"),
        ("small", None, "number 0 is 24x24 and its target 20x24"),
        ("small", 12, "noisy-0 is 24x24 and its target 20x24"),
        ("colours", 12, "its patches are 12x12 and those of its target 12x12x3"),
        ("bytes", None, "noisy is of float32 and its target bytes of uint8"),
        ("table", None, "noisy is read as images, but its target table as table"),
        ("noisy", None, "noisy images and their targets are equal"),
    ):
        with pytest.raises(InputError, match=said):
            pair("noisy", clean, Reading(patch=patch))
    assert pair("noisy", "double").noisy.dtype == np.float32
    with pytest.raises(InputError, match="--test names noisy data without their targets"):
        pair("noisy", "clean", Reading(test="clean.npy"))


def test_pairs_of_tables_have_the_same_columns_and_words(tmp_path: Path) -> None:
    clean = pd.DataFrame({"a": RNG.normal(size=30), "b": np.where(RNG.random(30) < 0.5, "x", "y")})
    clean.to_csv(tmp_path / "clean.csv", index=False)
    clean.assign(a=clean.a + 1)[["b", "a"]].to_csv(tmp_path / "noisy.csv", index=False)
    found = read_pairs(str(tmp_path / "noisy.csv"), str(tmp_path / "clean.csv"), Reading())
    assert found.noisy is not None
    np.testing.assert_allclose(found.noisy, found.array + np.array([1, 0]))
    clean.assign(c=1.0 * np.arange(30)).to_csv(tmp_path / "more.csv", index=False)
    with pytest.raises(InputError, match="noisy and more differ in c; give both the same"):
        read_pairs(str(tmp_path / "noisy.csv"), str(tmp_path / "more.csv"), Reading())
