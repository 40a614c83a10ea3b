"""Files as people have them, ways in which they break, and what must come of it.

Whatever is read is either refused in one sentence or is data that can be used: nothing else.
"""

from __future__ import annotations

import gzip
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas
import tifffile
from PIL import Image

from narrows.core.errors import InputError
from narrows.core.files import checksums
from narrows.data.examples import Data
from narrows.data.readers import read
from narrows.data.summary import summarise
from narrows.fitting.fit import fit
from narrows.runs.folder import FILES, SUMS, load_run, save_run

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (8, 9, 7), dtype=np.uint8)
TABLE = pandas.DataFrame(
    {
        "length": np.linspace(0.5, 9, 40).round(3),
        "count": RNG.integers(0, 50, 40),
        "sick": np.arange(40) % 3 == 0,
        "town": np.array(["Ulm", "Bonn", "Rom"])[np.arange(40) % 3],
    }
)


def pictures(folder: Path, ending: str, convert: Callable[[Image.Image], Image.Image]) -> None:
    folder.mkdir()
    for i, image in enumerate(GREY):
        convert(Image.fromarray(image)).save(folder / f"{i}{ending}")


def tiffs(folder: Path) -> None:
    folder.mkdir()
    for i, image in enumerate(GREY):
        tifffile.imwrite(folder / f"{i}.tif", np.stack([image.astype("u2") * 200] * 3, axis=-1))


def idx(file: Path) -> None:
    header = b"\0\0\x08\x03" + np.array(GREY.shape, ">u4").tobytes()
    file.write_bytes(gzip.compress(header + GREY.tobytes()))


def run_folder(folder: Path) -> None:
    data = read_table(folder)
    save_run(fit(data, latent_dim=2, overrides={"training": {"epochs": 1}}), folder)


def read_table(folder: Path) -> Data:
    TABLE.to_csv(folder.with_suffix(".csv"), index=False)
    data = read(folder.with_suffix(".csv"))
    folder.with_suffix(".csv").unlink()
    return data


SOURCES: dict[str, Callable[[Path], object]] = {
    "table.csv": lambda path: TABLE.to_csv(path, index=False),
    "table.tsv": lambda path: TABLE.to_csv(path, index=False, sep="\t"),
    "table.parquet": lambda path: TABLE.to_parquet(path),
    "numbers.npy": lambda path: np.save(path, TABLE[["length", "count"]].to_numpy()),
    "images.npy": lambda path: np.save(path, GREY),
    "images.npz": lambda path: np.savez_compressed(path, X=GREY, y=np.arange(8)),
    "plain.npz": lambda path: np.savez(path, X=GREY),
    "images.gz": idx,
    "png": lambda path: pictures(path, ".png", lambda image: image),
    "palette": lambda path: pictures(path, ".png", lambda image: image.convert("P")),
    "deep": lambda path: pictures(path, ".png", lambda image: image.convert("I;16")),
    "jpeg": lambda path: pictures(path, ".jpg", lambda image: image.convert("RGB")),
    "bmp": lambda path: pictures(path, ".bmp", lambda image: image),
    "tiff": lambda path: pictures(path, ".tif", lambda image: image),
    "deep tiff": tiffs,
    "run": run_folder,
    "resealed run": run_folder,
}
"""What is broken: each a name, and how to make it at a path of that name."""


def make_sources(folder: Path) -> None:
    for name, make in SOURCES.items():
        make(folder / name)


def flip(raw: bytearray, draw: random.Random) -> None:
    for _ in range(draw.choice([1, 1, 4, 30])):
        raw[draw.randrange(len(raw))] ^= 1 << draw.randrange(8)


def flip_header(raw: bytearray, draw: random.Random) -> None:
    raw[draw.randrange(min(200, len(raw)))] = draw.randrange(256)


def cut(raw: bytearray, draw: random.Random) -> None:
    del raw[draw.randrange(len(raw)) :]


