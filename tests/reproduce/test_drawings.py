from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from narrows.reproduce.drawings import GAP, architecture, lines, picture, scatters, strip, tile, wall
from narrows.runs.run import Run


def pixels(html: str) -> list[np.ndarray]:
    """The pictures in a piece of a page."""
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(text)))) for text in found]


def test_images_are_laid_out_row_by_row_on_white() -> None:
    images = np.stack([np.full((3, 4), k / 10) for k in range(5)])
    sheet = tile(images, 2)
    assert sheet.shape == (3 * 3 + 2 * GAP, 2 * 4 + GAP)
    for k in range(5):
        top, left = k // 2 * (3 + GAP), k % 2 * (4 + GAP)
        assert (sheet[top : top + 3, left : left + 4] == k / 10).all()
    assert (sheet[3 : 3 + GAP] == 1).all()
    assert (sheet[-3:, 4 + GAP :] == 1).all(), "no sixth image"


def test_grey_is_cut_to_the_range_and_rounded() -> None:
    (found,) = pixels(picture(np.array([[-1.0, 0.0, 0.5, 1.0, 2.0]]), "a", 3))
    assert found.tolist() == [[0, 0, 128, 255, 255]]
    assert 'width="15"' in picture(np.zeros((2, 5)), "a", 3)


def test_a_strip_has_a_row_for_each_name() -> None:
    figure = strip({"Original": np.zeros((3, 4, 4)), "Noisy": np.ones((3, 4, 4))}, "What is seen.")
    assert re.findall(r'scope="row">(\w+)<', figure.html) == ["Original", "Noisy"]
    assert [image.shape for image in pixels(figure.html)] == [(4, 12 + 2 * GAP)] * 2
    assert figure.caption == "What is seen."
    assert pixels(wall(np.zeros((6, 4, 4)), 3, "Six.").html)[0].shape == (8 + GAP, 12 + 2 * GAP)


@pytest.mark.parametrize("log", [False, True])
def test_curves_have_their_names_and_axes(log: bool) -> None:
    figure = lines(
        [1, 10, 100],
        {"one": [3, 2, 1], "two": [1, 2, 4]},
        "c",
        across="steps",
        up="cost",
        log_x=log,
        log_y=log,
    )
    for word in ("one", "two", "steps", "cost"):
        assert f">{word}<" in figure.html
    many = lines(range(101, 113), {"one": range(12)}, "c", across="steps", up="cost", log_x=True).html
    assert [n for n in range(101, 113) if f">{n}<" in many] == [101, 103, 105, 107, 109, 111]
    alone = lines([1, 2], {"one": [3, 2]}, "c", across="steps", up="cost")
    assert ">one<" not in alone.html, "a single curve needs no legend"


def test_every_label_has_a_colour_in_the_legend() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3 + 4
    figure = scatters({"left": (rng.random((60, 2)), labels), "right": (rng.random((60, 2)), labels)}, "c")
    for word in ("left", "right", "4", "5", "6"):
        assert f">{word}<" in figure.html


def test_the_shapes_stand_in_order(digits_run: Run) -> None:
    assert "1×8×8 → 256 → 128 → 4 → 128 → 256 → 1×8×8" in architecture(digits_run).html


def test_colours_are_kept(rng: np.random.Generator) -> None:
    images = rng.random((3, 5, 4, 3))
    (sheet,) = pixels(strip({"a": images}, "c").html)
    assert sheet.shape == (5, 3 * 4 + 2 * 2, 3)
    np.testing.assert_array_equal(sheet[:, :4], (255 * images[0]).round())
