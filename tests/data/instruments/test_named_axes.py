from __future__ import annotations

import numpy as np
import pytest

from narrows.data.calibration import letters_of
from narrows.data.instruments.named_axes import NamedAxis, axes_of, evenly, unit_of


def letters(names: str, units: str = "", navigates: tuple[bool | None, ...] = ()) -> str:
    each = names.split(",")
    of = units.split(",") if units else [""] * len(each)
    there = navigates or (None,) * len(each)
    named = [NamedAxis(n, 5, unit=u, navigates=v) for n, u, v in zip(each, of, there, strict=True)]
    return letters_of(axes_of(named))


@pytest.mark.parametrize(
    ("names", "units", "expected"),
    [("time,Height,Width", "", "TYX"), ("y,x,Energy loss", "nm,nm,eV", "YXE"), ("a,b,c", ",,keV", "YXE"),
     ("y,x,y,x", "nm,nm,1/nm,1/nm", "YXKyKx"), ("Ry,Rx,Qy,Qx", "", "YXKyKx"), (",,", "", "TYX"),
     ("c,y,x", "", "CYX"), ("x,y", "mrad,mrad", "KxKy"), ("x,x,x", "", "TYX")],
)  # fmt: skip
def test_letters_by_names_and_units(names: str, units: str, expected: str) -> None:
    assert letters(names, units) == expected


def test_letters_by_what_navigates() -> None:
    assert letters("y,x,y,x", "", (True, True, False, False)) == "YXKyKx"
    assert letters(",,,", "", (True, True, False, False)) == "YXKyKx"
    assert letters(",,", "", (True, True, False)) == "YXE"
    assert letters(",,", "", (True, False, False)) == "TYX"
    assert letters(",", "", (True, False)) == "XE"
    assert letters(",", "", (False, False)) == "YX"


def test_no_letter_comes_twice() -> None:
    for n in range(1, 9):
        for name in ("x", "energy", "ky", ""):
            found = [axis.letter for axis in axes_of([NamedAxis(name, 3)] * n)]
            assert len(set(found)) == n


def test_steps_of_values() -> None:
    axis = evenly(np.array([1.0, 1.5, 2.0]), "x", "nm")
    assert (axis.size, axis.scale, axis.offset) == (3, 0.5, 1.0)
    assert evenly(np.array(["a", "b"]), "c", "").scale == 1.0
    assert unit_of("μm") == unit_of("um") == "µm"
