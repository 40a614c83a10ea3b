"""What was measured of a fitted model beside its error, as `metrics.json` keeps it for the doctor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from narrows.evaluation.outlying import OutlyingRows


class Gap(NamedTuple):
    """The error on held-out rows in units of that on training rows.

    Attributes:
        ratio: the estimate.
        least: the lower end of its one-sided 95 % interval.
    """

    ratio: float
    least: float


class Layer(NamedTuple):
    """A layer of the encoder, or the code; a channel of an image counts as one unit.

    Attributes:
        dead: units that do not change with the input.
        units: all units.
    """

    dead: int
    units: int


class Residual(NamedTuple):
    """What residuals on training rows have in common.

    Attributes:
        ours: the largest mean square of the model's residual along any direction, in squared units of the
            model's scale.
        pca: that of PCA's residual; None without PCA.
        share: `ours` as a share of the residual's whole mean square.
    """

    ours: float
    pca: float | None
    share: float


class Detail(NamedTuple):
    """How much of the squared differences between neighbouring pixels reconstructions have.

    Attributes:
        ours: the share in the model's.
        pca: the share in PCA's; None without PCA.
        smooth: correlation of the model's residual between neighbouring pixels; about 0 of white noise.
    """

    ours: float
    pca: float | None
    smooth: float


@dataclass(frozen=True)
class Symptoms:
    """Measurements on training and held-out rows; None where one does not apply to the model or the data.

    Attributes:
        train_mse: mean squared error per value on training rows, in the unit of the report.
        train_pca_mse: PCA's.
        gap: between held-out and training rows.
        dead: by layer of the encoder, the code last.
        noise_passed: the share of a little white noise in the input that is in the output.
        residual: what the residuals have in common.
        detail: of images, how much of it is kept.
        outlying: training rows that hold most of an error; all else is measured without them.
    """

    train_mse: float
    train_pca_mse: float | None
    gap: Gap
    dead: tuple[Layer, ...]
    noise_passed: float | None = None
    residual: Residual | None = None
    detail: Detail | None = None
    outlying: OutlyingRows | None = None

    def to_json(self) -> dict[str, Any]:
        """By name, without what does not apply."""
        record = {
            "train_mse": self.train_mse,
            "train_pca_mse": self.train_pca_mse,
            "gap": list(self.gap),
            "dead": [list(layer) for layer in self.dead],
            "noise_passed": self.noise_passed,
            "residual": self.residual and self.residual._asdict(),
            "detail": self.detail and self.detail._asdict(),
            "outlying": self.outlying and self.outlying.to_json(),
        }
        return {name: value for name, value in record.items() if value is not None}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Symptoms:
        """What `to_json` wrote down."""
        return cls(
            record["train_mse"],
            record.get("train_pca_mse"),
            Gap(*record["gap"]),
            tuple(Layer(*layer) for layer in record["dead"]),
            record.get("noise_passed"),
            Residual(**record["residual"]) if "residual" in record else None,
            Detail(**record["detail"]) if "detail" in record else None,
            OutlyingRows.from_json(record["outlying"]) if "outlying" in record else None,
        )
