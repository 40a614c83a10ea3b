"""Run folders of every version so far are read, and give what they gave when they were written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.core.findings import Finding, from_config
from narrows.data.readers import as_data
from narrows.evaluation.near_duplicates import Copies
from narrows.fitting.fit import fit
from narrows.report import documents
from narrows.runs.folder import load_run, save_run
from narrows.runs.migration import OLD_WARNINGS, SCHEMA_VERSION, STEPS, current
from tests.golden import EXAMPLES, HERE

VERSIONS = range(1, SCHEMA_VERSION + 1)


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("version", VERSIONS)
def test_what_was_written_is_read(version: int, name: str, tmp_path: Path) -> None:
    run = load_run(HERE / str(version) / name)
    expected = json.loads((HERE / str(version) / "expected.json").read_text("utf-8"))[name]
    values = EXAMPLES[name][0].array[:5]
    np.testing.assert_allclose(run.encode(values), expected["codes"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(run.reconstruct(values), expected["values"], rtol=1e-5, atol=1e-6)
    assert run.config["schema_version"] == SCHEMA_VERSION
    save_run(run, tmp_path / "again", documents(run))
    np.testing.assert_array_equal(load_run(tmp_path / "again").encode(values), run.encode(values))


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


def test_findings_of_a_fit_are_read_from_the_sentences_of_earlier_folders() -> None:
    for version in VERSIONS:
        config = load_run(HERE / str(version) / "table").config
        (finding,) = from_config(config)
        assert (finding.name, [finding.sentence]) == ("near-copies", config["warnings"])


def test_every_warning_of_a_fit_has_been_one_sentence() -> None:
    """Those of earlier versions, as they were written, give the findings that were made of them."""
    copies = Copies(looked_at=40, same=0, near=30).finding
    assert copies is not None
    found = fit(as_data(np.random.default_rng(0).random((40, 2))), latent_dim=2, overrides=ONE_EPOCH)
    findings = [copies, EARLIER_ORDER, *from_config(found.config)]
    assert {finding.name for finding in findings} == set(OLD_WARNINGS.values())
    earlier = current({"schema_version": 2, "warnings": [f.sentence for f in findings]}, Path("run"))
    assert from_config(earlier) == findings


EARLIER_ORDER = Finding(
    "order",
    "warning",
    "50 % of the held-out rows looked at stand next to the training row most like them, as in a film or a series, "
    "so the held-out error may be too good.",
    "Name what belongs together with --groups.",
)
"""A finding as versions before the check of neighbours in the file's order made it."""

ONE_EPOCH = {"training": {"epochs": 1}}
