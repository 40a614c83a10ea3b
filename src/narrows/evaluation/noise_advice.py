"""Which recipe removes the noise of images where there are no clean ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from narrows.core.errors import InputError
from narrows.core.findings import Finding
from narrows.data.examples import Data
from narrows.data.split import Index
from narrows.evaluation.noise_correlation import Correlation
from narrows.evaluation.noise_description import BRIGHTER, described
from narrows.evaluation.noise_estimation import LEAKED, Frames, NoiseEstimate, estimate

BLIND, BETWEEN_FRAMES = "self-supervised", "noise2noise"
"""The recipes: from single images, and from frames of a movie."""

BESIDE = 2
"""Pixels on either side that are hidden where whole lines are alike, at the least."""

NEAR = 0.15
"""The relative error of a measured gain, at the most."""

MOSTLY = 0.5
"""Frames that have more than this share of their noise in common do not suit."""


@dataclass(frozen=True)
class Advice:
    """Which recipe removes the noise, and why.

    Attributes:
        evidence: what the noise is like, sentences.
        advice: what to do, a sentence.
        recipes: those that remove it, the best first, with options of their corruption.
        first: whether something else is to be done before.
        measured: whether the noise could be measured.
    """

    evidence: str
    advice: str
    recipes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    first: bool = False
    measured: bool = True

    @property
    def recipe(self) -> str | None:
        """The best recipe; None if none removes the noise."""
        return next(iter(self.recipes), None)

    def suits(self, recipe: str, options: Mapping[str, object]) -> bool:
        """Whether `recipe` with `options` of its corruption removes the noise, as far as was measured."""
        least = self.recipes.get(recipe)
        return least is not None and all(
            isinstance(given := options.get(name, 0), int) and given >= n for name, n in least.items()
        )

    def finding(self, recipe: str, options: Mapping[str, object]) -> Finding:
        """What is said of data, where `recipe` with `options` of its corruption may be fitted."""
        if self.first or (recipe in (BLIND, BETWEEN_FRAMES) and self.against(recipe, options)):
            return Finding("noise", "warning", self.evidence, self.advice)
        return Finding("noise", "info", f"{self.evidence} {self.advice}")

    def of_fit(self, recipe: str, options: Mapping[str, object]) -> Finding:
        """What is said before a fit of `recipe` with `options` of its corruption."""
        if self.first or self.against(recipe, options):
            return Finding("noise", "warning", self.evidence, self.advice)
        return Finding("noise", "info", self.evidence)

    def against(self, recipe: str, options: Mapping[str, object]) -> bool:
        """Whether the noise was measured and is such that the recipe does not remove it."""
        return self.measured and not self.suits(recipe, options)


def advise(data: Data, rows: Index | None = None) -> Advice:
    """What the noise of the images `data`, or of those numbered `rows`, is like, and what removes it."""
    try:
        found = estimate(data, rows)
    except InputError as error:
        return Advice(str(error), "Whether a recipe for noise applies is not known.", measured=False)
    of = of_images(found) if found.frames is None else of_movie(found.frames, found)
    return replace(of, evidence=described(found))


def of_images(found: NoiseEstimate) -> Advice:
    """The choice for single images."""
    if found.structure in NOT_FOR_IMAGES:
        return Advice("", NOT_FOR_IMAGES[found.structure])
    along = {"rows": found.rows, "columns": found.columns}.get(found.structure)
    if along is None:
        counts = of_counts(found)
        return Advice("", f"Train with --recipe {BLIND}{counts}, which needs no clean images.", {BLIND: {}})
    lines = along.of_line > LEAKED
    side = max(pixels(along.without_line), BESIDE if lines else 1)
    stay = "; offsets of whole lines stay in part" if lines else ""
    name = found.structure
    how = f"--set corruption.{name}={side}, which hides {side} pixels on either side in the {name[:-1]}, too"
    return Advice("", f"Train with --recipe {BLIND} {how}{stay}.", {BLIND: {name: side}})


def of_counts(found: NoiseEstimate) -> str:
    """The options for values that are counts, whose noise is as large as Poisson noise makes it; else ""."""
    noise, step = found.dependence.noise, found.step
    if found.dependence.nature != "poisson" or step == 0 or abs(noise.gain - step) > NEAR * step:
        return ""
    offset = round(noise.offset / step) * step
    gain, dark = f" --set corruption.gain={step:g}", f" --set corruption.offset={offset:g}"
    return f" --set corruption.name=thinned{gain if step != 1 else ''}{dark if offset else ''}"


NOT_FOR_IMAGES = {
    "none": "There is nothing to remove.",
    "all directions": (
        "Recipes without clean images leave most of it, as neighbours tell the noise of a pixel; take images "
        "as the detector gave them, frames of a movie (--movie) or pairs (--target)."
    ),
    "blocks": (
        "Recipes without clean images leave most of the noise; take images as the detector gave them, not "
        "compressed, or pairs (--target)."
    ),
}
"""What is said of noise for which no recipe without clean images suits."""


def pixels(along: Correlation) -> int:
    """How many pixels on either side are hidden, so that the others hardly tell the noise."""
    side = along.hidden(LEAKED)
    return len(along.lags) if side is None else side


def of_movie(frames: Frames, found: NoiseEstimate) -> Advice:
    """The choice for frames of a movie."""
    single = of_images(found).recipes
    if frames.shared > MOSTLY and frames.detail > found.least:
        text = f"--recipe {BETWEEN_FRAMES} does not apply, as frames have their noise in common"
        return Advice("", f"{text}; take frames as the detector gave them, or leave --movie out.", single)
    if found.structure == "none":
        return Advice("", NOT_FOR_IMAGES["none"])
    recipes = {BETWEEN_FRAMES: {}, **single}
    if frames.brightness > BRIGHTER:
        text = "Bring the frames to one exposure, or leave those of another one out, then train with"
        return Advice("", f"{text} --recipe {BETWEEN_FRAMES}.", recipes, first=True)
    return Advice("", f"Train with --recipe {BETWEEN_FRAMES}, which needs no clean images.", recipes)
