from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.kinds import KINDS, describe, from_json
from tests.samples import ARRAY_KINDS, of_kind


@pytest.mark.parametrize("name", ARRAY_KINDS)
def test_a_schema_survives_json(name: str) -> None:
    schema = describe(of_kind(name), name)
    assert schema.kind == name
    assert from_json(schema.to_json()) == schema


@pytest.mark.parametrize("name", ARRAY_KINDS)
def test_a_schema_that_no_data_could_have_is_refused(name: str) -> None:
    record = describe(of_kind(name), name).to_json()
    for change in ({"shape": [0]}, {"dtype": "complex64"}, {"axes": "Q"}, {"kind": "nothing"}):
        with pytest.raises(InputError):
            from_json({**record, **change})


@pytest.mark.parametrize("name", ARRAY_KINDS)
def test_a_kind_owns_what_differs(name: str) -> None:
    """What the rest of the package asks of every kind."""
    values = of_kind(name)
    schema = describe(values, name)
    arranged = schema.arrange(values)
    choice = schema.choose(arranged)
    assert arranged.shape[1:] == schema.model_shape
    assert schema.domain(choice.scaling).shape == schema.model_shape
    assert schema.by_part(arranged.reshape(4, -1)).shape[0] == 4
    assert schema.noun
    assert schema.value_noun
    assert "name" in schema.network()
    schema.check(values)
    with pytest.raises(InputError, match="fitted to examples of shape"):
        schema.check(values[:, :-1])


def test_a_kind_is_read_off_the_axes_unless_it_is_given() -> None:
    assert describe(np.zeros((4, 6))).kind == "table"
    assert describe(np.zeros((4, 6, 5))).kind == "images"
    assert describe(np.zeros((4, 6, 5)), "images").kind == "images"
    with pytest.raises(InputError, match="one example here has shape 6"):
        describe(np.zeros((4, 6)), "images")
    for empty in (np.zeros((0, 3)), np.zeros((3, 0))):
        with pytest.raises(InputError, match="there is nothing in them"):
            describe(empty)


@pytest.mark.parametrize("axes", [1, 6])
def test_an_array_of_no_kind_is_refused_with_the_axes_of_every_kind(axes: int) -> None:
    with pytest.raises(InputError, match="wanted is one row per example") as error:
        describe(np.zeros((2,) * axes))
    assert all(f"{name} {kind.array_axes}" in str(error.value) for name, kind in KINDS.items())
