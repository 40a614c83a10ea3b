"""The base of all estimators: what is fitted is a run, which can be saved and reported."""

from __future__ import annotations

from pathlib import Path

from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from narrows.report import documents, render, render_live
from narrows.report.notebook import Frame
from narrows.runs.folder import save_run
from narrows.runs.run import Run


class RunEstimator(BaseEstimator):  # type: ignore[misc]
    """An estimator whose `fit` sets `run_`."""

    run_: Run

    @property
    def verdict_(self) -> str:
        """Whether the model beats PCA on held-out rows, as a sentence."""
        return self.run_.unfinished or str(self.run_.metrics["verdict"]["sentence"])

    def save(self, folder: str | Path) -> Path:
        """Write the run folder, with its report, as `folder`, which must not exist yet.

        Raises:
            InputError: when it exists, or cannot be written.
        """
        save_run(self._run(), Path(folder), documents(self._run()))
        return Path(folder)

    def report(self) -> str:
        """The report of the fitted model as one page of HTML."""
        return render(self._run())

    def explore(self) -> Frame:
        """The interactive part of the report, which a notebook shows in a frame."""
        return Frame(render_live(self._run()))

    def _run(self) -> Run:
        check_is_fitted(self, "run_")
        return self.run_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
