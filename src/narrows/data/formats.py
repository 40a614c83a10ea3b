"""The table of file formats. Readers, writers, help, messages and docs are made from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from mimetypes import MimeTypes
from pathlib import Path
from typing import NamedTuple

from narrows.core.errors import InputError

FORMS = {
    "array": "an array, of any kind of data",
    "columns": "a table, with the names of its columns",
    "recordings": "recordings over time, as sequences",
    "graph": "a graph, with attributes of its nodes",
    "stack": "images of one size, with their axes and units; written from those that came with them",
    "graphs": "several graphs, with features of their nodes",
    "image": "one image, or a folder of such files",
    "picture": "one picture of all examples, side by side; written only",
    "folder": "an image file for each example, named as it was",
}
"""The possible contents of a file or folder, with a description for the docs."""

CODES = ("columns", "array")
SCORES = ("columns",)
"""The forms in which codes and anomaly scores can be written."""


class Format(NamedTuple):
    """A file format.

    Attributes:
        title: a description for the docs.
        endings: of its file names, in lower case.
        holds: keys of `FORMS`.
        read: whether it can be read.
        written: whether it can be written; of some formats the endings with which it can.
        extra: the optional dependencies that it needs, `pip install 'narrows[EXTRA]'`.
    """

    title: str
    endings: tuple[str, ...]
    holds: tuple[str, ...]
    read: bool = True
    written: bool | tuple[str, ...] = True
    extra: str = ""

    @property
    def target_endings(self) -> tuple[str, ...]:
        """The endings of files that can be written."""
        return self.written if isinstance(self.written, tuple) else self.endings if self.written else ()


FORMATS: dict[str, Format] = {
    "npy": Format("a NumPy array", (".npy",), ("array",)),
    "npz": Format("NumPy arrays; `file.npz::name` picks one of several", (".npz",), ("array", "graphs")),
    "csv": Format(
        "text, columns separated by commas, semicolons, tabs, pipes or spaces", (".csv",), ("columns",)
    ),
    "tsv": Format(
        "the same as `.csv`; gzipped with `.gz` behind",
        (".tsv", ".txt", ".dat", ".tab", ".csv.gz", ".tsv.gz", ".txt.gz"),
        ("columns",),
        written=False,
    ),
    "parquet": Format("Apache Parquet", (".parquet",), ("columns",), extra="tables"),
    "feather": Format(
        "Feather, Apache Arrow", (".feather", ".arrow"), ("columns",), written=False, extra="tables"
    ),
    "jsonl": Format(
        "JSON, one object in a line", (".jsonl", ".ndjson"), ("columns",), written=False, extra="tables"
    ),
    "excel": Format(
        "Excel; `file.xlsx::name` picks a sheet", (".xlsx",), ("columns",), written=False, extra="tables"
    ),
    "idx": Format("an IDX array of bytes, as MNIST has", (".gz",), ("array",), written=False),
    "hdf5": Format(
        "HDF5, also NeXus, EMD and hyperspy; `file.h5::/path` picks a data set",
        (".h5", ".hdf5", ".hdf", ".he5", ".nxs", ".emd", ".hspy"),
        ("array", "stack"),
        written=(".h5", ".hdf5", ".hspy"),
        extra="science",
    ),
    "zarr": Format(
        "Zarr, a folder or an archive, also OME-NGFF; `file.zarr::path` picks an array",
        (".zarr", ".zarr.zip", ".zspy", ".zip"),
        ("array", "stack"),
        written=(".zarr",),
        extra="science",
    ),
    "mrc": Format(
        "MRC, an image, a stack or a volume",
        (".mrc", ".mrcs", ".map", ".st", ".ali", ".rec"),
        ("stack",),
        written=(".mrc", ".mrcs"),
        extra="science",
    ),
    "microscope": Format(
        "Digital Micrograph, TIA, Blockfile, Merlin and other files of microscopes and detectors, by "
        "rosettasciio; `file.dm4::title` picks a signal",
        (
            *(".dm3", ".dm4", ".ser", ".emi", ".blo", ".mib", ".bcf", ".spx", ".tvips", ".rpl"),
            *(".app5", ".spd", ".spc", ".msa", ".wdf", ".sur", ".elid", ".pts", ".de5"),
        ),
        ("array",),
        written=False,
        extra="em",
    ),
    "ts": Format("time series as sktime and aeon write them", (".ts",), ("recordings",), written=False),
    "wav": Format("sound or other samples, WAV", (".wav",), ("recordings",), written=False),
    "graphml": Format(
        "GraphML, one graph; a folder of such files holds several", (".graphml",), ("graph",), written=False
    ),
    "png": Format("PNG", (".png",), ("image", "picture")),
    "jpeg": Format(
        "JPEG; results are written without loss, as `a.jpg.png`", (".jpg", ".jpeg"), ("image",), written=False
    ),
    "webp": Format("WebP", (".webp",), ("image",)),
    "tiff": Format(
        "TIFF, stacks too; several planes, 16-bit colours and 64-bit floats need the extra 'science'",
        (".tif", ".tiff"),
        ("image", "stack"),
        extra="science",
    ),
    "bmp": Format("BMP", (".bmp",), ("image",)),
    "folder": Format("a folder of image files", ("",), ("folder",)),
}
"""By name, in the order in which they are listed."""


def format_of(file: Path) -> str:
    """The name of the format that has the ending of `file`; empty if there is none.

    >>> format_of(Path("a/B.JPG")), format_of(Path("a.docx"))
    ('jpeg', '')
    """
    ending = ending_of(file)
    return next((name for name, known in FORMATS.items() if ending in known.endings), "")


def ending_of(file: Path) -> str:
    """The longest known ending of a file's name, in lower case; else what follows its last point.

    >>> ending_of(Path("a.CSV.gz")), ending_of(Path("a.docx"))
    ('.csv.gz', '.docx')
    """
    name = file.name.lower()
    known = [e for each in FORMATS.values() for e in each.endings if e and name.endswith(e) and name != e]
    return max(known, key=len, default=file.suffix.lower())


def without_ending(file: Path) -> str:
    """The name of a file without its ending.

    >>> without_ending(Path("a/table.csv.gz")), without_ending(Path("v1.2.CSV"))
    ('table', 'v1.2')
    """
    return file.name[: len(file.name) - len(ending_of(file))]


def readable(*forms: str) -> tuple[str, ...]:
    """The endings of files that can be read and hold one of `forms`.

    >>> readable("image")
    ('.png', '.jpg', '.jpeg', '.webp', '.tif', '.tiff', '.bmp')
    """
    return endings(forms, {known: known.endings for known in FORMATS.values() if known.read})


def writable(*forms: str) -> tuple[str, ...]:
    """The endings of files that can be written and hold one of `forms`.

    >>> writable("columns", "array")
    ('.csv', '.parquet', '.npy', '.npz', '.h5', '.hdf5', '.hspy', '.zarr')
    """
    return endings(forms, {known: known.target_endings for known in FORMATS.values()})


def endings(forms: Iterable[str], known: Mapping[Format, Sequence[str]]) -> tuple[str, ...]:
    """Those of the endings of formats, `known`, that hold one of `forms`, in the order of these."""
    return tuple(
        dict.fromkeys(e for form in forms for f, each in known.items() if form in f.holds for e in each)
    )


def listed(endings: Iterable[str]) -> str:
    """Endings as a list in a sentence.

    >>> listed([".csv", ".npy", ""])
    '.csv, .npy or a folder'
    """
    *others, last = [ending or "a folder" for ending in endings]
    return f"{', '.join(others)} or {last}" if others else last


NOT_READ = {
    *(".arw", ".avif", ".cr2", ".dng", ".exr", ".gif", ".heic", ".heif", ".jxl", ".nef", ".raw", ".svg"),
    *(".czi", ".dcm", ".lif", ".nd2", ".nii", ".oib", ".oir", ".svs", ".vsi"),
}
"""Endings of image formats that are neither read nor written."""


def is_file_name(target: Path) -> bool:
    """Whether `target` ends like a file: in a format of the table, or in another that is widely known.

    >>> [is_file_name(Path(name)) for name in ("a.png", "a.csv.gz", "a.PDF", "a", "out.v2", "results.2026")]
    [True, True, True, False, False, False]
    """
    known = format_of(target) not in ("", "folder") or target.suffix.lower() in NOT_READ
    return known or MimeTypes().guess_type(target.name.lower())[0] is not None


def form_of(target: Path, forms: Iterable[str]) -> str:
    """The first of `forms` that can be written to `target`; empty if there is none.

    What does not end like a file is a folder.

    >>> form_of(Path("a.png"), ("array", "picture")), form_of(Path("a.png"), ("array", "columns"))
    ('picture', '')
    >>> form_of(Path("out.v2"), ("array", "folder"))
    'folder'
    """
    if "folder" in forms and not is_file_name(target):
        return "folder"
    known = FORMATS.get(format_of(target))
    if known is None or ending_of(target) not in known.target_endings:
        return ""
    return next((form for form in forms if form in known.holds), "")


def form_for(what: str, target: Path, forms: Iterable[str]) -> str:
    """The form, one of `forms`, in which something is written to a file called `target`.

    Args:
        what: the subject of the message, as "Codes".
        target: a file with an ending, or a folder without one.
        forms: keys of `FORMS`, those of the kind of data or of the result.

    Raises:
        InputError: when none of `forms` goes into such a file.
    """
    if form := form_of(target, forms):
        return form
    wanted = listed(writable(*forms))
    raise InputError(f"{what} cannot be written to {target.name!r}; wanted is {wanted}.")


def need(name: str) -> str:
    """The end of a message: the extra that the format called `name` needs.

    >>> need("parquet")
    "needs the extra 'tables': pip install 'narrows[tables]'"
    """
    extra = FORMATS[name].extra
    return f"needs the extra {extra!r}: pip install 'narrows[{extra}]'"
