from __future__ import annotations

import gzip
import hashlib
import os
import ssl
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from narrows.core.errors import InputError
from narrows.data import datasets
from narrows.data.datasets import DATASETS, Idx, download, read_idx
from narrows.data.pictures import read_picture
from narrows.data.readers import Reading, as_data, read
from narrows.data.scaling import Scaling, choose
from narrows.data.schema import describe
from narrows.data.split import split
from narrows.data.summary import summarise
from narrows.data.writers import write_examples
from narrows.fitting.fit import fit


def chosen(values: np.ndarray[Any, Any]):  # type: ignore[no-untyped-def]
    schema = describe(values)
    return choose(schema.arrange(values), schema), schema


def back(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """To the model's scale and back."""
    choice, schema = chosen(values)
    x = torch.as_tensor(schema.arrange(values).astype("float64" if values.dtype.kind != "b" else "bool"))
    return schema.restore(choice.scaling.restore(choice.scaling(x)))


DTYPES = ["bool", "uint8", "int16", "uint16", "int32", "float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(40, 5), (12, 7, 5), (9, 6, 4, 3)])
def test_scaling_comes_back_in_type_and_range(dtype: str, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    top = 1 if dtype == "bool" else 200
    values = rng.uniform(0, top, shape).round().astype(dtype)
    again = back(values)
    assert again.dtype == values.dtype
    assert again.shape == values.shape
    np.testing.assert_allclose(again.astype(float), values.astype(float), rtol=1e-3, atol=1e-3)


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.float64, (7, 3), elements=st.floats(-1e6, 1e6, width=32)))
def test_any_real_table_comes_back(values: np.ndarray[Any, Any]) -> None:
    spread = np.ptp(values, axis=0)
    assert (np.abs(back(values) - values) <= 1e-5 * spread + 1e-9).all()


def test_a_scaling_travels_through_json() -> None:
    values = np.random.default_rng(0).standard_cauchy((300, 2))
    choice, _ = chosen(values)
    again = Scaling.from_json(choice.scaling.to_json())
    x = torch.as_tensor(values)
    assert torch.equal(again(x), choice.scaling(x))
    assert (again.low, again.high, again.nature) == (choice.scaling.low, choice.scaling.high, "real")


@pytest.mark.parametrize(
    ("values", "scaling", "loss", "why"),
    [
        (np.tile(np.arange(256, dtype="u1"), (4, 1)).reshape(4, 16, 16), "range", "bernoulli", "divided by 255"),
        (np.random.default_rng(0).integers(0, 256, (9, 6, 5, 3), dtype="u1"), "range", "squared", "colours"),
        (np.random.default_rng(0).random((9, 6, 5)) > 0.5, "range", "bernoulli", "two values"),
        (np.random.default_rng(0).uniform(-3, 900, (9, 6, 5)), "range", "bernoulli", "range of the training part"),
        (np.random.default_rng(0).poisson(1.5, (90, 6, 5)), "spread", "poisson", "counts"),
        (np.random.default_rng(0).standard_normal((50, 4)), "standard", "squared", "real numbers"),
        (np.random.default_rng(0).integers(0, 2, (50, 4)).astype(float), "none", "bernoulli", "0 or 1"),
        (np.random.default_rng(0).poisson(1.0, (500, 4)), "spread", "poisson", "counts"),
        (np.random.default_rng(0).standard_cauchy((500, 2)), "standard", "squared", "Heavy tails in x0, x1"),
        (np.c_[np.full(50, 0.1), np.random.default_rng(0).random(50)], "standard", "squared", "Constant: x0"),
    ],
)  # fmt: skip
def test_the_reader_chooses_and_says_why(
    values: np.ndarray[Any, Any], scaling: str, loss: str, why: str
) -> None:
    found = summarise(as_data(values))
    assert (found["scaling"], found["loss"]) == (scaling, loss)
    assert why in " ".join(found["why"])


def test_scaled_data_are_what_the_names_say() -> None:
    rng = np.random.default_rng(0)
    real = rng.normal(5, 3, (400, 3))
    x = chosen(real)[0].scaling(torch.as_tensor(real)).numpy()
    np.testing.assert_allclose(x.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(x.std(0), 1, atol=1e-6)
    tails = rng.standard_cauchy((2000, 1))
    assert np.abs(chosen(tails)[0].scaling(torch.as_tensor(tails)).numpy()).max() < 8


def test_constant_columns_come_back_exactly() -> None:
    values = np.c_[np.full(20, 0.1), np.full(20, -7.3e9), np.arange(20.0)]
    assert (back(values)[:, :2] == values[:, :2]).all()
    choice, _ = chosen(values)
    anything = torch.randn(5, 3)
    assert (choice.scaling.restore(anything)[:, :2] == values[:5, :2]).all()


@settings(max_examples=50, deadline=None)
@given(n=st.integers(3, 400), seed=st.integers(0, 5))
def test_parts_are_disjoint_and_complete(n: int, seed: int) -> None:
    parts = split(n, seed=seed)
    assert parts.held_out is not None
    joined = np.concatenate([parts.train, parts.validation, parts.held_out])
    assert sorted(joined) == list(range(n))
    assert min(map(len, (parts.train, parts.validation, parts.held_out))) >= 1
    assert (split(n, seed=seed).train == parts.train).all()


def test_too_few_rows_cannot_be_split() -> None:
    with pytest.raises(InputError, match="Too few rows: 2, but at least 3"):
        split(2, seed=0)


def test_images_are_laid_out_channels_first_and_back() -> None:
    for shape, axes, inner in [
        ((5, 6, 7), "HW", (1, 6, 7)),
        ((5, 6, 7, 3), "HWC", (3, 6, 7)),
        ((5, 3, 6, 7), "CHW", (3, 6, 7)),
    ]:
        values = np.random.default_rng(0).random(shape)
        schema = describe(values)
        assert (schema.axes, schema.model_shape) == (axes, inner)
        assert (schema.restore(schema.arrange(values)) == values).all()


# ── what a person has ────────────────────────────────────────────────────────────────────────────


def test_csv_with_and_without_names_and_with_missing_cells(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("height,weight\n1.5,2\n,4\n3,nan\n")
    found = read("a.csv")
    assert found.schema.names == ("height", "weight")
    np.testing.assert_array_equal(found.values, [[1.5, 2], [np.nan, 4], [3, np.nan]])
    assert summarise(found)["missing"] == 2
    (tmp_path / "b.csv").write_text("1,2\n3,4\n")
    assert read("b.csv").schema.names == ("x0", "x1")


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_folder_of_images_goes_in_and_out(tmp_path: Path, suffix: str, mode: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name in ("a10", "a2"):
        pixels = rng.integers(0, 256, (7, 5) if mode == "L" else (7, 5, 3), dtype="u1")
        Image.fromarray(pixels).save(folder / f"{name}.{suffix}")
    found = read(folder)
    assert found.ids == (f"a2.{suffix}", f"a10.{suffix}")
    write_examples(found.values, found.schema, tmp_path / "out", found.ids)
    for file in folder.iterdir():
        assert (read_picture(tmp_path / "out" / file.name).pixels == read_picture(file).pixels).all()


def test_sixteen_bit_images_keep_their_bits(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 2**16, (3, 7, 5), dtype="u2")
    write_examples(values, describe(values), tmp_path / "out")
    again = read(tmp_path / "out")
    assert again.values.dtype == np.uint16
    assert (again.values == values).all()


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
            file.write_bytes(b"a,b\n\xff\xfe\n")
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
        case "nan-images.npy":
            images = array.reshape(5, 4, 4)
            images[2, 1, 3] = np.nan
            np.save(file, images)
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
    "cut.npy": r"cut\.npy is not whole: its header promises 640 bytes of values, but 172 are there",
    "huge.npy": "not whole: its header promises 64,000,000,000 bytes",
    "objects.npy": "holds Python objects, which are never loaded",
    "complex.npy": "complex128, but real numbers are wanted",
    "words.npy": "real numbers are wanted",
    "infinite.npy": r"row 3 at position \(2,\)",
    "nan-images.npy": r"row 2 at position \(1, 3\)",
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


# ── sets by name ─────────────────────────────────────────────────────────────────────────────────


def idx(array: np.ndarray[Any, Any]) -> bytes:
    axes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(b"\0\0\x08" + bytes([array.ndim]) + axes + array.tobytes())


def test_idx_files_are_read_and_checked(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 256, (6, 5, 4), dtype="u1")
    file = tmp_path / "a.gz"
    file.write_bytes(idx(values))
    assert (read_idx(file) == values).all()
    for spoiled in (
        idx(values)[:-20],
        gzip.compress(gzip.decompress(idx(values))[:-1]),
        gzip.compress(b"??"),
    ):
        file.write_bytes(spoiled)
        with pytest.raises(InputError):
            read_idx(file)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path, ssl.SSLContext]]:
    """An HTTPS server of the files in a folder, and a context that trusts it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    folder = tmp_path / "served"
    folder.mkdir()
    with HTTPServer(("localhost", 0), partial(Quiet, directory=folder)) as http:
        http.socket = context.wrap_socket(http.socket, server_side=True)
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"https://localhost:{http.server_port}/", folder, trusting
        http.shutdown()


def test_a_download_goes_on_to_the_mirror_that_is_right(
    server: tuple[str, Path, ssl.SSLContext], tmp_path: Path
) -> None:
    url, folder, context = server
    (folder / "wrong").write_bytes(b"something else")
    (folder / "right").write_bytes(b"x" * 200_000)
    target = tmp_path / "cache" / "file"
    checksum = hashlib.sha256(b"x" * 200_000).hexdigest()
    download([url + "absent", url + "wrong", url + "right"], target, checksum, context=context)
    assert target.read_bytes() == b"x" * 200_000
    assert [f.name for f in target.parent.iterdir()] == ["file"]


def test_a_failed_download_leaves_nothing_and_says_what_happened(
    server: tuple[str, Path, ssl.SSLContext], tmp_path: Path
) -> None:
    url, folder, context = server
    (folder / "wrong").write_bytes(b"something else")
    target = tmp_path / "cache" / "file"
    with pytest.raises(InputError, match=r"absent: no answer .*wrong: wrong checksum"):
        download([url + "absent", url + "wrong"], target, "0" * 64, context=context)
    assert list(target.parent.iterdir()) == []


def test_an_untrusted_server_is_not_listened_to(
    server: tuple[str, Path, ssl.SSLContext], tmp_path: Path
) -> None:
    url, folder, _ = server
    (folder / "right").write_bytes(b"x")
    with pytest.raises(InputError, match="no answer"):
        download([url + "right"], tmp_path / "file", hashlib.sha256(b"x").hexdigest())


def test_a_named_set_is_downloaded_once_and_brings_its_test_part(
    server: tuple[str, Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, folder, context = server
    rng = np.random.default_rng(0)
    contents = {
        file: idx(rng.integers(0, 256, (30, 6, 6) if "images" in file else (30,), dtype="u1"))
        for file in datasets.FILES
    }
    for name, raw in contents.items():
        (folder / name).write_bytes(raw)
    checksums = {name: hashlib.sha256(raw).hexdigest() for name, raw in contents.items()}
    monkeypatch.setitem(DATASETS, "mnist", Idx("mnist", (url,), checksums))
    monkeypatch.setattr(datasets, "download", partial(download, context=context))
    found = read("mnist")
    assert found.test is not None
    assert (len(found), len(found.test), found.schema.shape) == (30, 30, (6, 6))
    for file in folder.iterdir():
        file.unlink()
    assert (read("mnist").values == found.values).all()


def test_every_mirror_is_https() -> None:
    sets = [entry for entry in DATASETS.values() if isinstance(entry, Idx)]
    assert sets
    assert all(mirror.startswith("https://") for entry in sets for mirror in entry.mirrors)
    assert all(set(entry.checksums) == set(datasets.FILES) for entry in sets)


@pytest.mark.parametrize("name", [name for name, entry in DATASETS.items() if not isinstance(entry, Idx)])
def test_bundled_sets_need_no_network(name: str) -> None:
    found = summarise(read(name))
    assert found["n"] > 100
    assert found["kind"] == ("images" if name == "digits" else "table")


# ── columns with a meaning, rows that belong together ────────────────────────────────────────────

PATIENTS = "patient,age,note,weight,sick\n" + "".join(
    f"p{i // 3},{40 + i % 7},hm{i},{60 + i % 11},{'yes' if i % 2 else 'no'}\n" for i in range(120)
)


def test_columns_label_id_and_groups_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(PATIENTS)
    with pytest.raises(InputError, match=r"'note' of a\.csv holds text .* --columns age,weight"):
        read("a.csv", Reading(label="sick", id="patient"))
    found = read("a.csv", Reading(columns=("weight", "age"), label="sick", id="patient", groups="patient"))
    assert found.schema.names == ("weight", "age")
    assert found.values[1].tolist() == [61, 41]
    assert found.ids[3] == "p1"
    assert found.labels is not None
    assert found.labels[:2].tolist() == ["no", "yes"]
    assert found.groups is not None
    assert len(np.unique(found.groups)) == 40
    with pytest.raises(InputError, match=r"has no column 'wieght'\. Did you mean 'weight'"):
        read("a.csv", Reading(columns=("wieght",)))
    with pytest.raises(InputError, match="--label names a column of a table's file, but digits is none"):
        read("digits", Reading(label="sick"))


def test_groups_are_never_parted() -> None:
    groups = np.random.default_rng(0).integers(0, 30, 400)
    for seed in range(5):
        parts = split(400, seed=seed, groups=groups)
        assert parts.held_out is not None
        where = [set(groups[part]) for part in (parts.train, parts.validation, parts.held_out)]
        assert len(set.union(*where)) == sum(map(len, where))
        assert sum(map(len, (parts.train, parts.validation, parts.held_out))) == 400
    with pytest.raises(InputError, match="Too few groups: 2"):
        split(400, seed=0, groups=groups % 2)


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
    assert found.values.dtype.isnative
    assert (found.values == values.astype(found.values.dtype)).all()
    run = fit(found, overrides={"training": {"epochs": 1}})
    assert (run.encode(values) == run.encode(found.values)).all()


def test_the_largest_integers_do_not_turn_negative() -> None:
    values = np.full((30, 2), 2**63 - 1)
    values[::2] = 2**62
    assert (back(values) > 0).all()


def test_a_number_in_front_of_each_row_is_its_id(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",a,b\n7,1,2\n8,3,1_000\n")
    with pytest.raises(InputError, match="'1_000' in column 'b'"):
        read("a.csv")
    found = read("a.csv", Reading(columns=("a",)))
    assert (found.ids, found.schema.names) == (("7", "8"), ("a",))
    (tmp_path / "a.csv").write_text(",a,b\n7,1,2\n8,3,4\n")
    assert read("a.csv").schema.names == ("a", "b")


def test_a_column_without_training_values_is_named() -> None:
    values = np.random.default_rng(0).random((40, 3))
    values[:, 1] = np.nan
    with pytest.raises(InputError, match="'x1' has no value in the 24 rows of the training part"):
        fit(as_data(values))


@pytest.mark.parametrize("values", [np.full((60, 4), 0.3), np.full((60, 5, 5), 7, np.uint8)])
def test_data_that_never_change_are_refused(values: np.ndarray[Any, Any]) -> None:
    with pytest.raises(InputError, match="is the same in all rows: there is nothing to learn"):
        fit(as_data(values))


def test_a_code_as_large_as_the_data_is_warned_of() -> None:
    values = np.random.default_rng(0).random((60, 3))
    for size, warned in ((2, 0), (3, 1), (9, 1)):
        run = fit(as_data(values), latent_dim=size, overrides={"training": {"epochs": 1}})
        assert sum("overcomplete" in text for text in run.config["warnings"]) == warned


def test_outputs_stay_inside_the_range_of_the_training_part() -> None:
    values = np.random.default_rng(0).exponential(1, (200, 3))
    choice, _ = chosen(values)
    wild = choice.scaling.restore(100 * torch.randn(50, 3))
    assert (wild.min(0) >= values.min(0)).all()
    assert (wild.max(0) <= values.max(0)).all()
