from __future__ import annotations

import pytest

from narrows.core.errors import InputError
from narrows.data.scan_axes import check_number, is_scan, parse_scan_axes


@pytest.mark.parametrize(
    ("text", "places", "signal"),
    [
        ("YX|KyKx", (0, 1), (2, 3)),
        ("YX|E", (0, 1), (2,)),
        ("X|E", (0,), (1,)),
        ("TYX|E", (0, 1, 2), (3,)),
        ("EYX", (1, 2), (0,)),
        ("KyKxYX", (2, 3), (0, 1)),
        ("yx|ab", (0, 1), (2, 3)),
    ],
)
def test_places_and_signal_are_told_apart(
    text: str, places: tuple[int, ...], signal: tuple[int, ...]
) -> None:
    assert is_scan(text)
    found = parse_scan_axes(text)
    assert (found.places, found.signal) == (places, signal)
    assert parse_scan_axes(found.text) == found


@pytest.mark.parametrize("text", ["YX|", "|E", "YX|E|E", "YX|KyKxE", "YY|E", "Y1|E", "E", "KyKxE"])
def test_letters_without_places_or_signal_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="The axes of a scan are its places"):
        parse_scan_axes(text)


@pytest.mark.parametrize("text", ["TYX", "NCHW", "YXF", None])
def test_axes_of_images_and_tables_are_no_scan(text: str | None) -> None:
    assert not is_scan(text)


def test_another_number_of_axes_is_refused() -> None:
    with pytest.raises(InputError, match=r"The axes YX\|E are 3, but a has the shape 4x5"):
        check_number(parse_scan_axes("YX|E"), (4, 5), "a")
