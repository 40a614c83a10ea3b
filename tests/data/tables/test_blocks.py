from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.core.errors import InputError
from narrows.data.tables import blocks as module
from narrows.data.tables.blocks import Blocks, UnlikeError, has_stray_quotes, is_odd, last_lines

pytest.importorskip("pyarrow")


def in_file(folder: Path, content: bytes, columns: int = 2, encoding: str = "utf-8") -> Blocks:
    file = folder / "t.csv"
    file.write_bytes(content)
    return Blocks(file, ",", columns, header=True, encoding=encoding)


def test_blocks_are_whole_rows_without_the_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 5)
    text = b'a,b\n1,2\n3,"x\ny\n,z"\n5,6'
    for content in (text, b"\xef\xbb\xbf" + text, gzip.compress(text)):
        found = [block for _, block in in_file(tmp_path, content)]
        assert found == [b'1,2\n3,"x\ny\n,z"\n', b"5,6"]


def test_windows_1252_becomes_utf_8(tmp_path: Path) -> None:
    content = "a,b\n1,für\n".encode("cp1252")
    assert [block.decode() for _, block in in_file(tmp_path, content, encoding="cp1252")] == ["1,für\n"]
    with pytest.raises(UnicodeDecodeError):
        [*in_file(tmp_path, content)]


@pytest.mark.parametrize(
    "row", ["# a,1", 'x"y,1', '"a"b,1', ' "a",1', "1,2\x0b", "1,\u200b2", "1\r2,3", '"NA",1', '"=""1""",2']
)
def test_blocks_that_may_be_split_in_other_ways_are_told(row: str, tmp_path: Path) -> None:
    with pytest.raises(UnlikeError):
        [*in_file(tmp_path, f"a,b\n1,2\n{row}\n".encode())]


def test_a_damaged_archive_is_left_to_another_reader(tmp_path: Path) -> None:
    with pytest.raises(UnlikeError):
        [*in_file(tmp_path, gzip.compress(b"a,b\n1,2\n" * 99)[:-12])]


def test_a_quote_that_never_ends_is_not_read_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK", 8)
    with pytest.raises(UnlikeError):
        [*in_file(tmp_path, b'a,b\n1,"2\n' + b"3,4\n" * 100)]


def test_a_number_sign_inside_a_line_is_no_comment() -> None:
    assert not is_odd(b"a#1,2\n3,4\n", ",")
    assert is_odd(b"1,2\n#3,4\n", ",")


@given(st.lists(st.lists(st.text(st.sampled_from('ab,\n"'), max_size=4), min_size=2, max_size=2), min_size=1))
def test_the_last_line_of_each_row_is_that_of_csv(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    file = tmp_path_factory.mktemp("csv") / "t.csv"
    with file.open("w", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    text = file.read_text()
    reader = csv.reader(text.splitlines(keepends=True))
    assert [*last_lines(text.encode())] == [reader.line_num for _ in reader]
    assert not has_stray_quotes(text.encode(), ",")


def test_texts_of_a_file_that_changed_are_not_taken(tmp_path: Path) -> None:
    found = in_file(tmp_path, b"a,b\n1,x\n")
    assert [*found.texts([1])[1]] == ["x"]
    found.file.write_text("something else")
    with pytest.raises(InputError, match="changed while it was read"):
        found.texts([1])
