from __future__ import annotations

import json

import numpy as np
import pytest

from narrows.report.encoding import as_script_text, as_text, lanes, pack, plain


def decoded(text: str, size: int) -> bytes:
    """What the page's script makes of a text in base 85."""
    digits = [ord(letter) - 38 - (ord(letter) > 60) for letter in text]
    words = [
        sum(d * 85 ** (4 - i) for i, d in enumerate(digits[k : k + 5])) for k in range(0, len(digits), 5)
    ]
    return b"".join(word.to_bytes(4, "big") for word in words)[:size]


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 1023])
def test_bytes_come_back_from_a_text_without_markup(size: int, rng: np.random.Generator) -> None:
    content = rng.integers(0, 256, size, dtype="u1").tobytes()
    carried = as_text(content)
    assert decoded(carried.text, carried.size) == content
    assert "<" not in carried.text
    assert carried.text.isascii()


def test_a_record_cannot_end_its_element() -> None:
    record = {"name": "</script><!--", "n": [1, 2.5]}
    text = as_script_text(record)
    assert "<" not in text
    assert json.loads(text) == record
    with pytest.raises(ValueError, match="JSON compliant"):
        as_script_text(float("nan"))


def test_lanes_keep_every_byte(rng: np.random.Generator) -> None:
    content = rng.integers(0, 256, 41, dtype="u1").tobytes()
    made = lanes(content)
    back = np.frombuffer(made[:40], "u1").reshape(4, 10).T.tobytes() + made[40:]
    assert back == content


def test_columns_are_found_again_at_aligned_places(rng: np.random.Generator) -> None:
    columns = {"labels": rng.random(3), "kept": np.arange(5, dtype="u4"), "flags": np.array([True, False])}
    packed, places = pack(columns)
    for name, values in columns.items():
        place = places[name]
        assert place["at"] % 8 == 0
        end = place["at"] + np.dtype(place["dtype"]).itemsize * values.size
        np.testing.assert_array_equal(np.frombuffer(packed[place["at"] : end], place["dtype"]), values)
    assert pack({"codes": rng.random((2, 2))})[1]["codes"]["lanes"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [("bool", "uint8"), ("float16", "float32"), ("int64", "float64"), ("uint16", "uint16")],
)
def test_types_that_browsers_lack_become_others(given: str, wanted: str) -> None:
    values = np.array([0, 1], given)
    assert plain(values).dtype == wanted
    np.testing.assert_array_equal(plain(values), values)
