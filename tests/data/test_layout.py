from __future__ import annotations

from narrows.data.calibration import Axis, letters_of
from narrows.data.layout import of_images, unnamed

Y, X = Axis("Y", 8, 0.5, unit="nm"), Axis("X", 10, 0.5, unit="nm")
T = Axis("T", 6, 2.0, unit="s")


def test_a_stack_keeps_its_axes() -> None:
    assert of_images(6, (8, 10), (T, Y, X)) == (T, Y, X)
    assert of_images(6, (8, 10), (Axis("T", 2), Axis("Z", 3), Y, X))[:2] == (Axis("T", 2), Axis("Z", 3))


def test_enlarged_images_have_smaller_pixels() -> None:
    axes = of_images(1, (16, 20), (Y, X))
    assert [axis.scale for axis in axes] == [0.25, 0.25]
    assert [axis.size for axis in axes] == [16, 20]


def test_axes_that_do_not_fit_are_numbers() -> None:
    assert letters_of(of_images(5, (8, 10, 3), (T, Y, X))) == "TYXS"
    assert of_images(5, (8, 10), (T, Y, X))[0] == Axis("T", 5)
    assert letters_of(of_images(1, (8, 10), ())) == "YX"
    assert [axis.size for axis in unnamed((4, 3))] == [4, 3]


def test_patterns_keep_the_places_of_their_scan() -> None:
    scan = (Axis("Y", 2), Axis("X", 3), Axis("Ky", 8, 0.1, unit="1/nm"), Axis("Kx", 10, 0.1, unit="1/nm"))
    assert of_images(6, (8, 10), scan) == scan
    assert [axis.text for axis in of_images(6, (16, 20), scan)[2:]] == [
        "Ky 16 (0.05 1/nm)",
        "Kx 20 (0.05 1/nm)",
    ]
    assert letters_of(of_images(5, (8, 10), scan)) == "TKyKx"
