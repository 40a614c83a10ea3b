"""The sizes of the same values by other codecs."""

from __future__ import annotations

import lzma
import sys

import numpy as np
import pytest

from narrows.data.kinds.images import ImageSchema
from narrows.data.kinds.table import TableSchema
from narrows.data.readers import as_data
from narrows.evaluation.codecs import CODECS, Packed, as_image, best, packed, pays_after, picture, plain

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (7, 4, 5), dtype=np.uint8)
SCHEMA = ImageSchema.of((4, 5), "uint8")


def test_a_mosaic_has_every_image() -> None:
    whole = picture(IMAGES, SCHEMA)
    tiles = whole.reshape(whole.shape[0] // 4, 4, -1, 5).swapaxes(1, 2).reshape(-1, 4, 5)
    assert np.array_equal(tiles[:7], IMAGES)
    assert not tiles[7:].any()


def test_noise_does_not_become_smaller_and_a_constant_does() -> None:
    many = RNG.integers(0, 256, (50, 20, 20), dtype=np.uint8)
    for values, low, high in ((many, 0.95, 1.2), (many * 0 + 3, 0.0, 0.05)):
        schema = ImageSchema.of((20, 20), "uint8")
        sizes = [each.size for each in packed([values], schema) if each.size is not None]
        assert len(sizes) >= 4
        assert all(low < size / values.size < high for size in sizes)


def test_two_values_take_a_bit_each() -> None:
    two = (IMAGES > 128) * np.uint8(255)
    assert as_image(two, SCHEMA).mode == "1"
    assert [len(each) for each in plain(two, SCHEMA)] == [140, 18]
    assert as_image(IMAGES, SCHEMA).mode == "L"


def test_a_codec_says_why_it_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_jxl", None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    found = {each.name: each for each in packed([IMAGES], SCHEMA)}
    assert found.keys() == CODECS.keys()
    assert "pip install pillow-jxl-plugin" in found["JPEG XL"].why
    assert "pip install 'narrows[tables]'" in found["zstd"].why
    assert found["Parquet, zstd"].size is None
    table = RNG.normal(size=(30, 2))
    assert (
        "images" in {each.name: each.why for each in packed([table], TableSchema.of((2,), "float64"))}["PNG"]
    )


def test_the_best_is_the_smallest() -> None:
    assert best([Packed("a", 9), Packed("b", None, "no"), Packed("c", 5)]) == Packed("c", 5)
    assert best([Packed("b", None, "no")]) is None


def test_a_model_pays_when_it_saves_more_than_it_weighs() -> None:
    examples = pays_after(10.0, 12.5, 1001)
    assert examples is not None
    assert examples * 2.5 >= 1001 > (examples - 1) * 2.5
    assert pays_after(12.5, 12.5, 1) is None


def test_tables_are_also_packed_by_columns_and_as_text() -> None:
    """Numbers that repeat within a column are fewer bytes there; each codec takes the smallest form."""
    table = np.column_stack([np.arange(300.0), np.repeat([1.25, 7.5], 150)])
    schema = as_data(table).schema
    rows, columns, text = plain(table, schema)
    assert rows == table.tobytes()
    assert columns == table.T.tobytes()
    assert text.splitlines()[1] == b"0.0,1.25"
    sizes = {each.name: each.size for each in packed([table], schema)}
    assert sizes["xz"] == min(len(lzma.compress(each, preset=9)) for each in (rows, columns, text))


def test_whole_numbers_of_images_are_packed_as_bytes() -> None:
    sizes = [[e.size for e in packed([each], as_data(each).schema)] for each in (IMAGES, IMAGES * 1.0)]
    assert sizes[0] == sizes[1]
