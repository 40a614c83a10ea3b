"""Sequences: a line for each channel above an axis of time, each channel on its own scale."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from narrows.data.kinds.sequences import SequenceSchema
from narrows.data.recordings.time_units import Durations
from narrows.data.schema import Array, Schema
from narrows.report import figures
from narrows.report.kinds.base import PictureDrawing
from narrows.report.kinds.curves import BANDS, picture
from narrows.report.template import section
from narrows.runs.run import Run


class Sequences(PictureDrawing):
    """Sequences of one or several channels."""

    def size(self, run: Run) -> str:
        recordings = run.config["data"].get("recordings")
        if recordings is None:
            return f"sequences of {'up to ' * ends_early(run)}{run.schema.extent}"
        return f"windows of {run.schema.extent}, of {recordings:,} recording{'s' * (recordings > 1)}"

    def error_unit(self, schema: Schema) -> str:
        return "Mean squared error per value, in variances of its channel"

    def legend(self, schema: Schema) -> str:
        names = schema.channel_names
        drawn = list(zip(names[:BANDS], figures.CLASSES, strict=False))
        axis = time_of(schema).sentence(schema.shape[0])
        return section("pictured.html", "channels", drawn=drawn, total=len(names), axis=axis)

    def look(self, schema: Schema) -> str:
        return "lines"

    def range_of(self, schema: Schema, arrays: Iterable[Array], dtype: str) -> tuple[Any, Any]:
        """The least and the greatest value of each channel, `(channels,)`; NaN of one without values."""
        joined = np.concatenate([schema.arrange(np.asarray(a, dtype=np.float64)) for a in arrays])
        return np.fmin.reduce(joined, axis=(0, 2)), np.fmax.reduce(joined, axis=(0, 2))

    def pictures(self, schema: Schema, values: Array, low: Any, high: Any) -> list[str]:
        channels = schema.model_shape[0]
        ends = [np.broadcast_to(end, channels)[:BANDS] for end in (low, high)]
        return [picture(each, *ends) for each in schema.arrange(values)[:, :BANDS].astype(np.float64)]

    def contributions(self, schema: Schema, amounts: Array, values: Array) -> list[str]:
        return super().contributions(schema, np.where(np.isnan(values), np.nan, amounts), values)

    def residual_direction(self, run: Run, direction: Array) -> str:
        figure, axis = figures.axes(5.6, 2.6)
        names, time = run.schema.channel_names, time_of(run.schema)
        lines = direction.reshape(run.schema.model_shape)[:BANDS]
        for line, name, colour in zip(lines, names, figures.CLASSES, strict=False):
            axis.plot(time.step * np.arange(len(line)), line, color=colour, label=name)
        axis.set_xlabel(time.label)
        if len(names) > 1:
            axis.legend()
        return figures.drawing(figure, "common direction of the residuals")

    def live_sample(self, run: Run) -> dict[str, Any]:
        assert run.evidence.originals is not None
        ends = self.range_of(run.schema, [run.evidence.originals], run.schema.dtype)
        usual = (run.scaling.floor.flatten().numpy(), run.scaling.ceiling.flatten().numpy())
        low, high = (np.where(np.isnan(a), b, a) for a, b in zip(ends, usual, strict=True))
        return {
            "ranges": np.stack([low, high], axis=1).tolist(),
            "channels": run.schema.channel_names,
            "time": time_of(run.schema)._asdict(),
        }


def time_of(schema: Schema) -> Durations:
    """How the axis of time of sequences is written."""
    assert isinstance(schema, SequenceSchema)
    return schema.durations


def ends_early(run: Run) -> bool:
    """Whether some of the held-out sequences that the run keeps are shorter than the longest."""
    if run.evidence.originals is None:
        return False
    last = run.schema.arrange(run.evidence.originals)[:, :, -1].astype(np.float64)
    return bool(np.isnan(last).all(axis=1).any())
