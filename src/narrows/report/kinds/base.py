"""What the pages ask of a kind of data.

`ExampleDrawing` is all that they ask. `PictureDrawing` answers it for kinds whose examples are drawn as
pictures: such a kind says at least how one is drawn.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
from PIL import Image

from narrows.core.steps import step
from narrows.data.schema import Array, Schema
from narrows.evaluation.latent_dimensions import traversal
from narrows.report import figures
from narrows.report.template import section
from narrows.runs.evidence import Examples
from narrows.runs.run import Run
from narrows.tasks.anomalies.survey import Survey
from narrows.tasks.generation.interpolate import straight
from narrows.tasks.generation.sample import sample
from narrows.tasks.restoration.by_epoch import by_epoch


class Dimension(NamedTuple):
    """A latent dimension: its number from 0, its importance in percent, and what was measured of it.

    `rows` are those of `narrows.evaluation.latent_dimensions.dimensions`.
    """

    number: int
    importance: float
    rows: Sequence[Mapping[str, Any]]


class Outlier(NamedTuple):
    """A row with a high score: its name, score, p-value, whether it is flagged, and where it lies."""

    name: str
    score: float
    p: float
    flagged: bool
    place: str


class ExampleDrawing(ABC):
    """How the pages show examples of one kind of data.

    Methods that return `str` give HTML, or nothing where there is nothing to show.
    """

    def size(self, run: Run) -> str:
        """What the examples are, and how large: "images of 8×8"."""
        return f"{run.schema.nouns} of {'×'.join(map(str, run.schema.shape))}"

    def error_unit(self, schema: Schema) -> str:
        """What an error of such data is measured in."""
        return f"Mean squared error per {schema.value_noun}, on the scale of the model"

    def explained(self, run: Run) -> str:
        """How much the model explains of each part of an example."""
        return ""

    @abstractmethod
    def examples(self, run: Run) -> str:
        """Held-out examples beside their reconstructions."""

    def corrupted_examples(self, run: Run) -> str:
        """Examples corrupted as in training, and reconstructed after each epoch that the run keeps."""
        return ""

    def denoised_examples(self, run: Run) -> str:
        """Held-out examples without their noise, what was removed, and how certain that is."""
        return ""

    @abstractmethod
    def new_examples(self, run: Run) -> str:
        """Samples, and a path from one example to another, of a model that decodes codes."""

    @abstractmethod
    def dimensions(self, run: Run, found: Sequence[Dimension]) -> str:
        """What each of the latent dimensions `found` means."""

    @abstractmethod
    def dimensions_note(self, schema: Schema) -> str:
        """A sentence on how to read what `dimensions` shows."""

    def residual_direction(self, run: Run, direction: Array) -> str:
        """The common direction `(values,)` of the residuals, on the model's scale."""
        figure, axis = figures.axes(5.6, 2.6)
        axis.plot(direction, color=figures.OURS)
        axis.set_xlabel(run.schema.value_noun)
        return figures.drawing(figure, "common direction of the residuals")

    @abstractmethod
    def outliers(self, found: Survey, rows: Sequence[Outlier]) -> str:
        """The rows with the highest scores, which are `found.shown`, with what explains them."""

    def whole(self, found: Survey) -> str:
        """Images that were cut into patches, with what each pixel adds to the scores."""
        return ""

    def live_drawing(self, run: Run) -> str:
        """The module of `explorer/src/samples/` that draws such examples in the live part."""
        return run.schema.kind

    def live_sample(self, run: Run) -> dict[str, Any]:
        """What the live part has to know to draw such examples, as JSON values."""
        return {}

    def live_columns(self, run: Run) -> dict[str, Array]:
        """Further arrays that the live part needs, by name."""
        return {}

    decoded: ClassVar[bool] = True
    """Whether the live part decodes codes to examples; else it carries no model, and all kept codes.

    Codes that nothing is decoded from are rounded, to a part in 65,000 of the largest.
    """

    row_noun: ClassVar[str] = "row"
    """What the live part calls a row without an id, before its number."""

    def live_rows(self, run: Run) -> Array:
        """The places of the rows that the live part shows among those that the run keeps."""
        return np.arange(len(run.evidence.rows))

    decoder_clips: ClassVar[bool] = True
    """Whether the decoder of the live part clips values to the range of the training part.

    Else the live part does it, for new codes alone. That is for examples whose values differ by channel at
    most, which is their last axis.
    """

    draws_sheets: ClassVar[bool] = False
    """Whether `sheet` and `strip` draw many examples in one picture."""

    def sheet(
        self, schema: Schema, values: Array, columns: int | None = None, least: int = 56
    ) -> Image.Image:
        """All of `values (n, *schema.shape)` in one picture of so many columns.

        `least` is how many pixels the longer side of an example has at least.
        """
        raise NotImplementedError

    def strip(self, schema: Schema, rows: Mapping[str, Array]) -> Image.Image:
        """Rows of examples, by name, under each other in one picture."""
        raise NotImplementedError


