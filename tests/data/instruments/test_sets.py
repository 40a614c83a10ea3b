"""Folders of files with arrays are read as images, of one size whole, of any size in patches."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.calibration import Axes, Axis
from narrows.data.images import sets
from narrows.data.images.files import read_whole
from narrows.data.images.folders import array_files
from narrows.data.instruments.sets import ArrayFiles
from narrows.data.instruments.writing import created
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.sources import on_disk
from narrows.data.sources.patches import PatchesOnDisk
from tests.commands import as_json
from tests.signals import PATTERNS, as_dict

for package in ("h5py", "mrcfile", "tifffile"):
    pytest.importorskip(package)

SIZES = [(40, 52), (40, 52), (33, 60)]


def axes_of(shape: tuple[int, ...], scale: float = 0.2, offset: float = 0.0) -> Axes:
    letters = "TYX"[-len(shape) :]
    return tuple(
        Axis(letter, size, *((1.0, 0.0, "") if letter == "T" else (scale, offset, "nm")))
        for letter, size in zip(letters, shape, strict=True)
    )


def write(file: str, values: np.ndarray, scale: float = 0.2, offset: float = 0.0) -> None:
    Path(file).parent.mkdir(exist_ok=True)
    with created(Path(file), axes_of(values.shape, scale, offset), values.dtype) as array:
        array[...] = values


def made(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**15, shape, dtype=np.uint16)


@pytest.mark.parametrize("ending", [".mrc", ".h5", ".hspy"])
def test_files_of_one_size_are_examples_with_the_names_of_the_files(
    ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = made(12, 20, 24)
    for i, image in enumerate(given):
        write(f"a/{i}{ending}", image)
    data = read("a")
    assert data.schema.shape == (20, 24)
    assert data.ids == tuple(f"{i}{ending}" for i in range(12))  # 10 comes after 9
    np.testing.assert_array_equal(data.array, given)
    assert [axis.letter for axis in data.axes] == ["Y", "X"]
    assert data.axes[1].unit in ("nm", "Å")
    monkeypatch.setattr(on_disk, "LARGE", 1)
    large = read(f"a/*{ending}").source
    assert isinstance(large, ArrayFiles)
    assert not large.in_memory
    index = np.array([11, 3, 7])
    np.testing.assert_array_equal(large.take(index), given[index])
    np.testing.assert_array_equal(np.concatenate([block for _, block in large.pieces()]), given)


def test_a_part_of_each_file_is_read() -> None:
    import h5py

    given = made(3, 9, 8)
    Path("a").mkdir()
    for i, image in enumerate(given):
        with h5py.File(f"a/{i}.h5", "w") as file:
            file["image"], file["dark"] = image, image // 2
    with pytest.raises(InputError, match="say which"):
        read("a")
    np.testing.assert_array_equal(read("a::dark").array, given // 2)
    np.testing.assert_array_equal(read("a/*.h5::image").array, given)


def test_stacks_are_groups_of_images() -> None:
    for i in range(3):
        write(f"a/{i}.mrc", made(4, 16, 16, seed=i))
    data = read("a")
    assert data.ids[4:6] == ("1[0].mrc", "1[1].mrc")
    assert data.groups is not None
    assert data.groups.tolist() == np.repeat(range(3), 4).tolist()
    np.testing.assert_array_equal(data.array[8:], made(4, 16, 16, seed=2))


def test_files_of_several_sizes_are_cut_into_patches(monkeypatch: pytest.MonkeyPatch) -> None:
    for i, size in enumerate(SIZES):
        write(f"a/{i}.mrc", made(*size, seed=i))
    with pytest.raises(InputError, match=r"2\.mrc is 33x60, but 0\.mrc is 40x52 .* with --patch"):
        read("a")
    in_memory = read("a", Reading(patch=8))
    assert in_memory.source.in_memory
    monkeypatch.setattr(sets, "KEPT", 1)
    found = read("a", Reading(patch=8))
    assert isinstance(found.source, PatchesOnDisk)
    assert found.ids == in_memory.ids
    np.testing.assert_array_equal(found.groups, in_memory.groups)
    np.testing.assert_array_equal(found.source.all(), in_memory.array)
    chosen = np.random.default_rng(1).permutation(len(found))[:20]
    np.testing.assert_array_equal(found.source.take(chosen), in_memory.array[chosen])


def test_whole_images_are_written_in_the_format_that_came_in(capsys: pytest.CaptureFixture[str]) -> None:
    for i, size in enumerate(SIZES):
        write(f"a/{i}.mrc", made(*size, seed=i))
    as_json(capsys, "fit", "a", "--patch", 16, "--recipe", "denoising", "--epochs", 1, "--out", "run")
    for verb in ("denoise", "reconstruct"):
        as_json(capsys, verb, "run", "a", "-o", verb)
        files = sorted(Path(verb).iterdir())
        assert [file.name for file in files] == ["0.mrc", "1.mrc", "2.mrc"]
        for file, size in zip(files, SIZES, strict=True):
            back = read(file)
            assert (back.array.shape[-2:], back.array.dtype) == (size, np.uint16)
            assert [axis.text.split(" ", 2)[2] for axis in back.axes] == ["(2 Å)", "(2 Å)"]


def test_calibrated_tiff_files_of_a_folder_keep_their_units(capsys: pytest.CaptureFixture[str]) -> None:
    for i in range(20):
        write(f"a/{i}.tif", made(16, 16, seed=i), offset=3.0)
    as_json(capsys, "fit", "a", "--recipe", "denoising", "--epochs", 1, "--out", "run")
    for verb in ("denoise", "reconstruct"):
        as_json(capsys, verb, "run", "a", "-o", verb)
        (file,) = [file for file in Path(verb).iterdir() if file.name == "7.tif"]
        axis = read(file).axes[-1]
        assert (axis.scale, axis.unit, axis.offset) == (pytest.approx(0.2), "nm", pytest.approx(3.0))


def test_what_differs_is_said() -> None:
    write("a/0.mrc", made(16, 16))
    write("a/1.mrc", made(16, 16), scale=0.4)
    data = read("a")
    assert data.axes == ()
    assert any("A pixel of these files has 2 sizes: 2 Å (0.mrc), 4 Å (1.mrc);" in w for w in data.warnings)
    write("b/0.h5", made(16, 16))
    write("b/1.h5", made(16, 16), offset=5.0)
    assert [axis.offset for axis in read("b").axes] == [0.0, 0.0]
    write("b/2.h5", made(16, 16).astype(np.float32))
    with pytest.raises(InputError, match=r"2\.h5 holds images of float32, but 0\.h5 of uint16"):
        read("b")


def test_scans_and_spectra_are_refused() -> None:
    scan = (Axis("Y", 4), Axis("X", 5), Axis("Ky", 8, 0.1, unit="1/nm"), Axis("Kx", 8, 0.1, unit="1/nm"))
    Path("a").mkdir()
    for i in range(2):
        with created(Path(f"a/{i}.hspy"), scan, np.dtype("u1")) as array:
            array[...] = 1
    with pytest.raises(InputError, match=r"0\.hspy is a scan of the shape 4x5x8x8 .* one scan at a time"):
        read("a")
    with created(Path("pattern.hspy"), scan[2:], np.dtype("u1")) as array:
        array[...] = 1
    assert read("pattern.hspy").schema.shape == (8, 8)
    write("b/0.mrc", made(8, 8))
    with pytest.raises(InputError, match="images are read, but wanted is table"):
        read("b", Reading(kind="table"))


def test_a_folder_is_read_in_its_most_frequent_format() -> None:
    for name in ("0.mrc", "1.mrc", "2.h5"):
        write(f"a/{name}", made(16, 16))
    data = read("a")
    assert len(data) == 2
    assert any("Left out of a: 1 file (2.h5); to read them, give a pattern" in w for w in data.warnings)
    assert len(read("a/*.*")) == 3
    write("a/0.tif", made(16, 16))
    found = read("a")
    assert found.ids == ("0.tif",)
    assert any("3 files (0.mrc, 1.mrc, 2.h5)" in warning for warning in found.warnings)
    assert array_files("a/0.mrc") is None


def test_an_image_is_read_where_all_are_of_any_size() -> None:
    for i, size in enumerate(SIZES):
        write(f"a/{i}.h5", made(*size, seed=i))
    whole = read_whole("a")
    for i, image in enumerate(whole.each):
        np.testing.assert_array_equal(image.pixels, made(*SIZES[i], seed=i))


def test_files_that_rosettasciio_reads_are_read_together() -> None:
    rpl = pytest.importorskip("rsciio.ripple", reason="rosettasciio, the extra 'em', is not installed")
    Path("a").mkdir()
    given = made(5, 12, 10)
    for i, image in enumerate(given):
        signal = as_dict(PATTERNS) | {"data": image}
        axes = [{**axis, "navigate": False, "index_in_array": j} for j, axis in enumerate(signal["axes"][:2])]
        sized = [{**axis, "size": size} for axis, size in zip(axes, image.shape, strict=True)]
        rpl.file_writer(f"a/{i}.rpl", signal | {"axes": sized})
    data = read("a")
    np.testing.assert_array_equal(data.array, given)
    assert data.ids == tuple(f"{i}.rpl" for i in range(5))
    assert [axis.text for axis in data.axes] == ["Y 12 (2 nm)", "X 10 (2 nm)"]
