from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.core.registry import check_options, lookup, make, options, within


class Part:
    def __init__(
        self,
        shape: int,
        *,
        width: int = 3,
        std: float = 0.5,
        form: Literal["round", "square"] = "round",
        widths: tuple[int, ...] = (4,),
        tied: bool = False,
        kernel: int | None = None,
    ) -> None:
        self.shape, self.chosen = shape, (width, std, form, widths, tied, kernel)


TABLE = {"part": Part}


def test_options_are_what_is_given_by_keyword_with_defaults() -> None:
    defaults = {"width": 3, "std": 0.5, "form": "round", "widths": (4,), "tied": False, "kernel": None}
    assert options(Part) == defaults


def test_a_part_is_built_from_its_name_and_options() -> None:
    made = make("thing", TABLE, {"name": "part", "width": 7, "form": "square"}, 9)
    assert (made.shape, made.chosen) == (9, (7, 0.5, "square", (4,), False, None))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"std": 2}, 2.0),
        ({"std": np.float32(0.25)}, 0.25),
        ({"width": np.int64(4)}, 4),
        ({"widths": [1, 2]}, (1, 2)),
        ({"widths": []}, ()),
        ({"kernel": None}, None),
        ({"kernel": 5}, 5),
        ({"tied": True}, True),
    ],
)
def test_values_become_what_the_constructor_wants(given: dict[str, Any], wanted: Any) -> None:
    (found,) = check_options("part", Part, given).values()
    assert (found, type(found)) == (wanted, type(wanted))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"width": 2.5}, "must be a whole number"),
        ({"width": 2.0}, "must be a whole number"),
        ({"width": True}, "must be a whole number"),
        ({"std": True}, "must be a finite number"),
        ({"std": float("inf")}, "must be a finite number"),
        ({"std": float("nan")}, "must be a finite number"),
        ({"std": "1"}, "must be a finite number"),
        ({"form": "oval"}, "must be one of 'round', 'square'"),
        ({"widths": 3}, "must be a list of whole numbers"),
        ({"widths": ["a"]}, "must be a whole number"),
        ({"tied": 1}, "must be true or false"),
        ({"widht": 3}, "has no option 'widht'. Did you mean 'width'"),
    ],
)
def test_a_value_that_does_not_fit_is_said_with_what_does(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_options("part", Part, given)


@pytest.mark.parametrize("name", ["prat", None, ["part"], 3])
def test_an_unknown_name_is_refused(name: object) -> None:
    with pytest.raises(InputError, match=r"No thing is called .* Known: part"):
        lookup("thing", TABLE, name)
    with pytest.raises(InputError, match="A thing is a name with options"):
        make("thing", TABLE, "part", 1)  # type: ignore[arg-type]


def test_of_many_known_names_the_nearest_and_some_are_listed() -> None:
    genes = {f"gene{i:05d}": i for i in range(20_000)}
    with pytest.raises(InputError, match=r"Did you mean 'gene00017'[?] Known: .* and 19,960 more") as raised:
        lookup("gene", genes, "gene00017x")
    assert len(str(raised.value)) < 1000


def test_bounds_belong_to_the_range() -> None:
    assert [within("share", value, 0, 1) for value in (0, 0.5, 1)] == [0, 0.5, 1]
    for value in (-1e-9, 1 + 1e-9, float("nan")):
        with pytest.raises(InputError, match=r"'share' .* between 0 and 1"):
            within("share", value, 0, 1)
    with pytest.raises(InputError, match="at least 2"):
        within("share", 1, 2)
