from __future__ import annotations

import numpy as np
import pytest

from narrows.data.instruments.attributes import flag, number, text, texts


@pytest.mark.parametrize("value", ["nm", b"nm", np.bytes_(b"nm"), np.array(["nm"], dtype=object)])
def test_texts_of_any_type(value: object) -> None:
    assert text({"units": value}, "units") == "nm"
    assert text({}, "units") == ""


@pytest.mark.parametrize("value", [["y", "x"], np.array([b"y", b"x"]), "y:x"])
def test_several_texts(value: object) -> None:
    assert texts({"axes": value}, "axes") == ["y", "x"]
    assert texts({}, "axes") == []


def test_numbers_and_flags() -> None:
    assert number({"scale": np.array([0.5])}, "scale", 1.0) == 0.5
    assert [number({"scale": value}, "scale", 1.0) for value in (None, "a", np.nan, [])] == [1.0] * 4
    assert (flag({"navigate": np.bool_(True)}, "navigate"), flag({}, "navigate")) == (True, None)
