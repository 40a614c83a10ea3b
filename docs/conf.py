"""Builds the documentation; `tables.py` writes what stands in tables of the package."""

from __future__ import annotations

import sys
from pathlib import Path

from narrows import __version__

sys.path.insert(0, str(Path(__file__).parent))

from tables import pages

project = "Narrows"
author = "The Narrows developers"
release = version = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
exclude_patterns = ["_build", "generated/_*"]
autodoc_typehints = "none"
add_module_names = False

generated = Path(__file__).parent / "generated"
generated.mkdir(exist_ok=True)
for name, text in pages().items():
    (generated / name).write_text(text, "utf-8")
