from __future__ import annotations

import pytest

from tests.commands import as_json, narrows


def test_rows_go_to_stderr_one_by_one_and_the_sum_to_stdout(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {"id": "P1", "verdict": "reached", "sentence": "Yes.\nIndeed."},
        {"id": "Y2", "verdict": "not reached", "sentence": "No."},
    ]

    def measured(
        ids: list[str], out: object, *, quick: bool, seed: int, jobs: int, on_row: object
    ) -> list[dict[str, object]]:
        assert (ids, quick, seed, jobs) == (["P1", "Y2"], True, 3, 1)
        for row in rows:
            on_row(row)  # type: ignore[operator]
        return rows

    monkeypatch.setattr("narrows.reproduce.reproduce", measured)
    out, err = narrows(capsys, "reproduce", "P1", "Y2", "--quick", "--seed", 3, "--jobs", 1)
    assert out.startswith("2 entries: 1 reached, 1 not reached\n")
    assert err.splitlines() == ["P1  reached             Yes. Indeed.", "Y2  not reached         No."]
    assert as_json(capsys, "reproduce", "P1", "Y2", "--quick", "--seed", 3, "--jobs", 1) == {"rows": rows}
