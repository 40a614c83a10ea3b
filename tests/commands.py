"""The command line, run inside the test's own process."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from narrows.cli import main


def narrows(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> tuple[str, str]:
    """What a command prints to stdout and stderr; its exit code must be `code`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["narrows", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
    found = capsys.readouterr()
    assert ended.value.code == code, found.err + found.out
    return found.out, found.err


def as_json(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> Any:
    return json.loads(narrows(capsys, *words, "--json", code=code)[0])