GROUPS = {
    "best": "Reconstructed best",
    "median": "In the middle",
    "worst": "Reconstructed worst",
}
"""Held-out examples that the page shows, and the heading of each group."""

LINES = {"original": "originals", "seen": "seen", "reconstructed": "reconstructions"}
"""What is shown of each group, and the field of `Examples` that it is."""


def held_out_groups(run: Run) -> dict[str, dict[str, Array]]:
    """Held-out examples by group and line, in words of the page."""
    return {GROUPS[group]: lines_of(shown) for group, shown in run.evidence.examples.items()}


def lines_of(shown: Examples) -> dict[str, Array]:
    """The lines of a group, in words of the page."""
    lines = {line: getattr(shown, field) for line, field in LINES.items()}
    return {line: values for line, values in lines.items() if values is not None}


SAMPLES, STEPS, WALK = 32, 12, 9
"""Samples that are drawn as pictures, steps of a path, and those along a latent dimension."""

MOST_DECODED = 2**25
"""Values that are decoded for a row of pictures, at the most: large examples have fewer."""


def decoded(schema: Schema, usual: int, least: int) -> int:
    """How many examples are decoded for the page, where small ones have the `usual` number."""
    return max(least, min(usual, MOST_DECODED // schema.size))


class PictureDrawing(ExampleDrawing):
    """Kinds whose examples are drawn as pictures, all of a section on one scale."""

    decoder_clips: ClassVar[bool] = False
    contributions_note: ClassVar[str] = ""
    """How to read `contributions`, after a semicolon."""
    scale_note: ClassVar[str] = ""
    """What is said of the scales of held-out examples, after a space, where groups of them have their own."""

    def legend(self, schema: Schema) -> str:
        """HTML that says how the pictures are to be read, if that needs words."""
        return ""

    @abstractmethod
    def pictures(self, schema: Schema, values: Array, low: Any, high: Any) -> list[str]:
        """Each of `values (n, *schema.shape)` as the address of a picture that covers `low` to `high`.

        These are numbers, or what `range_of` of a kind gives in their place.
        """

    def parts(self, schema: Schema, lines: Mapping[str, Array], low: Any, high: Any) -> dict[str, list[str]]:
        """Further lines of pictures below `lines`, or other ones in their place; none as a rule.

        The first of the lines are originals, the last their reconstructions.
        """
        return {}

    def lines(self, schema: Schema, lines: Mapping[str, Array], low: Any, high: Any) -> dict[str, list[str]]:
        """The pictures of `lines` of examples, by name."""
        parts = self.parts(schema, lines, low, high)
        whole = {name: each for name, each in lines.items() if name not in parts}
        drawn = {name: self.pictures(schema, each, low, high) for name, each in whole.items()}
        return {**{name: parts.get(name) or drawn[name] for name in lines}, **parts}

    def range_of(self, schema: Schema, arrays: Iterable[Array], dtype: str) -> tuple[Any, Any]:
        """The least and the greatest of all values `arrays (n, *schema.shape)`, which pictures share."""
        return display_range(arrays, dtype)

    def contributions(self, schema: Schema, amounts: Array, values: Array) -> list[str]:
        """What each of `values (n, …)` adds to the score of its row, `amounts`, as addresses of pictures."""
        return self.pictures(schema, amounts, 0.0, max(float(np.nanmax(amounts)), 1e-300))

    def look(self, schema: Schema) -> str:
        """The class of pictures in the style of the page: "small" for those enlarged in whole pixels."""
        return ""

    def examples(self, run: Run) -> str:
        step(f"report: pictures of held-out {run.schema.nouns}")
        groups = {
            title: self.lines(run.schema, lines, *self.span_of(run, lines))
            for title, lines in held_out_groups(run).items()
        }
        shown = {
            "groups": groups,
            "restoring": run.restoring and not run.blind,
            "legend": self.legend(run.schema),
            "scale_note": self.scale_note,
        }
        return self.section("examples", run.schema, **shown)

    def corrupted_examples(self, run: Run) -> str:
        found = by_epoch(run)
        if found is None or (run.model.bypassed and not run.earlier):
            return ""  # what a bypassed model is given is shown among the examples
        if run.schema.may_miss and run.config["spec"]["corruption"]["name"] == "mask":
            return ""  # values are hidden because others are missing, not to be restored
        low, high = self.span(run)
        given = {"original": found.originals, run.objective.corruption.adjective: found.seen}
        epochs = {
            number: self.lines(run.schema, {**given, "reconstructed": values}, low, high)
            for number, values in found.made.items()
        }
        drawn = run.model.bottleneck.probabilistic
        adjective = run.objective.corruption.adjective
        return self.section("corrupted", run.schema, epochs=epochs, drawn=drawn, adjective=adjective)

    def span(self, run: Run) -> tuple[Any, Any]:
        """The range of values that the pictures of held-out examples cover."""
        groups = held_out_groups(run).values()
        values = [values for lines in groups for values in lines.values()]
        return self.range_of(run.schema, values, run.schema.dtype)

    def span_of(self, run: Run, lines: Mapping[str, Array]) -> tuple[Any, Any]:
        """The range that the pictures of one group of held-out examples cover: that of all, as a rule."""
        return self.span(run)

    def new_examples(self, run: Run) -> str:
        low, high = self.span(run)
        step(f"report: pictures of new {run.schema.nouns}")
        drawn, note = sample(run, decoded(run.schema, SAMPLES, 8))
        ends = np.stack([run.evidence.median.originals[0], run.evidence.best.originals[-1]])
        made = {"samples": drawn, "path": straight(run, ends, decoded(run.schema, STEPS, 6))}
        pictures = {name: self.pictures(run.schema, values, low, high) for name, values in made.items()}
        return self.section("new_examples", run.schema, note=note, **pictures)

    def dimensions(self, run: Run, found: Sequence[Dimension]) -> str:
        step("report: pictures of latent dimensions")
        steps = decoded(run.schema, WALK, 5)
        most = max(4, 2 * MOST_DECODED // (steps * run.schema.size))
        walks = [(each, self.walk(run, each.number, steps)) for each in found[:most]]
        return self.section("dimensions", run.schema, walks=walks)

    def dimensions_note(self, schema: Schema) -> str:
        return (
            f"From left to right the dimension goes from its 1st to its 99th percentile on held-out "
            f"{schema.nouns}; all others stay at their median."
        )

    def walk(self, run: Run, dimension: int, steps: int = WALK) -> list[str]:
        """Pictures along a latent dimension."""
        values = traversal(run, dimension, steps)
        arrays = [run.evidence.median.originals, values]
        low, high = self.range_of(run.schema, arrays, run.schema.dtype)
        return self.pictures(run.schema, values, low, high)

    def outliers(self, found: Survey, rows: Sequence[Outlier]) -> str:
        values, schema = found.shown.array, found.run.schema
        made = found.run.reconstruct(values)
        low, high = self.range_of(schema, [values, made], str(values.dtype))
        lines = [self.pictures(schema, each, low, high) for each in (values, made)]
        lines.append(self.contributions(schema, found.detector.contributions(values), values))
        shown = list(zip(rows, zip(*lines, strict=True), strict=True))
        words = {"value": schema.value_noun, "note": self.contributions_note, "legend": self.legend(schema)}
        return self.section("outliers", schema, rows=shown, **words)

    def live_sample(self, run: Run) -> dict[str, Any]:
        assert run.evidence.originals is not None
        return {"range": display_range([run.evidence.originals], run.schema.dtype)}

    def section(self, name: str, schema: Schema, **contents: Any) -> str:
        words = {"noun": schema.noun, "nouns": schema.nouns}
        return section("pictured.html", name, look=self.look(schema), **words, **contents)


def display_range(arrays: Iterable[Array], dtype: str) -> tuple[float, float]:
    """The least and the greatest of all values, which all pictures of a section share."""
    if dtype == "uint8":
        return 0, 255
    ends = [(float(each.min()), float(each.max())) for each in arrays if each.size]
    return min(low for low, _ in ends), max(high for _, high in ends)
