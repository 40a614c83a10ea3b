"""Spectra: a curve over the axis of energy, all of a group on one scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from narrows.data.kinds.spectra import SpectrumSchema
from narrows.data.schema import Array, Schema
from narrows.report import figures
from narrows.report.kinds.base import PictureDrawing
from narrows.report.kinds.curves import picture
from narrows.report.ranges import usual_range
from narrows.report.template import section
from narrows.runs.run import Run


class Spectra(PictureDrawing):
    """Spectra of one axis."""

    scale_note = " Each group has its own scale."

    def size(self, run: Run) -> str:
        return f"spectra of {run.schema.extent}"

    def error_unit(self, schema: Schema) -> str:
        return "Mean squared error per channel, on the scale of the model"

    def legend(self, schema: Schema) -> str:
        return section("pictured.html", "energies", first=ends_of(schema)[0], last=ends_of(schema)[1])

    def look(self, schema: Schema) -> str:
        return "lines"

    def range_of(self, schema: Schema, arrays: Iterable[Array], dtype: str) -> tuple[Any, Any]:
        """The least and the greatest of all values, without a few that reach far beyond the others."""
        rows = np.concatenate([np.asarray(a, dtype=np.float64) for a in arrays])
        return usual_range(np.nanmin(rows, axis=1))[0], usual_range(np.nanmax(rows, axis=1))[1]

    def span_of(self, run: Run, lines: Mapping[str, Array]) -> tuple[Any, Any]:
        """The range of this group: of counts those with the least error are far weaker than others."""
        return self.range_of(run.schema, lines.values(), run.schema.dtype)

    def pictures(self, schema: Schema, values: Array, low: Any, high: Any) -> list[str]:
        ends = np.array([low]), np.array([high])
        return [picture(each[None], *ends) for each in values.astype(np.float64)]

    def residual_direction(self, run: Run, direction: Array) -> str:
        figure, axis = figures.axes(5.6, 2.6)
        known = axis_of(run.schema)
        places = np.arange(len(direction)) if known is None else known.values
        axis.plot(places, direction, color=figures.OURS)
        axis.set_xlabel("channel" if known is None or not known.unit else f"{known.letter} ({known.unit})")
        return figures.drawing(figure, "common direction of the residuals")

    def live_drawing(self, run: Run) -> str:
        return "curves"

    def live_sample(self, run: Run) -> dict[str, Any]:
        assert run.evidence.originals is not None
        low, high = (run.scaling.floor.flatten().tolist(), run.scaling.ceiling.flatten().tolist())
        columns = [
            {"name": name, "nature": "number", "whole": False, "words": [], "range": ends}
            for name, *ends in zip(run.schema.value_names, low, high, strict=True)
        ]
        return {"columns": columns, "curve": self.range_of(run.schema, [run.evidence.originals], "")}


def axis_of(schema: Schema) -> Any:
    """The axis of spectra; None if nothing is known of it."""
    assert isinstance(schema, SpectrumSchema)
    return schema.axis


def ends_of(schema: Schema) -> tuple[str, str]:
    """The names of the first and of the last channel."""
    return schema.value_names[0], schema.value_names[-1]
