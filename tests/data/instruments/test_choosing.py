from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.instruments.choosing import DataSet, choose


def sets(**shapes: tuple[int, ...] | None) -> dict[str, DataSet]:
    return {f"/{name}": DataSet(shape, np.dtype("f4")) for name, shape in shapes.items()}


def test_the_only_plausible_one_is_taken() -> None:
    assert choose(sets(x=(5, 4), y=(5,), n=(), none=None), "", "a.h5") == "/x"
    assert choose(sets(y=(5,), n=()), "", "a.h5") == "/y"
    assert choose(sets(x=(5, 4), y=(5, 4)), "", "a.h5", ["/y"]) == "/y"
    assert choose(sets(x=(5, 4), y=(5,)), "/y", "a.h5") == "/y"
    assert choose({"/a/x": DataSet((5, 4), np.dtype("f4")), **sets(y=(5, 4))}, "/a", "a.h5") == "/a/x"


def test_else_the_name_is_asked_for() -> None:
    with pytest.raises(InputError, match=r"2 data sets; say which: a\.h5::/x \(5x4 float32\), a\.h5::/y"):
        choose(sets(x=(5, 4), y=(5, 6)), "", "a.h5")
    with pytest.raises(InputError, match=r"holds no '/z'; it holds /x \(5x4 float32\), /y \(is empty\)"):
        choose(sets(x=(5, 4), y=None), "/z", "a.h5")
    with pytest.raises(InputError, match="it holds no data sets"):
        choose({}, "", "a.h5")


@pytest.mark.parametrize(
    ("dtype", "fault"),
    [([("a", "f4"), ("b", "i4")], "holds records of a, b"), ("S3", "holds text or objects"),
     ("O", "holds text or objects"), ("c8", "is of complex64")],
)  # fmt: skip
def test_what_holds_no_numbers_is_refused(dtype: object, fault: str) -> None:
    bad = {"/t": DataSet((5, 4), np.dtype(dtype))}  # type: ignore[call-overload]
    with pytest.raises(InputError, match=rf"a\.h5::/t {fault}, but real numbers are wanted; /x \(5x4"):
        choose({**bad, **sets(x=(5, 4))}, "/t", "a.h5")
    with pytest.raises(InputError, match=r"a\.h5 holds no numbers to read; it holds /t"):
        choose(bad, "", "a.h5")
