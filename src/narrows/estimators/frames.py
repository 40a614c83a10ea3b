"""Data frames: what comes out is like the frame that went in, of pandas or polars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from narrows.core.errors import InputError

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def is_pandas(X: Any) -> bool:
    """Whether `X` is a pandas data frame."""
    return hasattr(X, "iloc")


def is_frame(X: Any) -> bool:
    """Whether `X` is a data frame of pandas, polars or pyarrow."""
    return is_pandas(X) or hasattr(X, "to_pandas")


def as_pandas(X: Any) -> DataFrame:
    """A data frame as one of pandas, whose columns are not sparse."""
    frame: DataFrame = X if is_pandas(X) else X.to_pandas()
    sparse = {label: dtype.subtype for label, dtype in frame.dtypes.items() if is_sparse(dtype)}
    return frame.astype(sparse) if sparse else frame


def is_sparse(dtype: Any) -> bool:
    """Whether a type of pandas is a sparse one."""
    import pandas

    return isinstance(dtype, pandas.SparseDtype)


def with_names(X: Any) -> Any:
    """A data frame whose labels are of several types with texts for them, as scikit-learn wants it.

    Raises:
        InputError: for two labels with the same text.
    """
    if not is_pandas(X):
        return X
    names = [str(label) for label in X.columns]
    if len(set(names)) < len(names):
        raise InputError(f"X names a column twice: {Counter(names).most_common(1)[0][0]!r}; rename one.")
    several = len({type(label) for label in X.columns}) > 1
    return X.set_axis(names, axis="columns") if several else X


def like(found: DataFrame, *frames: Any) -> Any:
    """`found`, whose columns have texts as names, with the labels and types of the first of `frames`.

    It is a frame of the library of the last one. Columns that no frame has stay as they are.
    """
    *_, last = frames
    alike = next(frame for frame in frames if type(frame) is type(last))
    return like_pandas(found, alike) if is_pandas(last) else like_polars(found, alike)


def like_pandas(found: DataFrame, frame: DataFrame) -> DataFrame:
    """`found` with the labels and types of `frame`."""
    labels = {str(label): label for label in frame.columns}
    types = dict(zip(labels, frame.dtypes, strict=True))
    for name in found.columns.intersection(list(types)):
        found[name] = typed(found[name], types[name])
    return found.set_axis([labels.get(name, name) for name in found.columns], axis="columns")


def typed(cells: Series[Any], dtype: Any) -> Series[Any]:
    """`cells` in a type of pandas, unless it cannot hold them."""
    import pandas

    if isinstance(dtype, pandas.CategoricalDtype):
        return in_categories(cells, {str(level): level for level in dtype.categories}, dtype)
    try:
        return cells.astype(dtype)
    except (TypeError, ValueError):
        return cells


def in_categories(cells: Series[Any], levels: Mapping[str, Any], dtype: Any) -> Series[Any]:
    """Words as the categories of `dtype` that they stand for, unless one stands for none."""
    import pandas

    words = [None if pandas.isna(cell) else str(cell) for cell in cells]
    if not set(words) <= {*levels, None}:
        return cells
    values = [None if word is None else levels[word] for word in words]
    return pandas.Series(pandas.Categorical(values, dtype=dtype), index=cells.index)


def like_polars(found: DataFrame, frame: Any) -> Any:
    """`found` as a polars frame with the types of the polars or pyarrow `frame`; of pyarrow one of pandas."""
    if not hasattr(frame, "schema") or not type(frame).__module__.startswith("polars"):
        return found
    import polars

    columns = {}
    for name in found.columns:
        dtype = frame.schema.get(name)
        cells = polars.Series(name, [None if cell != cell else cell for cell in found[name].tolist()])
        whole = dtype is not None and dtype.is_integer() and cells.dtype.is_float()
        cells = cells.round() if whole else cells
        columns[name] = cells if dtype is None else cells.cast(dtype, strict=False)
    return polars.DataFrame(columns)
