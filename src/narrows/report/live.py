"""The live part of the page: a latent space to explore, decoded in the browser.

The page holds all that it needs: the script, the runtime for both exported halves of the model, and for each
run a header as JSON and its columns as one compressed text. Script and runtime are built from `explorer/`
with the package; an installation without them makes the page without the live part. The nodes of a graph are
shown without a model and the runtime.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from torch.onnx import OnnxExporterError

from narrows.core.errors import reason
from narrows.core.steps import step
from narrows.data.scan import Scan
from narrows.data.schema import Array
from narrows.fitting.evidence import MOST_ORIGINAL_BYTES
from narrows.report.encoding import Carried, as_script_text, as_text, pack
from narrows.report.figures import CLASSES
from narrows.report.half_precision import rounded
from narrows.report.kinds import DRAWN
from narrows.report.template import fill
from narrows.runs.run import Run
from narrows.runs.shown_places import ShownPlaces
from narrows.tasks.export import export_onnx
from narrows.tasks.generation.sample import draw

BUILT = files("narrows").joinpath("explorer")
"""Where the package build puts the page's script, style and runtime."""

ABSENT = (
    "The live part of this page is left out, because Narrows was installed from source where npm could not "
    "be reached. Install it again where it can be, or from the package index; then: narrows report RUN"
)

EXACT, HEAVIEST = 4_000_000, 9_000_000
"""Bytes of the weights of a model up to which a page carries them as they are, of larger ones in 16 bits; and
bytes that it carries at the most."""

ROUNDED = (
    "The weights of this large model are rounded to 7 binary digits here, so that decoded values differ "
    "slightly from those of the run."
)

SAMPLES = 256
"""Codes of samples that a page carries."""

DIRECTIONS = 16
"""Principal directions of the codes that a page carries, at most."""


class LeftOutError(Exception):
    """A page can have no live part; the sentence says why and what to do."""


def live_part(runs: Sequence[Run]) -> dict[str, str]:
    """The live part that shows `runs` side by side, as a page's `live`, and the `policy` its script needs.

    Where there can be none, a sentence stands in its place.
    """
    try:
        contents = contents_of(runs)
    except LeftOutError as error:
        return {"live": fill("absent.html", {"note": str(error)}), "policy": ""}
    digest = base64.b64encode(hashlib.sha256(contents["script"].encode()).digest()).decode()
    policy = f"; script-src 'sha256-{digest}' blob: 'wasm-unsafe-eval'; base-uri 'none'; form-action 'none'"
    return {"live": fill("live.html", contents), "policy": policy}


BYPASSED = (
    "The live part is left out: skips or a residual output bypass the latent code, so that a code alone does "
    "not determine an example."
)

OLDER = (
    "The live part is left out: an earlier Narrows fitted this run and kept no examples for it; fit it again "
    "with this one."
)


def contents_of(runs: Sequence[Run]) -> dict[str, Any]:
    """What the live part is made of.

    Raises:
        LeftOutError: when the package was built without it, or a page cannot carry the models, or a model
            does not decode codes alone, or a run keeps no examples.
    """
    check_possible(runs)
    step("report: the live part")
    check_weight([run for run in runs if DRAWN[run.schema.kind].decoded])
    models = [model_files(run) if DRAWN[run.schema.kind].decoded else {} for run in runs]
    runtime = RUNTIME if any(models) else ()
    return {
        "live_style": BUILT.joinpath("explorer.css").read_text("utf-8"),
        "script": BUILT.joinpath("explorer.js").read_text("utf-8"),
        "runtime": {name: as_text(BUILT.joinpath(name).read_bytes()) for name in runtime},
        "parts": [part(run, model) for run, model in zip(runs, models, strict=True)],
    }


def check_possible(runs: Sequence[Run]) -> None:
    """Refuse runs of which no live part can be made."""
    if not BUILT.joinpath("explorer.js").is_file():
        raise LeftOutError(ABSENT)
    if any(run.model.bypassed for run in runs):
        raise LeftOutError(BYPASSED)
    if any(run.evidence.originals is None and run.evidence.nodes is None for run in runs):
        raise LeftOutError(OLDER)


