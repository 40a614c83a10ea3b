"""Three pipelines of scikit-learn's own examples, with `PCA(k)` and with `Autoencoder(k)` in its place.

    python examples/pipelines.py

With few numbers the autoencoder's codes keep more of what a classifier needs; with many, PCA's keep
all of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from narrows import Autoencoder

SIZES = (2, 5, 15, 30)


def digits(compress: Callable[[int], Any], size: str) -> str:
    """Chain a compression and a logistic regression, and search how much of each is best."""
    x, y = load_digits(return_X_y=True)
    with TemporaryDirectory() as cache:
        steps = [
            ("scaler", StandardScaler()),
            ("compress", compress(2)),
            ("logistic", LogisticRegression(max_iter=10_000, tol=0.1)),
        ]
        pipe = Pipeline(steps, memory=cache)
        grid = {f"compress__{size}": list(SIZES), "logistic__C": np.logspace(-4, 4, 4)}
        search = GridSearchCV(pipe, grid, cv=3).fit(x, y)
    found = search.cv_results_
    best = {
        k: max(
            s
            for s, n in zip(found["mean_test_score"], found[f"param_compress__{size}"], strict=True)
            if n == k
        )
        for k in SIZES
    }
    return ", ".join(f"{k} numbers {score:.3f}" for k, score in best.items())


def union(compress: Callable[[int], Any], size: str) -> str:
    """Put codes beside the best single column, and search over both."""
    x, y = load_iris(return_X_y=True)
    features = FeatureUnion([("codes", compress(2)), ("best", SelectKBest(k=1))])
    pipe = Pipeline([("features", features), ("svm", SVC(kernel="linear"))])
    grid = {f"features__codes__{size}": [1, 2, 3], "features__best__k": [1, 2], "svm__C": [0.1, 1, 10]}
    search = GridSearchCV(pipe, grid, cv=5).fit(x, y)
    return f"{search.best_score_:.3f} with {search.best_params_}"


def columns(compress: Callable[[int], Any], size: str) -> str:
    """Compress six of ten columns, leave the others as they are, and predict."""
    x, y = load_diabetes(return_X_y=True, as_frame=True)
    serum = [f"s{i}" for i in range(1, 7)]
    pipe = make_pipeline(
        ColumnTransformer([("serum", compress(2), serum)], remainder="passthrough"),
        StandardScaler(),
        RidgeCV(),
    )
    return f"R² {cross_val_score(pipe, x, y, cv=5).mean():.3f}"


def main() -> None:
    for example in (digits, union, columns):
        print((example.__doc__ or "").splitlines()[0])
        for compress, size in ((PCA, "n_components"), (Autoencoder, "latent_dim")):
            start = time.perf_counter()
            found = example(compress, size)
            print(f"  {compress.__name__:<12}{found}  ({time.perf_counter() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
