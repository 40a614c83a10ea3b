from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.core.errors import InputError
from narrows.data.tables import blocks as module
from narrows.data.tables.blocks import Blocks, QuotesError, has_stray_quotes, last_lines
from narrows.data.tables.streams import UnlikeError

pytest.importorskip("pyarrow")


def in_file(folder: Path, content: bytes, columns: int = 2, encoding: str = "utf-8") -> Blocks:
    file = folder / "t.csv"
    file.write_bytes(content)
    return Blocks(file, ",", columns, skipped=1, encoding=encoding)


def test_blocks_are_whole_rows_without_the_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 5)
    text = b'a,b\n1,2\n3,"x\ny\n,z"\n5,6'
    for content in (text, b"\xef\xbb\xbf" + text, gzip.compress(text)):
        found = [(block.text, [*block.lines]) for block in in_file(tmp_path, content)]
        assert found == [(b'1,2\n3,"x\ny\n,z"\n', [2, 5]), (b"5,6", [6])]


def test_comments_and_blank_lines_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 5)
    text = b'a,b\n# "\n\n1,2\n \t\n3,"x\n\n# y\n,z"\n5,6\r\n\r\n#\n7,8'
    for by_csv in (False, True):
        found = in_file(tmp_path, text)
        found.by_csv = by_csv
        read = [*found]
        rows = b"".join(block.text for block in read).replace(b"\r", b"")
        assert rows.strip() == b'1,2\n3,"x\n\n,z"\n5,6\n7,8'
        assert [line for block in read for line in block.lines] == [4, 9, 10, 13]
        assert found.comments == 3


def test_quotes_inside_of_cells_are_split_by_csv(tmp_path: Path) -> None:
    found = in_file(tmp_path, b'a,b\n5" pipe,"a" b\n ="01",="02"\n"x","y""z"\n')
    with pytest.raises(QuotesError):
        next(iter(found))
    found.by_csv = True
    assert [block.text for block in found] == [b'"5"" pipe",a b\n" =""01""",02\nx,"y""z"\n']


def test_windows_1252_becomes_utf_8(tmp_path: Path) -> None:
    content = "a,b\n1,für\n".encode("cp1252")
    assert [block.text.decode() for block in in_file(tmp_path, content, encoding="cp1252")] == ["1,für\n"]
    with pytest.raises(UnicodeDecodeError):
        [*in_file(tmp_path, content)]


@pytest.mark.parametrize(
    "row", ['x"y,1', '"a"b,1', ' "a",1', "1,2\x0b", "1,\u20282", "1\r2,3", '"NA",1', '"=""1""",2']
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
