from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import get_args

import pytest

from narrows.cli.commands import parameters, printed
from narrows.cli.verbs import VERBS, purpose
from tests.commands import narrows

HEAVY = "{'torch', 'numpy', 'sklearn', 'matplotlib', 'scipy', 'PIL', 'rich', 'jinja2'}"


@pytest.mark.parametrize("words", [["--help"], ["-h"], [], ["--version"], ["fit", "--help"]], ids=" ".join)
def test_help_and_version_import_nothing_heavy(words: list[str]) -> None:
    script = (
        f"import sys; sys.argv = ['narrows', *{words}]\n"
        "from narrows.cli import main\n"
        "try: main()\n"
        "except SystemExit as ended: assert ended.code == 0\n"
        f"print(sorted({HEAVY} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_help_shows_every_verb_with_its_purpose(capsys: pytest.CaptureFixture[str]) -> None:
    shown = " ".join(narrows(capsys, "--help")[0].split())
    for group, verbs in VERBS.items():
        assert group in shown
        assert all(f"{verb.__name__} {purpose(verb)}" in shown for verb in verbs)


@pytest.mark.parametrize("verb", [verb.__name__ for verbs in VERBS.values() for verb in verbs])
def test_where_the_result_goes_has_the_same_short_option_everywhere(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = narrows(capsys, verb, "--help")[0]
    assert ("-o, --out" in shown) == ("--out" in shown)


def test_python_m_narrows_is_the_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "narrows", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"narrows {version('narrows')}\n"


def test_an_option_with_one_value_that_is_given_twice_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """The parser alone would take the last one without a word."""
    _, said = narrows(capsys, "fit", "digits", "--epochs", "3", "--epochs=4", code=2)
    assert said == "narrows: --epochs is given 2 times, but takes one value; give it once.\n"


def test_names_of_columns_may_be_given_together_or_one_by_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a,b,c,d\n" + "".join(f"{i},{i * i % 7},{i % 3},{-i}.5\n" for i in range(40)), "utf-8")
    shapes = [
        json.loads(narrows(capsys, "data", file, *dropped, "--json")[0])["shape"]
        for dropped in (("--drop", "a,b"), ("--drop", "a", "--drop", "b"))
    ]
    assert shapes[0] == shapes[1] == [2]


def test_every_option_of_a_number_says_what_it_takes() -> None:
    """None leaves it to the words of the library."""
    numbers = [
        (verb.__name__, name, parameter.annotation)
        for verbs in VERBS.values()
        for verb in verbs
        for name, parameter in parameters(printed(verb)).items()
        if {int, float} & {get_args(parameter.annotation)[0], *get_args(get_args(parameter.annotation)[0])}
    ]
    assert len(numbers) > 20
    unread = [(verb, name) for verb, name, hint in numbers if hint.__metadata__[0].parser is None]
    assert not unread
