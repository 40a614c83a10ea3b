import pytest

from narrows.data.reading import Reading


@pytest.mark.parametrize(("axes", "shape", "wanted"), [("NHW", (3, 4, 5), "NHW"), (None, (3, 4), None)])
def test_axes_are_those_that_are_told(axes: str | None, shape: tuple[int, ...], wanted: str | None) -> None:
    assert Reading(axes=axes).axes_for(shape) == wanted
