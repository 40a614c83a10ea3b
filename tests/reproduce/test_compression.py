from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.evaluation.codecs import Packed
from narrows.reproduce import Entry, Lab, compression
from narrows.reproduce.compression import Filed, checks, compresses, filed, paid, size_table, smallest
from narrows.reproduce.measurement import Table, rows_of

IMAGES = np.zeros((10, 8, 8), np.uint8)
OTHERS = [Packed("PNG", 500), Packed("JPEG XL", None, "not installed"), Packed("bz2", 400)]


def test_the_file_decodes_to_the_same_images(lab: Lab) -> None:
    pytest.importorskip("constriction")
    images = lab.digits.held_out.array
    found = filed(lab.fit("lossless", lab.digits), images)
    assert found.changed == 0
    assert 0 < found.size < images.nbytes / 2
    assert found.model > 4 * 28


def test_the_verdict_is_against_the_smallest_of_the_others() -> None:
    assert smallest(OTHERS) == ("bz2", 400)
    files = [Filed(380, 0, 1000), Filed(420, 0, 1000), Filed(390, 0, 1000)]
    assert [check.outcome for check in checks(files, ("bz2", 400))] == [True, True]
    assert [check.outcome for check in checks(files, ("bz2", 385))] == [True, False]


def test_one_decoded_value_that_differs_breaks_the_verdict() -> None:
    assert checks([Filed(380, 1, 1000)], ("bz2", 400))[0].outcome is False


def test_the_bytes_of_the_model_are_counted() -> None:
    found = size_table(Filed(450, 0, 1000), OTHERS, IMAGES)
    assert "<td>500</td><td>6.25</td><td>200</td>" in found.html
    assert "<td>400</td><td>5</td><td>never</td>" in found.html
    assert "JPEG XL" not in found.html
    assert found.caption.endswith("Left out: JPEG XL (not installed).")
    assert paid(200, 10) == "it pays after 200 such images, more than the 10 here"
    assert paid(7, 10) == "it pays after 7 such images, of the 10 here"
    assert paid(None, 10) == "it never pays"


def test_without_its_package_nothing_is_told_and_the_next_call_tries_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    calls: list[int] = []

    def missing() -> None:
        calls.append(1)
        raise InputError("It needs a package: pip install it")

    monkeypatch.setattr(compression, "constriction", missing)
    entry = Entry("U2", "compression", "It compresses.", compresses)
    for _ in range(2):
        (row,) = rows_of([entry], Table(True, 0, tmp_path), 1)
        assert row["verdict"] == "cannot tell"
        assert "pip install it." in row["sentence"]
    assert len(calls) == 2
