"""Datasets by name: those that scikit-learn contains, images that are drawn, MNIST and Fashion-MNIST.

MNIST (LeCun, Cortes & Burges 1998) and Fashion-MNIST (Xiao, Rasul & Vollgraf 2017) are IDX files.
They are read from `$NARROWS_DATA` or the user's cache; if they are in neither, they are downloaded
into the cache.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import ssl
import sys
import tempfile
import urllib.request
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.error import URLError

import numpy as np
from tqdm import tqdm

from narrows.core.errors import InputError
from narrows.core.memory import check_room
from narrows.data.examples import Data
from narrows.data.kinds import describe
from narrows.data.schema import Array
from narrows.data.sources import InMemory
from narrows.data.windows import Patches

if TYPE_CHECKING:
    from narrows.data.lattice import Micrographs


class Bundled(NamedTuple):
    """A dataset of scikit-learn: the name of its loader, and whether its examples are images."""

    loader: str
    images: bool = False


class Glyphs(NamedTuple):
    """Images that `narrows.data.glyphs` draws: their characters, and the size of the two parts."""

    characters: str
    train: int = 6000
    test: int = 1000


class Lattice(NamedTuple):
    """Micrographs that `narrows.data.lattice` draws: their number, and height and width in pixels."""

    n: int = 100
    size: int = 256


class Idx(NamedTuple):
    """A dataset in the IDX format: its folder, the addresses of it, and the SHA-256 of its files."""

    folder: str
    mirrors: tuple[str, ...]
    checksums: dict[str, str]


FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)

DATASETS: dict[str, Bundled | Glyphs | Lattice | Idx] = {
    "digits": Bundled("load_digits", images=True),
    "breast-cancer": Bundled("load_breast_cancer"),
    "diabetes": Bundled("load_diabetes"),
    "iris": Bundled("load_iris"),
    "wine": Bundled("load_wine"),
    "glyphs": Glyphs("0123456789"),
    "glyph-letters": Glyphs("ABCDEFGHIJ"),
    "lattice": Lattice(),
    "mnist": Idx(
        "mnist",
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        {
            "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        },
    ),
    "fashion-mnist": Idx(
        "fashion_mnist",
        (
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        ),
        {
            "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        },
    ),
}


def load(name: str, kind: str | None = None) -> Data:
    """The dataset called `name`, a key of `DATASETS`."""
    entry = DATASETS[name]
    if isinstance(entry, Bundled):
        return load_bundled(name, entry, kind)
    if isinstance(entry, Lattice):
        return load_lattice(name, entry, kind)
    return load_glyphs(name, entry, kind) if isinstance(entry, Glyphs) else load_idx(name, entry, kind)


def load_bundled(name: str, entry: Bundled, kind: str | None) -> Data:
    from sklearn import datasets

    bunch = getattr(datasets, entry.loader)()
    values = bunch.images if entry.images and kind != "table" else bunch.data
    columns = () if entry.images else tuple(map(str, bunch.feature_names))
    # The target of diabetes is a real number, not a class; labels are used for colours only.
    return Data(InMemory(values), describe(values, kind, columns), name, labels=bunch.target)


def load_glyphs(name: str, entry: Glyphs, kind: str | None) -> Data:
    from narrows.data import glyphs

    images, labels = glyphs.draw(entry.train + entry.test, entry.characters)
    parts = (images[: entry.train], labels[: entry.train], images[entry.train :], labels[entry.train :])
    return in_two_parts(name, parts, kind, "a test part, drawn from the same distribution")


def load_lattice(name: str, entry: Lattice, kind: str | None) -> Data:
    made = micrographs(entry)
    note = "Micrographs of an atomic lattice, drawn at random: the counted electrons of each pixel."
    return Data(InMemory(made.noisy), describe(made.noisy, kind), name, made.names, notes=(note,))


@cache
def micrographs(entry: Lattice) -> Micrographs:
    from narrows.data.lattice import lattice

    return lattice(entry.n, entry.size)


def patch_labels(data: Data, patches: Patches, side: int) -> Array | None:
    """Labels `(n,)` of patches of a dataset's images: those of their images, or the defects in them."""
    entry = DATASETS[data.name]
    if isinstance(entry, Lattice):
        return micrographs(entry).labels(patches, side)
    return None if data.labels is None else data.labels[patches.owner]


