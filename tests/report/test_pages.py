"""The page in a real browser: it opens from disk, complains of nothing and asks for nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
]

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no browser on this machine: install chromium")


def opened(page: Path, profile: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [str(BROWSER), *FLAGS, f"--user-data-dir={profile}", *more, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True)


def test_the_report_opens_without_a_complaint(digits_folder: Path, tmp_path: Path) -> None:
    done = opened(digits_folder / "report.html", tmp_path, "--dump-dom")
    assert "What was read and chosen" in done.stdout
    assert "CONSOLE" not in done.stderr, done.stderr


def test_a_page_that_breaks_the_policy_would_be_noticed(digits_folder: Path, tmp_path: Path) -> None:
    """The negative control: a script in the page is refused, and the browser says so."""
    page = tmp_path / "spoilt.html"
    text = (digits_folder / "report.html").read_text("utf-8")
    page.write_text(text.replace("</body>", "<script>document.title = 'run'</script></body>"), "utf-8")
    done = opened(page, tmp_path / "profile", "--dump-dom")
    assert re.search("CONSOLE.*Content Security Policy", done.stderr)
    assert "<title>run" not in done.stdout
