"""Defects of an atomic lattice in the codes of patches, and in scores of pixels, beside PCA's.

    python benchmarks/lattice.py [--choose]

Micrographs that `narrows.data.lattice` draws are cut into patches, and two runs are fitted to them, with
defects in them and no labels: one of 16 latent dimensions for the codes, one of 8 for the pixels. On other
images of the same crystal:

- codes: of the 5 nearest neighbours of a patch with a vacancy or dopant, the share that have one, too, beside
  the share of all patches; for codes of the run and for as many principal components, all of unit variance.
- pixels: AUROC of the pixel scores for pixels within 4 of a defect, beside the squared residual of PCA and
  beside PCA's reconstruction in place of the run's in the same scores.
- places: the share of found places within half a lattice constant of a defect, and of defects near a place.

Options were chosen on the crystals and seeds of `--choose`, and judged once on the others. Exits with 1 if
the codes or the pixel scores are not better than those of PCA and its squared residual, if precision is below
0.7, or recall below 0.5.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

from narrows.data.lattice import Micrographs, lattice
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.windows import cut
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from narrows.tasks.anomalies.pixel_survey import PixelSurvey
from narrows.tasks.anomalies.pixels import PixelDetector, places
from narrows.tasks.restoration.stitching import stitched

Array = np.ndarray[Any, Any]

SIZE, SIDE, NEIGHBOURS, NEAR, SHARE = 192, 32, 5, 4, 0.01

CODES_DIM, PLACES_DIM = 16, 8
"""Latent dimensions: with room for defects, and for little more than the lattice. PCA has `CODES_DIM`."""

IMAGES = 20
"""Images whose pixels are scored."""

CHOSEN = [("perovskite", 1), ("square", 2)]
JUDGED = [("perovskite", 201), ("honeycomb", 202), ("hexagonal", 203)]

PRECISION, RECALL = 0.7, 0.5
"""The least precision and recall that the benchmark claims."""


class Row(NamedTuple):
    """What is measured on one crystal."""

    crystal: str
    share: float
    purity: float
    pca_purity: float
    auroc: float
    pca_residual: float
    pca_scores: float
    precision: float
    recall: float

    @property
    def holds(self) -> bool:
        """Whether the row is as the benchmark claims."""
        better = self.purity > self.pca_purity and self.auroc > self.pca_residual
        return better and self.precision >= PRECISION and self.recall >= RECALL

    @property
    def line(self) -> str:
        """The row of the printed table."""
        numbers = (f"{value:12.3f}" for value in list(self)[1:])
        return f"{self.crystal:<16}{''.join(numbers)}"


def measured(structure: str, seed: int, epochs: int, figure: str | None) -> Row:
    """Fit two runs to images of a crystal, and measure them on other images."""
    how: dict[str, Any] = {"size": SIZE, "structure": structure, "tilt": 8.0}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "lattice.npy")
        np.save(file, lattice(n=40, seed=seed, **how).noisy)
        data = read(file, Reading(patch=SIDE))
        training = {"training": {"epochs": epochs}}
        coding, finding = (fit(data, latent_dim=d, overrides=training) for d in (CODES_DIM, PLACES_DIM))
        rows = coding.scaled(data.array[data.parts(0).train])
        survey = PixelSurvey(finding, data, SHARE)
    pca = PCA(CODES_DIM, svd_solver="randomized", random_state=0).fit(rows)
    new = lattice(n=80, seed=seed + 1000, **how)
    if figure is not None:
        draw(survey, new, f"{figure}-{structure}.png")
    return Row(f"{structure} {seed}", *purities(coding, pca, new), *of_pixels(finding, survey, pca, new))


def purities(run: Run, pca: PCA, made: Micrographs) -> tuple[float, float, float]:
    """The share of patches with a defect, and the purity of the run's codes and of PCA's."""
    patches, where = cut(list(made.noisy), list(made.names), (), SIDE)
    defect = made.labels(where, SIDE) != "host"
    codes = run.encode(patches), pca.transform(run.scaled(patches))
    return float(defect.mean()), purity(codes[0], defect), purity(codes[1], defect)


def purity(codes: Array, defect: Array) -> float:
    """Of patches with a defect, the share of their nearest neighbours that have one."""
    codes = (codes - codes.mean(0)) / codes.std(0)
    near = NearestNeighbors(n_neighbors=NEIGHBOURS + 1).fit(codes).kneighbors(codes[defect])[1][:, 1:]
    return float(defect[near].mean())


def of_pixels(run: Run, survey: PixelSurvey, pca: PCA, made: Micrographs) -> tuple[float, ...]:
    """AUROC of the pixel scores, of PCA's squared residual and scores; precision and recall of places."""

    def pca_pairs(patches: Array) -> Array:
        x = run.scaled(patches).astype(np.float64)
        both = [x, pca.inverse_transform(pca.transform(x))]
        return np.stack([each.reshape(len(x), SIDE, SIDE) for each in both], axis=-1)

    kept = run.evidence.reference
    assert kept is not None
    theirs = PixelDetector(pca_pairs, np.concatenate([kept.validation, kept.held_out])[:2048])
    ours = [survey.detector.scores(stitched(image, SIDE, survey.pairs)) for image in made.noisy[:IMAGES]]
    pairs = [stitched(image, SIDE, pca_pairs) for image in made.noisy[:IMAGES]]
    truth = np.stack([near(made.defects(i), NEAR) for i in range(IMAGES)])

    def auroc(scores: list[Array]) -> float:
        return float(roc_auc_score(truth.ravel(), np.stack(scores).ravel()))

    right = found = hit = total = 0
    for i, one in enumerate(ours):
        where, defects = places(one, survey.threshold), made.defects(i)
        distances = np.linalg.norm(where[:, None] - defects, axis=2) < made.spacing / 2
        right, found = right + distances.any(axis=1).sum(), found + len(where)
        hit, total = hit + distances.any(axis=0).sum(), total + len(defects)
    return (
        auroc([each.scores for each in ours]),
        auroc([(each[..., 0] - each[..., 1]) ** 2 for each in pairs]),
        auroc([theirs.scores(each).scores for each in pairs]),
        float(right / max(found, 1)),
        float(hit / max(total, 1)),
    )


