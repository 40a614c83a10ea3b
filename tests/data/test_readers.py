from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from narrows.core.errors import InputError
from narrows.data.readers import as_data, read
from narrows.data.reading import Reading
from narrows.data.summary import summarise
from narrows.fitting.fit import fit
from tests.samples import mixed


def test_csv_with_and_without_names_and_with_missing_cells(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("height,weight\n1.5,2\n,4\n3,nan\n")
    found = read("a.csv")
    assert found.schema.names == ("height", "weight")
    np.testing.assert_array_equal(found.array, [[1.5, 2], [np.nan, 4], [3, np.nan]])
    assert summarise(found)["missing"] == 2
    (tmp_path / "b.csv").write_text("1,2\n3,4\n")
    assert read("b.csv").schema.names == ("x0", "x1")


def test_an_archive_with_several_arrays_asks_which(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", first=np.ones((4, 3)), second=np.zeros((4, 2)))
    with pytest.raises(InputError, match=r"a\.npz::first, a\.npz::second"):
        read("a.npz")
    assert read("a.npz::second").schema.shape == (2,)
    with pytest.raises(InputError, match="Did you mean 'second'"):
        read("a.npz::secnd")
    np.savez(tmp_path / "b.npz", X=np.random.default_rng(0).random((4, 3)), y=np.arange(4))
    labels = read("b.npz").labels
    assert labels is not None
    assert labels.tolist() == [0, 1, 2, 3]


def broken(name: str, folder: Path) -> str:
    """A file that something is wrong with, and where it lies."""
    file = folder / name
    array = np.random.default_rng(0).random((20, 4))
    match name:
        case "text.csv":
            file.write_text("a,b\n1,2\n3,x\n")
        case "ragged.csv":
            file.write_text("a,b\n1,2\n3\n")
        case "twice.csv":
            file.write_text("a,a\n1,2\n")
        case "bytes.csv":
            file.write_bytes(b"a,b\n\x81\x8d,1\n")
        case "empty.csv" | "empty.npy":
            file.write_bytes(b"")
        case "cut.npy":
            np.save(file, array)
            file.write_bytes(file.read_bytes()[:300])
        case "huge.npy":
            np.save(file, array)
            file.write_bytes(file.read_bytes().replace(b"(20, 4), }  ", b"(2000000000, 4), }")[:400])
        case "objects.npy":
            np.save(file, np.array([{}, []], dtype=object), allow_pickle=True)
        case "complex.npy":
            np.save(file, array.astype(complex))
        case "words.npy":
            np.save(file, np.array([["a", "b"]]))
        case "infinite.npy":
            array[3, 2] = np.inf
            np.save(file, array)
        case "nan-image.tif":
            Image.fromarray(np.full((4, 5), np.nan, "f4")).save(file)
        case "flat.npy":
            np.save(file, array[0])
        case "no-columns.npy":
            np.save(file, np.empty((5, 0)))
        case "cut.npz":
            np.savez(file, array)
            file.write_bytes(file.read_bytes()[:200])
        case "folder":
            file.mkdir()
        case "sizes":
            file.mkdir()
            Image.new("L", (4, 5)).save(file / "a.png")
            Image.new("L", (5, 4)).save(file / "b.png")
        case "cut-image":
            file.mkdir()
            Image.effect_noise((40, 40), 50).save(file / "a.png")
            (file / "a.png").write_bytes((file / "a.png").read_bytes()[:400])
        case "script.xyz":
            file.write_text("?")
        case "absent":
            pass
        case "header.csv":
            file.write_text("a,b\n")
        case "blank.csv":
            file.write_text("a,b\n\n\n1,2\n3,x\n")
        case "huge-value.npy":
            array[1, 1] = 1e60
            np.save(file, array)
        case "renamed.npz":
            np.save(folder / "a.npy", array)
            (folder / "a.npy").rename(file)
        case "nothing.npz":
            np.savez(file)
        case "bytes.npz":
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr("notes.txt", "hello")
        case "bomb.npz":
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                header = b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little")
                shape = b"{'descr': '<f8', 'fortran_order': False, 'shape': (80000000000000,), }"
                archive.writestr("X.npy", header + shape.ljust(117) + b"\n")
        case "negative.npy":
            np.save(file, array)
            file.write_bytes(file.read_bytes().replace(b"(20, 4), }", b"(-2, 4), }"))
        case "pipe":
            file.mkdir()
            os.mkfifo(file / "a.png")
        case "secret.csv":
            file.mkdir()
    return str(file)


BROKEN = {
    "text.csv": r"Line 3 of text\.csv has the text 'x' in column 'b'",
    "ragged.csv": r"Line 3 of ragged\.csv has 1 cells, but the first line has 2",
    "twice.csv": "names a column twice: 'a'",
    "bytes.csv": "cannot be read as comma-separated text",
    "empty.csv": "is empty",
    "empty.npy": "is empty",
    "cut.npy": r"cut\.npy is truncated: its header promises 640 bytes of values, but it holds 172",
    "huge.npy": "truncated: its header promises 64,000,000,000 bytes",
    "objects.npy": "holds Python objects, which are never loaded",
    "complex.npy": "complex128, but real numbers are wanted",
    "words.npy": "real numbers are wanted",
    "infinite.npy": r"row 3, counted from 0, in column 'x2'",
    "nan-image.tif": r"All pixels of nan-image\.tif",
    "flat.npy": "one row per example",
    "no-columns.npy": "nothing in them",
    "cut.npz": "cannot be read as an .npz archive",
    "folder": "holds no images",
    "sizes": r"b\.png is 4x5, but a\.png is 5x4 .*--resize 5x4",
    "cut-image": "cannot be read as an image",
    "script.xyz": "Files ending in '.xyz' cannot be read",
    "header.csv": "holds no rows",
    "blank.csv": "Line 5 of",
    "huge-value.npy": "not finite or larger",
    "renamed.npz": "cannot be read as an .npz archive",
    "nothing.npz": "holds no arrays",
    "bytes.npz": "cannot be read as an .npz archive|real numbers are wanted",
    "bomb.npz": "cannot be read as an .npz archive",
    "negative.npy": "cannot be read as an .npy array",
    "pipe": "holds no images",
    "secret.csv": "holds no images",
    "x" * 300 + ".csv": "cannot be read|no file",
    "~nosuchuser/x.csv": "no file|cannot be read",
    "absent": "There is no file, folder or dataset",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_source_is_one_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=BROKEN[name]) as caught:
        read(name if name.startswith("~") else broken(name, tmp_path))
    assert "\n" not in str(caught.value)


PATIENTS = "patient,age,note,weight,sick\n" + "".join(
    f"p{i // 3},{40 + i % 7},hm{i},{60 + i % 11},{'yes' if i % 2 else 'no'}\n" for i in range(120)
)


def test_columns_label_id_and_groups_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(PATIENTS)
    with pytest.raises(InputError, match=r"'note' of a\.csv holds text .* leave it out\."):
        read("a.csv", Reading(columns=("age", "note")))
    found = read("a.csv", Reading(columns=("weight", "age"), label="sick", id="patient", groups="patient"))
    assert found.schema.names == ("weight", "age")
    assert found.array[1].tolist() == [61, 41]
    assert found.ids[3] == "p1"
    assert found.labels is not None
    assert found.labels[:2].tolist() == ["no", "yes"]
    assert found.groups is not None
    assert len(np.unique(found.groups)) == 40
    with pytest.raises(InputError, match=r"has no column 'wieght'\. Did you mean 'weight'"):
        read("a.csv", Reading(columns=("wieght",)))
    with pytest.raises(InputError, match="--label names a column of a table's file, but digits has none"):
        read("digits", Reading(label="sick"))


def test_groups_of_images_are_read_off_their_names(tmp_path: Path) -> None:
    for movie in "ab":
        for frame in range(3):
            Image.new("L", (4, 4)).save(tmp_path / f"movie-{movie}-{frame}.png")
    found = read(tmp_path, Reading(groups="movie-(.)"))
    assert found.groups is not None
    assert found.groups.tolist() == [0, 0, 0, 1, 1, 1]
    with pytest.raises(InputError, match=r"matches nothing in the name 'movie-a-0\.png'"):
        read(tmp_path, Reading(groups="film"))
    with pytest.raises(InputError, match="regular expression"):
        read(tmp_path, Reading(groups="("))


@pytest.mark.parametrize("dtype", [">f4", ">f8", ">i2", "float16", "longdouble"])
def test_arrays_of_any_layout_are_taken(dtype: str) -> None:
    values = np.asfortranarray(np.arange(60.0).reshape(20, 3).astype(dtype))[::-1]
    found = as_data(values)
    assert found.array.dtype.isnative
    assert (found.array == values.astype(found.array.dtype)).all()
    run = fit(found, overrides={"training": {"epochs": 1}})
    assert (run.encode(values) == run.encode(found.array)).all()


def test_a_number_in_front_of_each_row_is_its_id(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",a,b\n7,1,2\n8,3,1_000\n")
    with pytest.raises(InputError, match="'1_000' in column 'b'"):
        read("a.csv")
    found = read("a.csv", Reading(columns=("a",)))
    assert (found.ids, found.schema.names) == (("7", "8"), ("a",))
    (tmp_path / "a.csv").write_text(",a,b\n7,1,2\n8,3,4\n")
    assert read("a.csv").schema.names == ("a", "b")


def test_a_test_part_of_ones_own(tmp_path: Path) -> None:
    mixed(200).to_csv("a.csv", index=False)
    mixed(60, seed=1)[["e", "d", "c", "b", "a"]].to_csv("b.csv", index=False)
    data = read("a.csv", Reading(test="b.csv"))
    assert data.test is not None
    assert fit(data, overrides={"training": {"epochs": 1}}).metrics["held_out"]["n"] == 60


def test_masked_cells_are_missing_cells() -> None:
    values = np.ma.masked_array(np.arange(120).reshape(40, 3), mask=np.eye(40, 3, dtype=bool))
    assert np.isnan(as_data(values).array).sum() == 3


def test_a_test_part_may_hold_longer_recordings(tmp_path: Path) -> None:
    for name, lengths in (("train", (5, 4)), ("test", (3, 7))):
        series = "\n".join(",".join(str((k * k) % 5) for k in range(n)) for n in lengths)
        (tmp_path / f"{name}.ts").write_text(f"@data\n{series}\n")
    found = read("train.ts", Reading(test="test.ts"))
    assert found.array.shape == (2, 7, 1)
    assert found.held_out.array.shape == (2, 7, 1)
    assert np.isnan(found.array[0, 5:]).all()


def test_a_test_part_has_the_windows_of_the_other_data(tmp_path: Path) -> None:
    for name in ("train", "test"):
        np.save(f"{name}.npy", np.sin(np.arange(500) / 4))
    found = read("train.npy", Reading("sequences", test="test.npy"))
    assert found.held_out.schema.shape == found.schema.shape


def test_options_of_recordings_are_refused_for_other_data() -> None:
    for how in (Reading(every="1s"), Reading(window=3), Reading("sequences", time="t")):
        with pytest.raises(InputError, match="is an option of recordings over time, but digits holds none"):
            read("digits", how)


def test_a_table_over_time_is_read_as_recordings(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("when,x\n" + "".join(f"2024-01-{d:02d},{d % 7}\n" for d in range(1, 29)))
    found = read("a.csv", Reading(kind="sequences", window=7, stride=7))
    assert found.recordings is not None
    assert found.recordings.axis.name == "when"
    assert found.array.shape == (4, 7, 1)
    (tmp_path / "b.csv").write_text("1,2,4\n2,5,3\n0,1,1\n")
    assert read("b.csv", Reading(kind="sequences")).array.shape == (3, 3)
