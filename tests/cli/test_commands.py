from __future__ import annotations

import inspect
import json

import pytest

from narrows.cli.commands import Result, printed, reads, tell
from narrows.cli.options import Quiet, reading
from narrows.core.steps import step
from narrows.data.reading import Reading
from narrows.training import progress


def test_a_result_is_printed_for_a_person_or_for_a_machine(capsys: pytest.CaptureFixture[str]) -> None:
    command = printed(lambda: Result({"n": 3}, "three"))
    command(as_json=False, quiet=False)
    assert capsys.readouterr().out == "three\n"
    command(as_json=True, quiet=True)
    assert json.loads(capsys.readouterr().out) == {"n": 3}


def test_a_verb_gets_only_the_common_options_that_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    def verb(quiet: Quiet = False) -> Result:
        """Say it."""
        return Result(quiet, str(quiet))

    command = printed(verb)
    assert list(inspect.signature(command).parameters) == ["quiet", "as_json"]
    assert (command.__name__, command.__doc__) == ("verb", "Say it.")
    command(as_json=True, quiet=True)
    assert capsys.readouterr().out == "true\n"


def test_a_verb_that_reads_gets_one_record_of_the_options() -> None:
    def verb(how: Reading) -> Result:
        return Result(how, "")

    verb.__annotations__["how"] = "Reading"  # as in the verbs, which import the class for its type only
    command = reads(verb)
    names = list(inspect.signature(command).parameters)
    assert names == list(inspect.signature(reading).parameters)
    usual = {name: each.default for name, each in inspect.signature(reading).parameters.items()}
    given = usual | {"resize": "4x5", "columns": ["a, b"], "id_column": "name"}
    assert command(**given).record == Reading(resize=(4, 5), columns=("a", "b"), id="name")


def test_progress_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    tell("a")
    tell("b", quiet=True)
    assert capsys.readouterr() == ("", "a\n")


@pytest.mark.parametrize("quiet", [False, True])
def test_steps_of_every_verb_that_last_are_said(
    quiet: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def verb() -> Result:
        step("long work")
        return Result({}, "done")

    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    printed(verb)(as_json=False, quiet=quiet)
    assert capsys.readouterr() == ("done\n", "" if quiet else "long work\n")