def near(defects: Array, radius: float) -> Array:
    """Which pixels lie within `radius` of one of `defects (n, 2)`, `(SIZE, SIZE)`."""
    y, x = np.mgrid[:SIZE, :SIZE]
    distances = [np.hypot(y - a, x - b) for a, b in defects]
    return np.min([np.full((SIZE, SIZE), np.inf), *distances], axis=0) < radius


def draw(survey: PixelSurvey, made: Micrographs, file: str) -> None:
    """Draw the image with most defects, its scores, and the places found in it beside the defects."""
    import matplotlib.pyplot as plt

    i = int(np.argmax([len(made.defects(i)) for i in range(IMAGES)]))
    found = survey.detector.scores(stitched(made.noisy[i], SIDE, survey.pairs))
    where, defects = places(found, survey.threshold), made.defects(i)
    figure, axes = plt.subplots(1, 2, figsize=(10, 5), layout="constrained")
    axes[0].imshow(made.noisy[i], cmap="gray")
    axes[1].imshow(found.scores, cmap="inferno", vmax=2 * survey.threshold)
    for axis, title in zip(axes, ("counts, with the defects", "scores, with the places found"), strict=True):
        axis.set(title=title, xticks=[], yticks=[])
    axes[0].scatter(*defects.T[::-1], s=160, facecolors="none", edgecolors="tab:orange")
    axes[1].scatter(*where.T[::-1], s=160, facecolors="none", edgecolors="tab:cyan")
    figure.savefig(file, dpi=100)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--choose", action="store_true", help="the crystals that options were chosen on")
    parser.add_argument(
        "--figure", metavar="FILE.png", help="an image, its scores, and the places found in it"
    )
    parser.add_argument("--epochs", type=int, default=15, help="of each training")
    how = parser.parse_args()
    titles = ("defects", "purity", "PCA purity", "AUROC", "PCA residual", "PCA scores", "precision", "recall")
    print(f"{'crystal':<16}" + "".join(f"{title:>12}" for title in titles))
    rows = []
    for structure, seed in CHOSEN if how.choose else JUDGED:
        row = measured(structure, seed, how.epochs, how.figure)
        rows.append(row)
        print(row.line, flush=True)
    holds = all(row.holds for row in rows)
    print("holds" if holds else "does not hold")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
