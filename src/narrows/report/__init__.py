"""The pages that a run is shown with, and the card that introduces its folder."""

from narrows.report.page import documents, render, render_live

__all__ = ["documents", "render", "render_live"]
