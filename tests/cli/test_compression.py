"""The verbs compress and decompress."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.commands import as_json, narrows

pytest.importorskip("constriction")
RNG = np.random.default_rng(0)
IMAGES = np.clip(np.cumsum(RNG.normal(0, 9, (60, 8, 7)), axis=2) + 128, 0, 255).astype(np.uint8)


def test_data_are_compressed_and_decompressed(capsys: pytest.CaptureFixture[str]) -> None:
    np.save("x.npy", IMAGES)
    narrows(capsys, "fit", "x.npy", "--recipe", "lossless", "--epochs", 1, "--out", "run")
    record = as_json(capsys, "compress", "run", "x.npy", "-o", "x.nrw")
    assert record["bytes"] == Path("x.nrw").stat().st_size
    assert record["original_bytes"] == IMAGES.nbytes
    assert record["bits_per_value"] == pytest.approx(8 * record["bytes"] / IMAGES.size)
    assert record["psnr"] is None
    assert as_json(capsys, "decompress", "run", "x.nrw", "-o", "y.npy")["n"] == 60
    assert np.array_equal(np.load("y.npy"), IMAGES)
    content = bytearray(Path("x.nrw").read_bytes())
    content[len(content) // 2] ^= 1
    Path("z.nrw").write_bytes(bytes(content))
    assert "is damaged" in as_json(capsys, "decompress", "run", "z.nrw", "-o", "z.npy", code=2)["error"]
    assert not Path("z.npy").exists()
    assert "ends in .nrw" in as_json(capsys, "compress", "run", "x.npy", "-o", "x.zip", code=2)["error"]


def test_a_smaller_model_is_offered_and_has_files_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    np.save("x.npy", IMAGES)
    narrows(capsys, "fit", "x.npy", "--recipe", "lossless", "--epochs", 1, "--out", "run")
    said = narrows(capsys, "compress", "run", "x.npy", "-o", "x.nrw", "--compare")[0]
    assert "narrows export run --half FOLDER" in said.splitlines()[-1]
    as_json(capsys, "export", "run", "--half", "half")
    record = as_json(capsys, "compress", "half", "x.npy", "-o", "y.nrw")
    assert record["model_bytes"] == record["model_bytes_in_float16"]
    assert f"has {record['model_bytes']:,} bytes" in said.splitlines()[-1]
    as_json(capsys, "decompress", "half", "y.nrw", "-o", "y.npy")
    assert np.array_equal(np.load("y.npy"), IMAGES)
    refused = as_json(capsys, "decompress", "half", "x.nrw", "-o", "z.npy", code=2)["error"]
    assert "another model" in refused


def test_a_table_comes_back_with_the_columns_that_the_model_does_not_have(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [f"row {i},{i % 7},{'' if i == 3 else i / 4},{'yes' if i % 3 else 'no'}" for i in range(80)]
    text = "\n".join(["note,x,y,flag", *rows, ""])
    Path("t.csv").write_text(text, "utf-8")
    narrows(capsys, "fit", "t.csv", "--recipe", "lossless", "--epochs", 1, "--label", "flag", "--out", "run")
    record = as_json(capsys, "compress", "run", "t.csv", "-o", "t.nrw")
    assert record["columns_beside"] == ["note", "flag"]
    assert record["value_bytes"] < record["bytes"] == Path("t.nrw").stat().st_size
    said = narrows(capsys, "compress", "run", "t.csv", "-o", "t.nrw")[0]
    assert f"and {record['bytes'] - record['value_bytes']:,} bytes for text" in said
    as_json(capsys, "decompress", "run", "t.nrw", "-o", "again.csv")
    cells = [line.split(",") for line in Path("again.csv").read_text("utf-8").splitlines()]
    assert cells[0] == ["note", "x", "y", "flag"]
    assert cells[4] == ["row 3", "3", "nan", "no"]
    assert [line[0::3] for line in cells] == [line.split(",")[0::3] for line in text.splitlines()]


def test_data_are_compressed_with_a_loss_and_a_curve_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    np.save("x.npy", IMAGES)
    narrows(capsys, "fit", "x.npy", "--recipe", "compression", "--epochs", 30, "--out", "run")
    written = ("compress", "run", "x.npy", "-o", "x.nrw", "--psnr", 30, "--curve", "curve.html")
    record = as_json(capsys, *written)
    assert record["bytes"] == Path("x.nrw").stat().st_size
    assert 30 <= record["psnr"] < 30.2
    assert {row["method"] for row in record["curve"]["rows"]} >= {"narrows", "JPEG", "WebP"}
    assert "bits per pixel" in Path("curve.html").read_text("utf-8")
    as_json(capsys, "decompress", "run", "x.nrw", "-o", "y.npy")
    error = np.mean((np.load("y.npy").astype(float) - IMAGES) ** 2)
    assert 10 * np.log10(255**2 / error) == pytest.approx(record["psnr"], abs=0.01)
    refused = as_json(capsys, "compress", "run", "x.npy", "-o", "z.nrw", code=2)["error"]
    assert "say how much may be lost" in refused


def test_whole_images_of_several_sizes_come_back_with_names_and_modes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """They are cut into patches, and the code of a whole image is a larger grid."""
    folder = Path("photos")
    folder.mkdir()
    sizes = {"a.png": (40, 52), "b.png": (33, 70), "c.png": (40, 52), "d.png": (32, 33)}
    for name, size in sizes.items():
        walk = np.cumsum(np.cumsum(RNG.normal(0, 1, size), axis=1), axis=0)
        Image.fromarray(np.clip(walk + 128, 0, 255).astype(np.uint8)).save(folder / name)
    narrows(capsys, "fit", folder, "--recipe", "compression", "--epochs", 30, "--out", "run")
    written = ("compress", "run", folder, "-o", "x.nrw", "--psnr", 30, "--curve", "x.html", "--compare")
    record = as_json(capsys, *written)
    assert record["n"] == 4
    assert record["original_bytes"] == sum(height * width for height, width in sizes.values())
    assert record["bits_per_value"] == pytest.approx(8 * record["bytes"] / record["original_bytes"])
    assert 30 <= record["psnr"] < 30.3
    assert {row["method"] for row in record["curve"]["rows"]} >= {"narrows", "JPEG", "WebP"}
    assert "for images of 32x32" in record["curve"]["left_out"]["PCA codes"]
    assert record["codecs"]["PNG"] > 0
    assert as_json(capsys, "decompress", "run", "x.nrw", "-o", "again")["n"] == 4
    errors = []
    for name in sizes:
        came, made = (np.asarray(Image.open(Path(where, name))) for where in ("photos", "again"))
        assert (came.shape, came.dtype) == (made.shape, made.dtype)
        errors.append((came.astype(float) - made).ravel() ** 2)
    error = np.mean(np.concatenate(errors))
    assert 10 * np.log10(255**2 / error) == pytest.approx(record["psnr"], abs=0.02)
    image = np.asarray(Image.open(folder / "a.png"))
    np.save("one.npy", image)
    as_json(capsys, "compress", "run", "one.npy", "-o", "one.nrw", "--quality", 30)
    as_json(capsys, "decompress", "run", "one.nrw", "-o", "again.npy")
    assert np.load("again.npy").shape == image.shape


def test_images_of_several_sizes_come_back_without_loss_from_a_run_of_patches(
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = Path("photos")
    folder.mkdir()
    for name, size in {"a.png": (20, 27), "b.png": (17, 16), "c.png": (20, 27)}.items():
        walk = np.cumsum(np.cumsum(RNG.normal(0, 1, size), axis=1), axis=0)
        Image.fromarray(np.clip(walk + 128, 0, 255).astype(np.uint8)).save(folder / name)
    narrows(capsys, "fit", folder, "--recipe", "lossless", "--patch", 8, "--epochs", 1, "--out", "run")
    record = as_json(capsys, "compress", "run", folder, "-o", "x.nrw")
    assert (record["n"], record["original_bytes"]) == (3, 2 * 20 * 27 + 17 * 16)
    as_json(capsys, "decompress", "run", "x.nrw", "-o", "again")
    for file in folder.iterdir():
        assert np.array_equal(np.asarray(Image.open(Path("again", file.name))), np.asarray(Image.open(file)))


def test_grey_images_under_a_model_of_colours_come_back_grey(capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("mixed", "grey", "in"):
        Path(folder).mkdir()
    walk = np.cumsum(np.cumsum(RNG.normal(0, 1, (24, 20, 3)), axis=1), axis=0)
    colour = np.clip(walk + 128, 0, 255).astype(np.uint8)
    for i in range(3):
        Image.fromarray(np.roll(colour, i, axis=1)).save(f"mixed/{i}.png")
        Image.fromarray(np.roll(colour[..., 0], i, axis=1)).save(f"grey/{i}.png")
    Image.fromarray(colour[..., 0]).save("mixed/grey.png")
    Image.fromarray(colour[..., 0] > 128).save("mixed/two.png")
    told = ("--recipe", "lossless", "--patch", 8, "--epochs", 1)
    narrows(capsys, "fit", "mixed", "--out", "run", *told)
    as_json(capsys, "compress", "run", "mixed", "-o", "x.nrw")
    as_json(capsys, "decompress", "run", "x.nrw", "-o", "again")
    for file in Path("mixed").iterdir():
        came, made = Image.open(file), Image.open(Path("again", file.name))
        assert made.mode == came.mode
        assert np.array_equal(np.asarray(made), np.asarray(came))
        came.close()
        made.close()
    narrows(capsys, "fit", "grey", "--out", "small", *told)
    refused = as_json(capsys, "compress", "small", "mixed", "-o", "y.nrw", code=2)["error"]
    assert "colours are grey" in refused
    assert "--mode RGB" in refused
    assert not Path("y.nrw").exists()