def load_idx(name: str, entry: Idx, kind: str | None) -> Data:
    parts = [read_idx(find(entry, file)) for file in FILES]
    return in_two_parts(name, parts, kind, "the official test part")


def in_two_parts(name: str, parts: Sequence[Array], kind: str | None, what: str) -> Data:
    """Training images and labels, then test images and labels; `what` says what the test images are."""
    images, labels, test_images, test_labels = parts
    schema = describe(images, kind)
    test = Data(InMemory(test_images), schema, name, labels=test_labels)
    note = f"{len(test_images):,} of the images are {what}."
    return Data(InMemory(images), schema, name, labels=labels, test=test, notes=(note,))


GZIP_RATIO = 1100
"""An upper bound for how much smaller a gzip file is than its contents; the format allows 1032."""


def read_idx(file: Path) -> Array:
    """The array of a gzipped IDX file of bytes; at most the size in its header is decompressed.

    Raises:
        InputError: when the file is damaged, truncated, of another type or too large for the memory.
    """
    try:
        with gzip.open(file) as stream:
            start = stream.read(4)
            axes = start[3] if len(start) == 4 and start[:3] == b"\0\0\x08" else 0
            shape = np.frombuffer(stream.read(4 * axes), ">u4").tolist()
            promised = prod(shape) if axes and len(shape) == axes else -1
            if not 0 <= promised <= GZIP_RATIO * file.stat().st_size:
                raise InputError(f"{file.name} is not an IDX file of bytes, or is truncated.")
            check_room(promised, f"{file.name} unpacks to")
            raw = stream.read(promised + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{file.name} is no gzip file, or is truncated: {error}.") from error
    if len(raw) != promised:
        raise InputError(f"{file.name} is not an IDX file of bytes, or is truncated.")
    return np.frombuffer(raw, np.uint8).reshape(shape)


def find(entry: Idx, file: str) -> Path:
    """The path of `file` on this machine; it is downloaded if it is not there yet."""
    cache = cache_folder()
    roots = [Path(os.environ["NARROWS_DATA"]).expanduser()] if os.environ.get("NARROWS_DATA") else []
    for root in (*roots, cache):
        if (root / entry.folder / file).is_file():
            return root / entry.folder / file
    target = cache / entry.folder / file
    download([mirror + file for mirror in entry.mirrors], target, entry.checksums[file])
    return target


def cache_folder() -> Path:
    """The folder of downloads: `$XDG_CACHE_HOME/narrows`, or `~/.cache/narrows`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "narrows"


def download(
    urls: Sequence[str],
    target: Path,
    checksum: str,
    *,
    context: ssl.SSLContext | None = None,
) -> None:
    """Download a file from the first of `urls` that gives the right bytes.

    It is written beside `target` and renamed to it when its SHA-256 is `checksum`, so that `target` is
    complete or absent.

    Raises:
        InputError: when no address gave the file, with the failure of each.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    failures = []
    for url in urls:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".part-", delete=False) as part:
            try:
                outcome = transfer(url, part.write, target.name, context)
            except (URLError, OSError) as error:
                outcome = f"no answer ({getattr(error, 'reason', error)})"
        if outcome == checksum:
            Path(part.name).replace(target)
            return
        Path(part.name).unlink()
        failures.append(
            f"{url}: {outcome if outcome.startswith('no answer') else 'wrong checksum ' + outcome[:12]}"
        )
    raise InputError(
        f"{target.name} could not be downloaded; put it into $NARROWS_DATA/{target.parent.name} by hand. "
        + " · ".join(failures)
    )


def transfer(
    url: str,
    write: Callable[[bytes], int],
    name: str,
    context: ssl.SSLContext | None,
) -> str:
    """Pass the contents of `url` to `write` and return their SHA-256; a terminal shows a progress bar."""
    digest = hashlib.sha256()
    with urllib.request.urlopen(url, timeout=30, context=context) as answer:
        total = int(answer.headers.get("Content-Length") or 0) or None
        with tqdm(total=total, unit="B", unit_scale=True, desc=name, disable=not sys.stderr.isatty()) as bar:
            while chunk := answer.read(1 << 16):
                digest.update(chunk)
                write(chunk)
                bar.update(len(chunk))
    return digest.hexdigest()
