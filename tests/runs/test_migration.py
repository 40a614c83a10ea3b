"""Run folders of every version so far are read, and give what they gave when they were written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.report import documents
from narrows.runs.migration import SCHEMA_VERSION, STEPS, current
from narrows.runs.run import Run
from tests.golden import EXAMPLES, HERE

VERSIONS = range(1, SCHEMA_VERSION + 1)


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("version", VERSIONS)
def test_what_was_written_is_read(version: int, name: str, tmp_path: Path) -> None:
    run = Run.load(HERE / str(version) / name)
    expected = json.loads((HERE / str(version) / "expected.json").read_text("utf-8"))[name]
    values = EXAMPLES[name][0].array[:5]
    np.testing.assert_allclose(run.encode(values), expected["codes"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(run.reconstruct(values), expected["values"], rtol=1e-5, atol=1e-6)
    assert run.config["schema_version"] == SCHEMA_VERSION
    run.save(tmp_path / "again", documents(run))
    np.testing.assert_array_equal(Run.load(tmp_path / "again").encode(values), run.encode(values))


def test_there_is_a_step_from_every_version_and_none_beyond() -> None:
    assert sorted(STEPS) == list(VERSIONS)[:-1]


def test_steps_are_taken_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("narrows.runs.migration.SCHEMA_VERSION", SCHEMA_VERSION + 1)
    monkeypatch.setitem(STEPS, SCHEMA_VERSION, lambda config: {**config, "seen": config["flat"]})
    before = {"schema_version": 1, "seed": 3}
    after = current(before, Path("run"))
    assert after == {"schema_version": SCHEMA_VERSION + 1, "seed": 3, "flat": False, "seen": False}
    assert before == {"schema_version": 1, "seed": 3}


@pytest.mark.parametrize("version", [0, SCHEMA_VERSION + 1, "2", None, [1]])
def test_versions_that_are_not_known_are_refused(version: object) -> None:
    with pytest.raises(InputError, match="this Narrows knows up to version"):
        current({"schema_version": version}, Path("run"))
