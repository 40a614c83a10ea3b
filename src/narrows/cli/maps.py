"""The verb for scans: maps."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from narrows.cli.commands import Result
from narrows.cli.inputs import open_both
from narrows.cli.options import DataArgument, Quiet, RunArgument, whole

if TYPE_CHECKING:
    from narrows.tasks.maps.maps import Maps

Folder = Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="the folder of the maps")]
Clusters = Annotated[int | None, whole("clusters of the codes; chosen from them if not given")]
Scores = Annotated[
    bool, typer.Option("--scores/--no-scores", help="whether anomaly scores, which take longest, are mapped")
]


def maps(
    run: RunArgument,
    data: DataArgument,
    out: Folder,
    clusters: Clusters = None,
    scores: Scores = True,
    quiet: Quiet = False,
) -> Result:
    """Draw codes, clusters, errors and anomaly scores of a scan at their places, and means of clusters."""
    from narrows.data.writers import check_target

    check_target(out, data)
    loaded, found = open_both(run, data, quiet, "Maps")
    from narrows.report.scan_maps import write_maps
    from narrows.tasks.maps.maps import measure
    from narrows.training.progress import counted

    made = measure(loaded, found, clusters, scored=scores, progress=partial(counted, quiet=quiet))
    out.mkdir(parents=True, exist_ok=True)
    files = [*write_maps(made, out), *write_arrays(made, out)]
    return Result(
        {
            "out": str(out),
            "shape": list(made.scan.shape),
            "clusters": made.sizes,
            "files": sorted(map(str, files)),
        },
        f"{len(files)} files, maps of {len(made.scan):,} places in {len(made.sizes)} clusters: {out}",
    )


def write_arrays(made: Maps, out: Path) -> list[Path]:
    """Write all maps in the shape of the scan, and the mean signals with their axis."""
    import numpy as np

    from narrows.core.files import new_file

    file, means = out / "maps.npz", out / "cluster-means.npz"
    axes = {axis.letter: axis.values for axis in made.scan.signal}
    for target, arrays in ((file, made.arrays), (means, {"means": made.means, **axes})):
        with new_file(target) as part, part.open("wb") as stream:
            np.savez_compressed(stream, **arrays)
    return [file, means]
