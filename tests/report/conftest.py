from __future__ import annotations

import pytest

from narrows.report import render
from narrows.runs.run import Run


@pytest.fixture(scope="module")
def page(digits_run: Run) -> str:
    return render(digits_run)
