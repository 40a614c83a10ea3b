"""Every format of the table is read, written, and named in help and messages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.formats import FORMATS, FORMS, form_for, format_of, listed, readable, writable
from narrows.data.kinds import describe
from narrows.data.readers import READERS, as_data, read
from narrows.data.reading import Reading
from narrows.data.writers import write_examples
from tests.commands import narrows
from tests.samples import ARRAY_KINDS, of_kind

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 9, 7), dtype=np.uint8)
TABLE = np.random.default_rng(0).random((4, 3))


def test_an_ending_belongs_to_one_format() -> None:
    endings = [ending for known in FORMATS.values() for ending in known.endings]
    assert len(set(endings)) == len(endings)
    assert {form for known in FORMATS.values() for form in known.holds} == set(FORMS)
    assert all(
        format_of(Path(f"A{ending.upper()}")) == name
        for name, known in FORMATS.items()
        for ending in known.endings
    )


def test_what_can_be_read_has_a_reader() -> None:
    one_file = {"array", "columns", "recordings", "stack"}
    files = {
        name: {*known.holds} for name, known in FORMATS.items() if known.read and "image" not in known.holds
    }
    single = {name for name, holds in files.items() if one_file & holds}
    assert single == set(READERS)


@pytest.mark.parametrize("ending", writable("array", "columns"))
def test_arrays_and_columns_come_back(ending: str) -> None:
    data = as_data(TABLE)
    write_examples(data.array, data.schema, Path(f"a{ending}"))
    np.testing.assert_allclose(read(f"a{ending}").array, TABLE)


@pytest.mark.parametrize("ending", writable("image"))
def test_image_files_come_back(ending: str) -> None:
    images = IMAGES if ending != ".webp" else IMAGES[..., None].repeat(3, axis=-1)  # WebP holds colours only
    write_examples(images, describe(images), Path("folder"), [f"{i}{ending}" for i in range(3)])
    found = read("folder")
    assert found.ids == tuple(f"{i}{ending}" for i in range(3))
    np.testing.assert_array_equal(found.array, images)


@pytest.mark.parametrize("kind", ARRAY_KINDS)
def test_examples_of_every_kind_are_written_in_all_forms_they_have(kind: str) -> None:
    values = (255 * of_kind(kind)).astype(np.uint8)
    schema = describe(values, kind)
    for i, ending in enumerate(writable(*schema.forms)):
        write_examples(values, schema, Path(f"{i}{ending}"))
        assert Path(f"{i}{ending}").exists()
    for ending in {*writable(*FORMS), ".pdf"} - {*writable(*schema.forms)}:
        with pytest.raises(InputError) as caught:
            write_examples(values, schema, Path(f"a{ending}"))
        assert listed(writable(*schema.forms)) in str(caught.value)
        assert not Path(f"a{ending}").exists()


def test_an_unknown_ending_is_answered_with_all_that_are_known() -> None:
    Path("a.docx").write_text("x")
    with pytest.raises(InputError) as caught:
        read("a.docx", Reading())
    assert all(ending in str(caught.value) for ending in readable(*FORMS))
    with pytest.raises(
        InputError,
        match=r"'z\.tsv'; wanted is \.csv, \.parquet, \.npy, \.npz, \.h5, \.hdf5, \.hspy or \.zarr",
    ):
        form_for("Codes", Path("z.tsv"), ("columns", "array"))


def test_help_names_what_can_be_read_and_written(capsys: pytest.CaptureFixture[str]) -> None:
    shown = " ".join(narrows(capsys, "reconstruct", "--help")[0].split())
    assert listed(readable(*FORMS)) in shown
    assert listed(writable(*FORMS)) in shown