def check_weight(runs: Sequence[Run]) -> None:
    """Refuse models that are too large for a page."""
    weight = sum(carried(run) for run in runs)
    if weight > HEAVIEST:
        sizes = f"the model takes {weight / 1e6:.1f} MB, and a page at most {HEAVIEST / 1e6:.0f} MB"
        smaller = runs[0].schema.smaller
        raise LeftOutError(f"The live part is left out: {sizes}; a model of {smaller} takes less.")


def carried(run: Run) -> float:
    """The bytes that a page carries of the weights of `run`."""
    size = weight_of(run)
    return size / 2 if size > EXACT else size


def weight_of(run: Run) -> float:
    """The bytes of the weights of `run`."""
    return float(sum(value.nbytes for value in run.model.state_dict().values()))


RUNTIME = ("ort.mjs.gz", "ort.wasm.gz")
"""The files that run a model in a browser."""


def model_files(run: Run) -> dict[str, bytes]:
    """Both halves as ONNX by name; values go in and out as real numbers, not rounded to the data's type.

    Decoder or page clip them to the range of the training part; the page leaves reconstructions as they are.
    """
    dtype = str(run.scaling.precision).removeprefix("torch.")
    with TemporaryDirectory() as folder:
        try:
            found = export_onnx(run, Path(folder), dtype, clipped=DRAWN[run.schema.kind].decoder_clips)
        except OnnxExporterError as error:
            raise LeftOutError(f"The live part is left out: {reason(error)}.") from error
        halves = {name: file.read_bytes() for name, file in found.items()}
    if carried(run) == weight_of(run):
        return halves
    return {name: rounded(content) for name, content in halves.items()}


def part(run: Run, model: Mapping[str, bytes]) -> tuple[str, Carried]:
    """A run for the page: its header, JSON that may stand in a page, and its columns, compressed."""
    columns, header = shown_codes(run)
    if model:
        drawn, note = draw(run, SAMPLES)
        columns |= {**decoded_columns(run), "drawn": drawn.astype(np.float32)}
        columns |= {name: np.frombuffer(content, np.uint8) for name, content in model.items()}
        header |= {**decoded_header(run), "drawn_note": note}
    columns |= DRAWN[run.schema.kind].live_columns(run)
    packed, places = pack(columns)
    header |= {**header_of(run), "columns": places}
    return as_script_text(header), as_text(gzip.compress(packed, 6, mtime=0))


def shown_codes(run: Run) -> tuple[dict[str, Array], dict[str, Any]]:
    """The rows that the page shows: their codes, errors, numbers and labels; and their ids.

    The codes are multiples of `code_step`, or as they are where it is 0.
    """
    shown, drawing = run.evidence, DRAWN[run.schema.kind]
    assert shown.codes is not None
    if shown.places is not None:
        return shown_places(run, shown.places), {"code_step": 0.0, "ids": []}
    rows = drawing.live_rows(run)
    codes = shown.codes[rows].astype(np.float32)
    step = 0.0 if drawing.decoded else float(np.abs(codes).max()) / 32767 or 1.0
    types = {"errors": np.float32, "numbers": np.uint32, "labels": np.float64}
    named = {name: getattr(shown, name) for name in types}
    poses = {} if shown.poses is None else {"poses": shown.poses[rows]}
    columns = {
        **poses,
        "codes": np.rint(codes / step).astype(np.int16) if step else codes,
        **{name: value[rows].astype(types[name]) for name, value in named.items() if usable(value)},
        **principal(codes),
    }
    return columns, {"code_step": step, "ids": [shown.ids[row] for row in rows] if shown.ids else []}


def shown_places(run: Run, places: ShownPlaces) -> dict[str, Array]:
    """The places of a scan: their codes and numbers, and the errors of those that were held out."""
    shown, errors = run.evidence, np.full(len(places.codes), np.nan, np.float32)
    there = places.held_out >= 0
    errors[places.held_out[there]] = shown.errors[there]
    numbers = {"numbers": places.numbers.astype(np.uint32), "errors": errors}
    return {"codes": places.codes, **numbers, **principal(places.codes)}


def usable(values: Array | None) -> bool:
    """Whether a run keeps these `values`."""
    return values is not None and len(values) > 0


