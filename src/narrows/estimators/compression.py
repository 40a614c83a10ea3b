"""Compressed files of an estimator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from narrows.data.tables.remainder import Remainder
from narrows.estimators.base import RunEstimator
from narrows.estimators.containers import like_data, remainder_of, values, whole_frame, without_gaps
from narrows.estimators.lists import is_list, pixels
from narrows.tasks.compression.files import compress, decompress
from narrows.tasks.compression.wishes import Wish


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
            X: data like those of the fit; images of any size, also as a list of images of several sizes. Of a
                data frame the columns and words that the model does not have are kept as text, its index not.
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
        run = self._run()
        wish = Wish(psnr, bits, quality)
        if run.schema.spatial == 2 and is_list(X):
            images = [without_gaps(pixels(each)[None])[0] for each in X]
            return compress(run, images, Path(path), wish=wish)
        examples = values(self, X)
        remainder = remainder_of(self, X, examples)
        told = {"remainder": remainder.to_json()} if remainder else {}
        return compress(run, examples, Path(path), told, wish)

    def decompress(self, path: str | Path) -> Any:
        """The data in the file `path` that `compress` of this estimator has written.

        Images of several sizes are a list.

        Raises:
            InputError: for a file that is damaged, or was written by another model.
        """
        found = decompress(self._run(), Path(path))
        if isinstance(found.values, list):
            return found.values
        if found.remainder is not None:
            return whole_frame(self, found.values, Remainder.from_json(found.remainder))
        return like_data(self, found.values)
