"""Opening what a verb is given: runs, and data of the kind that a run was fitted to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from narrows.cli.commands import tell
from narrows.core.errors import InputError

if TYPE_CHECKING:
    from narrows.core.findings import Finding
    from narrows.data.examples import Data
    from narrows.data.images.files import Images
    from narrows.data.reading import Reading
    from narrows.data.scan import Scan
    from narrows.runs.run import Run


def open_run(folder: Path, of: str = "", device: str = "cpu") -> Run:
    """The run in `folder`; if its training has not finished, stderr says so.

    Args:
        folder: of the run.
        of: what is to be made of examples one by one, as "Samples"; a run of a graph is then refused.
        device: where the model computes: "auto", or a torch device.
    """
    from narrows.runs.folder import load_run
    from narrows.training.devices import pick_device

    run = load_run(folder)
    run.device = pick_device(device, run.scaling.precision)
    if of:
        run.schema.check_independent(of)
    if run.unfinished:
        tell(f"narrows: {run.unfinished}")
    return run


def open_both(
    folder: Path,
    data: str,
    quiet: bool,
    of: str = "",
    *,
    keep_texts: bool = False,
    nodes: str | None = None,
    device: str = "cpu",
) -> tuple[Run, Data]:
    """The run in `folder`, and `data` read as the kind of data that it was fitted to.

    Args:
        folder: of the run.
        data: the source.
        quiet: whether to print no warnings.
        of: as `open_run` takes it.
        keep_texts: whether the texts of the cells of a table are kept.
        nodes: the table of nodes of an edge list; None for that of the run.
        device: as `open_run` takes it.
    """
    run = open_run(folder, of, device)
    return run, read_like(run, data, quiet, keep_texts=keep_texts, nodes=nodes)


def read_like(
    run: Run,
    data: str,
    quiet: bool,
    *,
    keep_texts: bool = False,
    keep_remainder: bool = False,
    nodes: str | None = None,
) -> Data:
    """`data` read as the kind of data that `run` was fitted to; as `open_both`.

    With `keep_remainder` also what a table says beside its values.
    """
    from narrows.data.scan_reading import check_alike

    how = reading_for(run)
    told = replace(how, keep_texts=keep_texts, keep_remainder=keep_remainder, nodes=nodes or how.nodes)
    found = warned_of_ids(read_data(data, told, quiet), quiet)
    if (scan := scan_of(run)) is not None and found.scan is not None:
        check_alike(found.scan, scan, found.name)
    warn_of_drift(run, found, quiet)
    return found


def read_data(
    source: str,
    how: Reading,
    quiet: bool = False,
    target: str | None = None,
    *,
    frames: bool = False,
    cut: bool = False,
) -> Data:
    """The data at `source`; stderr says what could not be read as a model wants it.

    Args:
        source: as `narrows.data.readers.read` takes it.
        how: options.
        quiet: whether to print no warnings.
        target: the source of the clean examples that those at `source` are to be restored to.
        frames: whether pairs of neighbouring frames are wanted.
        cut: whether large images are cut into patches even where `how` does not say so.

    Raises:
        InputError: for a target of frames, which are targets of each other.
    """
    from narrows.data.pair_reading import read_frames, read_pairs
    from narrows.data.patch_reading import read_in_patches
    from narrows.data.readers import read

    if frames and target is not None:
        raise InputError("Frames are the targets of each other; leave --target out, or take another recipe.")
    if target is not None:
        data = read_pairs(source, target, how)
    else:
        data = (read_frames if frames else read_in_patches if cut else read)(source, how)
    for warning in data.warnings:
        tell(f"warning: {warning}", quiet)
    return data


def warned(data: Data, warning: str, quiet: bool) -> Data:
    """`data` with another warning, which stderr gets as well."""
    tell(f"warning: {warning}", quiet)
    return replace(data, warnings=(*data.warnings, warning))


def warned_of_ids(data: Data, quiet: bool) -> Data:
    """`data`, with a warning if ids name several rows: outputs tell these rows apart by their order only."""
    from narrows.data.tables.identifiers import check_ids

    found = check_ids(data)
    return data if found is None else warned(data, found.sentence, quiet)


def warn(found: Finding | None, quiet: bool) -> None:
    """Tell stderr of a finding, if there is one."""
    if found is not None:
        tell(f"warning: {found.sentence}", quiet)


def warn_of_drift(run: Run, data: Data, quiet: bool) -> None:
    """If columns of `data` lie elsewhere than in the training part of `run`, stderr says so."""
    import numpy as np

    from narrows.evaluation.drift import check_drift

    kept = run.evidence.reference
    if kept is None:
        return
    rows = run.schema.as_fitted(data.drawn().array, run.scaling)
    warn(check_drift(kept, rows, run.schema, np.zeros(0, dtype=np.bool_), 0.0), quiet)


def warn_of_range(run: Run, data: Data, quiet: bool) -> None:
    """If examples of `data` lie beyond the range of the training data of `run`, stderr says so."""
    from narrows.data.examples import draw_rows
    from narrows.evaluation.out_of_range import MOST_EXAMPLES, check_range

    index = draw_rows(len(data), MOST_EXAMPLES)
    rows = data.rows(index)
    names = rows.ids or tuple(f"number {i}" for i in index)
    warn(check_range(run, rows.array, run.reconstruct(rows.array), names), quiet)


def warn_of_missing(run: Run, data: Data, quiet: bool) -> None:
    """If rows of `data` lack cells, which no training row did, stderr says what they count as."""
    import numpy as np

    kept = run.evidence.reference
    if kept is None or not (run.schema.may_miss and data.source.in_memory) or np.isnan(kept.known).any():
        return
    lacking = int(np.isnan(data.array).any(axis=1).sum())
    if lacking:
        tell(
            f"warning: {lacking:,} of {len(data):,} rows lack cells, which no training row did: these count "
            f"as the mean of their column; fill them in first with narrows reconstruct RUN DATA -o FILE "
            f"--impute.",
            quiet,
        )


def reading_for(run: Run) -> Reading:
    """How to read other data for `run`: images of the same size and mode, columns of the same names."""
    from narrows.data.reading import OVER_TIME, Reading
    from narrows.data.tables.cells import Form

    asked = run.config.get("reading", {})
    size = asked.get("resize")
    size = size and (size[0], size[1])
    same = {option: asked.get(option) for option in ("id", "patch", "mode", "axes", *OVER_TIME)}
    same |= {"nodes": asked.get("nodes"), "ends": tuple(asked.get("ends", ())), "graph": asked.get("graph")}
    form = Form.from_json(asked["form"]) if asked.get("form") else None
    scan = scan_of(run)
    same |= {} if scan is None else {"preparation": scan.preparation}
    return Reading(run.schema.kind, size, **same, like=run.schema, form=form)


def scan_of(run: Run) -> Scan | None:
    """The scan that `run` was fitted to, if it was one."""
    from narrows.data.scan import Scan

    kept = run.config["data"].get("scan")
    return None if kept is None else Scan.from_json(kept)


def warn_of_whole(images: Images, quiet: bool) -> None:
    """Stderr says which images were left out or lost something, and which had NaN that were filled."""
    from narrows.data.images.gaps import warn_of_gaps

    for warning in (*images.warnings, *warn_of_gaps(images.gaps)):
        tell(f"warning: {warning}", quiet)


def open_reference(reference: str | None, data: str, n: int, how: Reading) -> Images | None:
    """The images to compare with the `n` images of `data`, if there are any, read as these were."""
    from narrows.data.images.files import read_whole

    if reference is None:
        return None
    found = read_whole(reference, how)
    if found.n != n:
        raise InputError(f"{reference} holds {found.n:,} images for the {n:,} of {data}; wanted is one each.")
    return found


def check_page(out: Path | None, data: str) -> None:
    """Refuse a page that would be written over something else, before anything is computed."""
    from narrows.data.writers import check_target

    if out is None:
        return
    check_target(out, data)
    if out.suffix.lower() != ".html":
        raise InputError(f"The page cannot be written to {out.name!r}; wanted is a name that ends in .html.")
