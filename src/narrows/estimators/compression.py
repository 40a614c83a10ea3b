"""Compressed files of an estimator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from narrows.estimators.base import RunEstimator
from narrows.estimators.containers import like_data, values
from narrows.tasks.compression.files import compress, decompress
from narrows.tasks.compression.quantiser import Wish


class CompressingEstimator(RunEstimator):
    """An estimator that writes data in fewer bytes."""

    image_shape: tuple[int, ...] | None

    def compress(
        self,
        X: Any,
        path: str | Path,
        *,
        psnr: float | None = None,
        bits: float | None = None,
        quality: float | None = None,
    ) -> dict[str, Any]:
        """Write `X` to the file `path`, from which `decompress` gets the same values; fit with "lossless".

        Args:
            X: data like those of the fit.
            path: of the file.
            psnr: with a loss, after a fit with "compression": the least peak signal-to-noise ratio, in dB.
            bits: with a loss: the most bits per value, about.
            quality: with a loss: the ratio in dB that rounding alone would leave, without a search.

        Returns:
            Its size beside that of `X`: `bytes`, `original_bytes`, `bits_per_value`, and what else
            `narrows compress --json` prints.

        Raises:
            InputError: for a model without a likelihood, and data that are not like those of the fit.
        """
        return compress(self._run(), values(self, X), Path(path), (), Wish(psnr, bits, quality))

    def decompress(self, path: str | Path) -> Any:
        """The data in the file `path` that `compress` of this estimator has written.

        Raises:
            InputError: for a file that is damaged, or was written by another model.
        """
        return like_data(self, decompress(self._run(), Path(path)).values)
