from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from narrows.core.errors import DamagedRunError, InputError, NoRoomError, TrainingError
from narrows.core.files import (
    check_checksums,
    checksums,
    difference,
    json_bytes,
    new_file,
    new_folder,
    replace_file,
    undamaged,
    writing,
)


def fail(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_differences_are_found_in_lists_and_absent_items() -> None:
    assert difference({"a": 1}, {"a": 1.0}, "x") == ""
    assert difference({}, {"a": [1, 2]}, "x") == "x.a was null and is now [1, 2]"
    assert len(difference(list(range(1000)), [], "x")) < 200


def test_what_is_not_json_is_not_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_bytes({"a": float("nan")})


def test_a_file_is_replaced_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    target = tmp_path / "a"
    replace_file(target, b"old")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="No space left"):
            replace_file(target, b"new")
    assert target.read_bytes() == b"old"
    before = target.stat().st_ino
    replace_file(target, b"new")
    assert target.read_bytes() == b"new"
    assert target.stat().st_ino != before  # another file, moved there when it was whole
    assert list(tmp_path.iterdir()) == [target]


def test_a_new_file_or_folder_appears_at_the_end_or_never(tmp_path: Path) -> None:
    for new in (new_file, new_folder):
        target = tmp_path / "inner/a"
        full = pytest.raises(NoRoomError, match=r"a cannot be written: No space left on device; free some")
        with full, new(target):
            fail()
        assert list(target.parent.iterdir()) == []
        with pytest.raises(InputError, match=r"a cannot be written: Not a directory\."), new(target):
            raise NotADirectoryError(20, "Not a directory")
    with new_file(target) as part:
        part.write_bytes(b"x")
        assert not target.exists()
    assert target.read_bytes() == b"x"
    with new_folder(tmp_path / "b") as part:
        (part / "c").touch()
    assert (tmp_path / "b/c").exists()


def test_an_error_while_writing_says_what_to_do() -> None:
    go_on = writing(Path("a"), " and go on", TrainingError)
    with (
        pytest.raises(
            NoRoomError, match=r"^a cannot be written: No space left on device; free some space and go on\.$"
        ),
        go_on,
    ):
        fail()
    go_on = writing(Path("a"), " and go on", TrainingError)
    with (
        pytest.raises(TrainingError, match=r"^a cannot be written: Denied; correct that and go on\.$"),
        go_on,
    ):
        raise PermissionError(13, "Denied")


def test_checksums_are_those_of_sha256sum_and_a_change_is_named(tmp_path: Path) -> None:
    files = {"a": b"1", "b": b"2"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "SUMS").write_bytes(checksums(files))
    first = (tmp_path / "SUMS").read_text().splitlines()[0]
    assert first == f"{hashlib.sha256(b'1').hexdigest()}  a"
    check_checksums(tmp_path, "SUMS", files)
    (tmp_path / "b").write_bytes(b"3")
    with pytest.raises(DamagedRunError, match="is damaged: b is not as it was written"):
        check_checksums(tmp_path, "SUMS", files)


def test_a_parser_error_becomes_one_sentence_and_ours_passes() -> None:
    with pytest.raises(DamagedRunError, match=r"^a is damaged: KeyError 'x'\.$"), undamaged(Path("a")):
        {}["x"]
    with pytest.raises(InputError, match=r"^said already$"), undamaged(Path("a")):
        raise InputError("said already")
