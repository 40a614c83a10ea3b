"""A kind that says little of itself has whole pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from torch import Tensor

from narrows.data.kinds import KINDS
from narrows.data.kinds.images import ImageSchema
from narrows.data.readers import as_data
from narrows.data.schema import Array, Schema
from narrows.fitting.fit import fit
from narrows.report import render
from narrows.report.kinds import DRAWN
from narrows.report.kinds.base import (
    SAMPLES,
    STEPS,
    Outlier,
    PictureDrawing,
    display_range,
    held_out_groups,
)
from narrows.runs.run import Run
from tests.report.html import parsed


@dataclass(frozen=True)
class TraceSchema(Schema):
    """One value at each time."""

    kind: ClassVar[str] = "traces"
    noun: ClassVar[str] = "trace"
    value_noun: ClassVar[str] = "time"

    @classmethod
    def axes_of(cls, shape: tuple[int, ...]) -> str:
        return "T"

    def to_model(self, values: Tensor) -> Tensor:
        return values

    def from_model(self, values: Tensor) -> Tensor:
        return values

    def network(self) -> dict[str, Any]:
        return {"name": "mlp", "widths": [8]}

    def by_part(self, amounts: Array) -> Array:
        return amounts

    def scaling_for(self, values: Array) -> Any:
        return ImageSchema.of(values.shape[1:] * 2, self.dtype).scaling_for(values[:, None])


class Traces(PictureDrawing):
    """Draws nothing, but says on which scale it would."""

    def pictures(self, schema: Schema, values: Array, low: float, high: float) -> list[str]:
        return [f"data:,{low:.6g} {high:.6g} {len(trace)}" for trace in values]


@pytest.fixture(scope="module")
def known() -> Iterator[None]:
    """The kind in both tables."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(KINDS, "traces", TraceSchema)
        patch.setitem(DRAWN, "traces", Traces())
        yield


@pytest.fixture(scope="module")
def run(known: None) -> Run:
    traces = np.sin(np.linspace(0, 6, 20) * np.random.default_rng(0).uniform(0.5, 2, (60, 1)))
    return fit(as_data(traces, "traces"), latent_dim=2, overrides={"training": {"epochs": 1}})


def test_a_kind_that_says_only_how_it_is_drawn_has_a_page(run: Run) -> None:
    page = parsed(render(run))
    text = " ".join("".join(page.text).split())
    for words in (
        "60 traces of 20",
        "Mean squared error per time",
        "Held-out traces:",
        "on held-out traces;",
    ):
        assert words in text
    pictures = [attrs["src"] for tag, attrs in page.tags if tag == "img"]
    groups = sum(len(values) for lines in held_out_groups(run).values() for values in lines.values())
    assert len(pictures) == groups + SAMPLES + STEPS + 9 * run.model.code_size


def test_examples_samples_and_path_are_on_one_scale(run: Run) -> None:
    drawn = [Traces().examples(run), Traces().new_examples(run)]
    scales = {attrs["src"] for html in drawn for tag, attrs in parsed(html).tags if tag == "img"}
    low, high = Traces().span(run)
    assert scales == {f"data:,{low:.6g} {high:.6g} 20"}
    shown = [values for lines in held_out_groups(run).values() for values in lines.values()]
    assert (low, high) == (np.min(shown), np.max(shown))


def test_an_outlier_is_shown_with_its_reconstruction_and_contributions(run: Run) -> None:
    traces = run.evidence.best.originals[:2]
    detector = SimpleNamespace(contributions=lambda values: np.full(values.shape, 3.0))
    found: Any = SimpleNamespace(run=run, shown=SimpleNamespace(array=traces), detector=detector)
    html = Traces().outliers(
        found, [Outlier("<a>", 1, 0.5, True, "at the edge"), Outlier("b", 0, 1, False, "usual")]
    )
    pictures = [attrs["src"] for tag, attrs in parsed(html).tags if tag == "img"]
    assert len(pictures) == 6
    assert pictures[2] == pictures[5] == "data:,0 3 20"
    assert "&lt;a&gt;: 1.000" in html
    assert html.count("not flagged") == 1


def test_the_common_direction_of_residuals_is_a_curve(run: Run) -> None:
    assert "time" in Traces().residual_direction(run, np.linspace(-1, 1, 20))


def test_eight_bits_are_shown_in_full_and_others_in_their_range() -> None:
    assert display_range([np.array([3, 7])], "uint8") == (0, 255)
    assert display_range([np.array([3, 7]), np.array([-1])], "int16") == (-1, 7)