def remove(raw: bytearray, draw: random.Random) -> None:
    start = draw.randrange(len(raw))
    del raw[start : start + draw.randrange(1, 50)]


def repeat(raw: bytearray, draw: random.Random) -> None:
    start = draw.randrange(len(raw))
    raw[start:start] = raw[start : start + draw.randrange(1, 200)]


def insert(raw: bytearray, draw: random.Random) -> None:
    start = draw.randrange(len(raw) + 1)
    raw[start:start] = draw.randbytes(draw.randrange(1, 20))


def extreme(raw: bytearray, draw: random.Random) -> None:
    start = draw.randrange(max(1, len(raw) - 8))
    raw[start : start + 4] = draw.choice(
        [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\x80\0\0\0"]
    )


def digits(raw: bytearray, draw: random.Random) -> None:
    """Other digits, as an editor's slip makes them; a number may become huge."""
    places = [i for i, byte in enumerate(raw) if 48 <= byte <= 57]
    if places:
        place = draw.choice(places)
        raw[place : place + 1] = draw.choice([b"9" * 9, b"1e99", b"-", b"x", b"nan", b"0", b"\xe4"])


def swap(raw: bytearray, draw: random.Random) -> None:
    """Two stretches of the same length change places."""
    size = draw.randrange(1, max(2, len(raw) // 4))
    first, second = sorted(draw.randrange(len(raw) - size + 1) for _ in range(2))
    if first + size <= second:
        raw[first : first + size], raw[second : second + size] = (
            raw[second : second + size],
            raw[first : first + size],
        )


MUTATIONS = (flip, flip_header, cut, remove, repeat, insert, extreme, digits, swap)


def mutated(source: Path, place: Path, draw: random.Random) -> str:
    """Copy `source` to `place` with one of its files broken; says how."""
    if source.is_dir():
        shutil.copytree(source, place)
    else:
        shutil.copy(source, place)
    files = sorted(file for file in place.iterdir() if file.name != SUMS) if place.is_dir() else [place]
    file, change = draw.choice(files), draw.choice(MUTATIONS)
    raw = bytearray(file.read_bytes())
    change(raw, draw)
    file.write_bytes(raw)
    if source.name == "resealed run":
        (place / SUMS).write_bytes(checksums({name: (place / name).read_bytes() for name in FILES[:-1]}))
    return f"{change.__name__} in {file.name}"


def outcome(source: Path, place: Path) -> str:
    """What comes of reading the broken copy `place` of `source`: refused, the same, or other data.

    Raises:
        AssertionError: for a refusal that is not one short sentence, or data that break a promise.
    """
    try:
        return outcome_of_run(source, place) if "run" in source.name else outcome_of_data(source, place)
    except InputError as error:
        text = str(error)
        assert len(text.splitlines()) == 1, text
        assert 20 < len(text) < 700, text
        assert "Error(" not in text, text
        return "refused"


def outcome_of_data(source: Path, place: Path) -> str:
    found, before = read(place), read(source)
    assert len(found) > 0
    assert found.array.shape == (len(found), *found.schema.shape)
    assert found.schema.kind == "table" or np.isfinite(found.array).all()
    assert not np.isinf(found.array.astype(np.float64)).any()
    assert len(found.ids) in (0, len(found))
    assert summarise(found)["why"]
    same = found.schema == before.schema and np.array_equal(found.array, before.array, equal_nan=True)
    return "the same" if same else "other data"


def outcome_of_run(source: Path, place: Path) -> str:
    before, found = load_run(source), load_run(place)
    values = np.array([[1.0, 5.0, 1.0, 2.0], [np.nan, 7.0, 0.0, np.nan]])
    codes = found.encode(values)
    assert np.isfinite(found.reconstruct(values)).all()
    if np.array_equal(codes, before.encode(values)):
        return "the same"
    assert source.name == "resealed run", "another model without a word"
    return "other data"
