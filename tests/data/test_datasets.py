from __future__ import annotations

import gzip
import hashlib
import ssl
import threading
from collections.abc import Iterator
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustme

from narrows.core.errors import InputError
from narrows.data import datasets
from narrows.data.datasets import DATASETS, Glyphs, Idx, Lattice, download, read_idx
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.summary import summarise


def idx(array: np.ndarray[Any, Any]) -> bytes:
    axes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(b"\0\0\x08" + bytes([array.ndim]) + axes + array.tobytes())


def test_idx_files_are_read_and_checked(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 256, (6, 5, 4), dtype="u1")
    file = tmp_path / "a.gz"
    file.write_bytes(idx(values))
    assert (read_idx(file) == values).all()
    for spoiled, message in (
        (idx(values)[:-20], "is no gzip file, or is truncated"),
        (gzip.compress(gzip.decompress(idx(values))[:-1]), "is not an IDX file of bytes, or is truncated"),
        (gzip.compress(b"??"), "is not an IDX file of bytes"),
    ):
        file.write_bytes(spoiled)
        with pytest.raises(InputError, match=message):
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
    assert (read("mnist").array == found.array).all()


def test_every_mirror_is_https() -> None:
    sets = [entry for entry in DATASETS.values() if isinstance(entry, Idx)]
    assert sets
    assert all(mirror.startswith("https://") for entry in sets for mirror in entry.mirrors)
    assert all(set(entry.checksums) == set(datasets.FILES) for entry in sets)


@pytest.mark.parametrize("name", [name for name, entry in DATASETS.items() if not isinstance(entry, Idx)])
def test_bundled_sets_need_no_network(name: str) -> None:
    found = summarise(read(name))
    assert found["n"] >= 100
    drawn = isinstance(DATASETS[name], (Glyphs, Lattice))
    assert found["kind"] == ("images" if drawn or name == "digits" else "table")


def test_images_of_a_set_are_cut_into_patches_with_their_labels_and_test_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, cut = read("digits"), read("digits", Reading(patch=4))
    assert cut.labels is not None
    assert whole.labels is not None
    assert cut.array.shape == (4 * len(whole), 4, 4)
    assert (cut.labels == np.repeat(whole.labels, 4)).all()
    assert (cut.array[1] == whole.array[0, :4, 4:]).all()
    monkeypatch.setitem(DATASETS, "glyphs", Glyphs("01", train=20, test=10))
    assert len(read("glyphs", Reading(patch=14)).held_out) == 4 * 10
    with pytest.raises(InputError, match="iris is read as table; leave --patch out"):
        read("iris", Reading(patch=4))