def decoded_columns(run: Run) -> dict[str, Array]:
    """Originals, and the density of the training codes."""
    shown = run.evidence
    assert shown.originals is not None
    assert shown.kept is not None
    kept, originals = shown.kept, shown.originals
    if shown.places is not None:
        of = shown.places.held_out[kept]
        kept, originals = of[of >= 0], originals[of >= 0]
    density = {f"density_{name}": value.numpy() for name, value in run.density.state_dict().items()}
    return {"originals": originals, "kept": kept.astype(np.uint32), **density, **ends(run)}


def ends(run: Run) -> dict[str, Array]:
    """Where training examples end, in time steps, and their codes; nothing where none ends early."""
    context, codes = run.kept_context
    if "lengths" not in context:
        return {}
    return {
        "end_codes": codes.numpy().astype(np.float32),
        "ends": context["lengths"].numpy().astype(np.uint32),
    }


def principal(codes: Array) -> dict[str, Array]:
    """The mean of the codes, their principal directions, and the share of the variance along each.

    They are computed on at most about 20,000 codes.
    """
    some = codes[:: max(1, len(codes) // 10_000)].astype(np.float64)
    mean = some.mean(axis=0)
    values, directions = np.linalg.svd(some - mean, full_matrices=False)[1:]
    share = values**2 / max((values**2).sum(), 1e-300)
    found = {"mean": mean, "directions": directions[:DIRECTIONS], "shares": share[:DIRECTIONS]}
    return {name: value.astype(np.float32) for name, value in found.items()}


def header_of(run: Run) -> dict[str, Any]:
    """What describes the run as a whole: names, shapes, ranges."""
    schema = run.schema
    drawing = DRAWN[schema.kind]
    return {
        "name": run.config["data"]["name"],
        "recipe": run.config["recipe"],
        "data": run.config["data"]["sha256"],
        "drawing": drawing.live_drawing(run),
        "noun": schema.noun,
        "nouns": schema.nouns,
        "row_noun": drawing.row_noun,
        "shape": schema.shape,
        "code_size": run.model.code_size,
        "held_out": run.config["data"]["held_out"],
        "unit": drawing.error_unit(schema),
        "label_names": run.evidence.label_names,
        "pose_names": run.model.pose_names,
        "palette": CLASSES,
        "scan": scan_of(run),
        "sample": drawing.live_sample(run),
    }


def scan_of(run: Run) -> dict[str, Any] | None:
    """How the picture of a scan is drawn; None for other data."""
    places = run.evidence.places
    if places is None:
        return None
    height, width = places.shape.tolist()
    across = Scan.from_json(run.config["data"]["scan"]).axes[-1]
    scale = abs(across.scale) * across.size / width if across.calibrated else 0.0
    sizes = {"height": height, "width": width, "columns": across.size}
    return {**sizes, "scale": scale, "unit": across.unit}


def decoded_header(run: Run) -> dict[str, Any]:
    """What the live part has to know to decode codes."""
    return {
        "precision": str(run.scaling.precision).removeprefix("torch."),
        "scaling": scaling_of(run),
        "ends_early": run.schema.may_end_early,
        "clipped": DRAWN[run.schema.kind].decoder_clips,
        "full": run.density.full,
        "originals_note": originals_note(run),
    }


def scaling_of(run: Run) -> dict[str, Any]:
    """What the live part has to know of the scaling to measure errors and to clip what was decoded."""
    names = ("step", "centre", "spread", "floor", "ceiling")
    arrays = {name: getattr(run.scaling, name).flatten().tolist() for name in names}
    return {**arrays, "rooted": run.scaling.rooted, "unit": run.scaling.unit}


def originals_note(run: Run) -> str:
    """Why the page lacks originals of its codes, if it does, and that weights are rounded, if they are."""
    shown = run.evidence
    assert shown.originals is not None
    assert shown.codes is not None
    if shown.places is not None:
        return "Of the places of the scan it carries originals of held-out ones."
    kept, all_of_them = len(shown.originals), len(shown.codes)
    most = f"{MOST_ORIGINAL_BYTES / 1e6:.0f} MB of originals"
    fewer = (
        f"A page carries at most {most}, so that it stays small: here {kept:,} of {all_of_them:,}, drawn "
        f"at random."
    )
    lie = ["What is decoded is upright; originals lie as they came."] * bool(run.model.pose_names)
    notes = [fewer] * (kept < all_of_them) + lie + [ROUNDED] * (carried(run) < weight_of(run))
    return " ".join(notes)
