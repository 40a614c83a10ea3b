from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from narrows.core.errors import InputError
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.windows import cut, groups, join
from narrows.fitting.fit import fit


@pytest.mark.parametrize("sizes", [[(10, 13)], [(8, 8), (9, 21), (30, 8), (16, 16)]])
@pytest.mark.parametrize("channels", [(), (3,)])
def test_patches_cover_and_join_again(sizes: list[tuple[int, int]], channels: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (*size, *channels), dtype=np.uint8) for size in sizes]
    pieces, patches = cut(images, [f"{i}.png" for i in range(len(sizes))], ["L"] * len(sizes), 8)
    assert pieces.shape[1:] == (8, 8, *channels)
    for image, again in zip(images, join(pieces, patches), strict=True):
        np.testing.assert_array_equal(again, image)
    assert len(set(patches.ids)) == len(pieces)


def test_overlapping_patches_share_a_group() -> None:
    for size in [(100, 103), (640, 517), (9, 8)]:
        _, patches = cut([np.zeros(size)], ["a"], ["L"], 8)
        belong = groups(patches, 8)
        apart = patches.corners[:, None] - patches.corners[None]
        overlap = (np.abs(apart) < 8).all(axis=2)
        assert (belong[:, None] == belong[None])[overlap].all()
        assert len(np.unique(belong)) > 0.4 * min(120, len(belong))


def test_patches_of_several_images_are_grouped_by_image() -> None:
    _, patches = cut([np.zeros((16, 24))] * 4, list("abcd"), ["L"] * 4, 8)
    assert groups(patches, 8).tolist() == [0] * 6 + [1] * 6 + [2] * 6 + [3] * 6


def test_one_large_image_comes_back_whole(tmp_path: Path) -> None:
    waves = 127 + 100 * np.sin(np.arange(150) / 5)[:, None] * np.cos(np.arange(170) / 7)
    Image.fromarray(waves.astype(np.uint8)).save("large.png")
    np.save("large.npy", waves.astype(np.uint8))
    for source in ("large.png", "large.npy"):
        data = read(source, Reading(patch=16))
        assert data.patches is not None
        assert data.groups is not None
        run = fit(data, latent_dim=4, overrides={"training": {"epochs": 2}})
        assert (len(data), len(np.unique(data.groups))) == (110, 90), (
            "those that overlap at the edges are one"
        )
        assert run.metrics["held_out"]["groups"] < run.metrics["held_out"]["n"]
        (whole,) = join(run.reconstruct(data.array), data.patches)
        assert whole.shape == (150, 170)
        assert whole.dtype == np.uint8
    with pytest.raises(InputError, match=r"large\.png is 150x170 .* too small for patches of 200x200"):
        read("large.png", Reading(patch=200))
