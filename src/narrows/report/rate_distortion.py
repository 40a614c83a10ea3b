"""The page of a rate–distortion curve: bits per value and PSNR of a run beside other codecs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from narrows.core.numbers import number
from narrows.data.schema import Schema
from narrows.evaluation import rates
from narrows.evaluation.rates import Rates
from narrows.report import figures
from narrows.report.template import fill
from narrows.tasks.compression.curve import OURS, PCA, Curve

Point = tuple[float, float]
"""Bits per value, and PSNR."""

STYLES = {OURS: (figures.OURS, "-"), rates.OURS: (figures.OURS, "-"), PCA: (figures.PCA, "--")}
"""Colour and line of a method; others have the next colour, and dots."""


def unit_of(schema: Schema) -> str:
    """The noun of one value of an example: a pixel with channels has several."""
    channels = schema.model_shape[0] if schema.spatial == 2 else 1
    return schema.value_noun if channels == 1 else "value"


def render_curve(found: Curve, name: str, unit: str = "value") -> str:
    """The page of the curve `found` of the data called `name`, as HTML; `unit` is the noun of one value."""
    with figures.house_style():
        return fill(
            "rate_distortion.html",
            {
                "found": found,
                "name": name,
                "unit": unit,
                "figure": draw(lines_of(found), unit),
                "sentence": sentence(found.ratios),
                "outcome": outcome(found.ratios),
                "methods": list(found.points),
                "rows": table(found),
            },
        )


def sentence(ratios: Mapping[str, float]) -> str:
    """How large our files are beside those of each other method, the closest one first.

    >>> sentence({"JPEG": 0.71, "WebP": 1.02}).replace(chr(160), " ")
    'Files are 2 % larger than WebP, 29 % smaller than JPEG.'
    """
    if not ratios:
        return "No other method has been measured."
    closest = sorted(ratios, key=lambda name: -ratios[name])
    parts = [f"{100 * abs(ratios[n] - 1):.0f}\u00a0% {than(ratios[n])} than {n}" for n in closest]
    return f"Files are {', '.join(parts)}."


def than(ratio: float) -> str:
    return "smaller" if ratio < 1 else "larger"


def outcome(ratios: Mapping[str, float]) -> str:
    """The class of the sentence, which gives its colour."""
    if not ratios:
        return "cannot-tell"
    return "beats" if max(ratios.values()) < 1 else "does-not-beat"


def table(found: Curve) -> list[tuple[str, ...]]:
    """A row for each PSNR: kilobytes of each method."""
    asked = list(dict.fromkeys(psnr for points in found.points.values() for psnr in points))
    return [(number(psnr), *(cell(points.get(psnr)) for points in found.points.values())) for psnr in asked]


def cell(made: tuple[int, float] | None) -> str:
    """Kilobytes of a file; a dash where a method does not reach the PSNR."""
    return "–" if made is None else number(made[0] / 1000)


def lines_of(found: Curve) -> dict[str, list[Point]]:
    """The points of each method."""
    return {name: [(row["bits_per_value"], row["psnr"]) for row in found.rows(name)] for name in found.points}


def lines_of_rates(found: Rates) -> dict[str, list[Point]]:
    """The same of a model that is judged by bytes."""
    each = {name: zip(bits, found.psnr, strict=True) for name, bits in found.bits.items()}
    return {name: [(bits, psnr) for bits, psnr in points if bits] for name, points in each.items()}


def rows_of_rates(found: Rates) -> list[tuple[str, ...]]:
    """A row for each quality: the PSNR, and the bits per place of each method; a dash beyond its reach."""
    columns = zip(*found.bits.values(), strict=True)
    return [
        (f"{psnr:.1f}", *("–" if bits is None else f"{bits:.3f}" for bits in row))
        for psnr, row in zip(found.psnr, columns, strict=True)
    ]


def draw(lines: Mapping[str, Sequence[Point]], unit: str) -> str:
    """PSNR against bits per value, a line for each method."""
    figure, axis = figures.axes(6.4, 4.0)
    others = iter(figures.CLASSES[2:])
    for name, points in lines.items():
        colour, line = STYLES.get(name) or (next(others), ":")
        axis.plot(
            *zip(*points, strict=True), color=colour, linestyle=line, marker="o", markersize=5, label=name
        )
    axis.set_xlim(left=0)
    axis.set_xlabel(f"bits per {unit}")
    axis.set_ylabel("PSNR, dB")
    axis.legend()
    return figures.drawing(figure, f"PSNR against bits per {unit}")
