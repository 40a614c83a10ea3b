"""Data and a spec become a run with its verdict: what command line and estimators share."""

from __future__ import annotations

import copy
import hashlib
import json
import platform
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.registry import check_options, lookup, nearest, within
from narrows.data.scaling import Choice, choose
from narrows.data.schema import KINDS, SMALL_IMAGE, Array, Data
from narrows.data.sources.npy import OnDisk, Values, pieces
from narrows.data.split import Index, Parts, split
from narrows.evaluation.diagnostics import measure
from narrows.evaluation.latent_dimensions import meanings
from narrows.evaluation.near_duplicates import Copies, find_copies
from narrows.evaluation.pca import RESTORING, WIDEST, Errors, Pca, column_errors, errors
from narrows.evaluation.surrogate_data import surrogate_ratio
from narrows.evaluation.verdict import Verdict, judge
from narrows.model.networks.own import OWN, Own
from narrows.model.recipes import RECIPES
from narrows.runs.code_density import fit_density
from narrows.runs.migration import SCHEMA_VERSION
from narrows.runs.reference_rows import Reference
from narrows.runs.run import Run
from narrows.training.batches import Crops, Rows, Stream
from narrows.training.checkpoint import Checkpoint, copy_into
from narrows.training.loop import Epoch, Training, learn

Overrides = Mapping[str, Any]
"""Changes to a recipe, part by part: `{"bottleneck": {"beta": 4}, "training": {"epochs": 5}}`."""

SMALL = 2_000_000
"""Numbers in a training part for which a gain is always checked on a twin without structure; of
larger ones only a gain of less than half is, the training of the twin being as long as the model's."""

SHOWN, NUMBERS = 300_000, 5_000_000
"""Held-out codes that are kept for the report at the most, and numbers in them."""

ORIGINALS = 8_000_000
"""Bytes of held-out examples that are kept for the report at the most."""

EXAMPLES = ("best", "median", "worst")
"""Held-out rows that are shown: six each of those that were reconstructed so."""


def fit(
    data: Data,
    *,
    recipe: str = "autoencoder",
    latent_dim: int | None = None,
    overrides: Overrides | None = None,
    seed: int = 0,
    device: str = "auto",
    on_epoch: Callable[[Epoch], None] | None = None,
    checkpoint: Checkpoint | None = None,
    start: Run | None = None,
    own: Own | None = None,
    notes: Mapping[str, Any] | None = None,
) -> Run:
    """Split, scale, train, and judge on the rows that nothing was chosen on.

    Args:
        data: what a reader gave.
        recipe: a name in `RECIPES`.
        latent_dim: numbers in a code; None takes an eighth of the values, from 2 to 16.
        overrides: changes to the recipe.
        seed: of the split, the first weights and all that is random in training.
        device: "auto", or a torch device.
        on_epoch: called with each epoch's record.
        checkpoint: where the state is kept while training; what is there is gone on from.
        start: a run of the same choices whose weights to begin with.
        own: networks from outside: torch modules to be the encoder, the decoder or both.
        notes: what else the run's config shall say.

    Raises:
        InputError: for choices that do not exist or do not go together, or data too few to split.
        TrainingError: when training breaks down.
    """
    within("seed", seed, 0, 2**32 - 1)
    parts = split(len(data), seed=seed, own_test=data.test is not None, groups=data.groups)
    learned = data.rows(data.affordable(parts.train))
    train_values = data.schema.arrange(learned.array)
    check_columns(train_values, learned)
    check_variety(train_values, data)
    choice = choose(train_values, data.schema)
    spec, training = resolve(recipe, data, choice, latent_dim, {**(overrides or {}), **named(own or {})})
    how = Training(**check_options("training", Training, training)).sized_for(len(parts.train))
    if how.turns and data.schema.kind != "images":
        raise InputError("Only images can be turned; leave training.turns out.")
    config = {
        "schema_version": SCHEMA_VERSION,
        "recipe": recipe,
        "spec": spec,
        "training": vars(how),
        "seed": seed,
        "data": about(data, parts),
        "schema": data.schema.to_json(),
        "scaling": choice.scaling.to_json(),
        "why": [*data.notes, *choice.why],
        "versions": versions(),
        "threads": torch.get_num_threads(),
        "density": {"components": 1},
        "flat": False,
        **(notes or {}),
    }
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        run = Run.from_config(config, own)
        if start is not None:
            copy_into(run.objective.state_dict(), start.objective.state_dict(), "The model to begin with")
        where = pick_device(device, run.scaling.precision)
        rows = training_rows(data, parts, train_values, run.scaling, where)
        for part in (data, data.test):
            if part is not None:
                run.check(part.values)
        found = (*overcomplete(run), *copies_across(run.scaled, data, parts).warnings)
        config |= {"warnings": list(found), "why": [*data.notes, *choice.why, *found]}
        checked = Rows(data.schema.arrange(data.rows(parts.validation).array), run.scaling, where)
        config["device"] = rows.device.type
        if checkpoint is not None:
            config.update(checkpoint.begin(config))
        learned_so = learn(run.objective, rows, checked, how, on_epoch, checkpoint)
        run.history, config["interrupted"] = learned_so.history, learned_so.interrupted
        run.earlier = {n: as_it_was(config, weights, own) for n, weights in learned_so.earlier.items()}
    for one in (run, *run.earlier.values()):
        if not run.model.bypassed:
            one.density = fit_density(one.encode(learned.array), seed)
    config["density"] = {"components": len(run.density.weights)}
    config["snapshots"] = list(run.earlier)
    held_out = held_out_part(data, parts)
    begun = start is not None and elsewhere(start, config)
    assess(run, learned.array, rows, held_out, how, begun=begun)
    run.evidence["numbers"] = numbers(data, parts)[run.evidence["rows"]]
    run.evidence |= Reference.draw(data, parts.train, parts.validation, held_out).arrays()
    return run


def elsewhere(start: Run, config: Mapping[str, Any]) -> bool:
    """Whether `start`, or what it began with, was fitted to other parts of the data, or to other data."""
    parts = [(c["seed"], c["data"]["sha256"]) for c in (start.config, config)]
    return parts[0] != parts[1] or bool(start.metrics["held_out"].get("seen"))


def named(own: Own) -> dict[str, Any]:
    """What a spec says of networks from outside."""
    return {half: {"name": OWN, "module": type(module).__name__} for half, module in own.items()}


def as_it_was(config: dict[str, Any], weights: Mapping[str, Tensor], own: Own | None) -> Run:
    """The run of `config` with the weights of an earlier epoch."""
    run = Run.from_config(config, own)
    copy_into(run.objective.state_dict(), weights, "An earlier epoch")
    return run


def training_rows(
    data: Data, parts: Parts, train_values: Array, scaling: nn.Module, where: torch.device
) -> Rows | Stream:
    """Where the training takes its batches from; `train_values` are in the model's layout."""
    if isinstance(data.values, OnDisk):
        return Stream(data.values, parts.train, data.schema.arrange, scaling, where)
    if data.patches is not None:
        return Crops(train_values, data.patches, parts.train, scaling, where)
    return Rows(train_values, scaling, where)


def check_columns(train_values: Array, data: Data) -> None:
    """Refuse a table with a column that holds no value in the training part."""
    if data.schema.kind != "table" or train_values.dtype.kind != "f":
        return
    empty = np.isnan(train_values).all(axis=0)
    if empty.any():
        name = data.schema.wide[int(empty.argmax())].name
        raise InputError(
            f"The column {name!r} has no value in the {len(train_values):,} rows of the training part; "
            f"leave it out."
        )


def check_variety(train_values: Array, data: Data) -> None:
    """Refuse data of which every row is the same."""
    rows = train_values.reshape(len(train_values), -1)
    if len(rows) > 1 and (np.fmin.reduce(rows, axis=0) == np.fmax.reduce(rows, axis=0)).all():
        what = "column" if data.schema.kind == "table" else "pixel"
        raise InputError(f"Every {what} of {data.name} is the same in all rows: there is nothing to learn.")


def resolve(
    recipe: str, data: Data, choice: Choice, latent_dim: int | None, overrides: Overrides
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The full spec and the training options: recipe, then what the data ask for, then overrides."""
    entry: Mapping[str, Any] = lookup("recipe", RECIPES, recipe)
    entry = {**entry, **entry.get("large_images", {})} if has_large_images(data) else entry
    spec = copy.deepcopy(dict(entry["spec"]))
    hidden = {"name": "mask", "share": round(min(choice.missing, 0.5), 3)}
    spec.setdefault("corruption", hidden if choice.missing else {"name": "none"})
    spec.setdefault("encoder", KINDS[data.schema.kind].network(data.schema.model_shape))
    spec.setdefault("penalties", [])
    spec["loss"] = choice.losses.get(spec["loss"]["name"], spec["loss"])
    spec.setdefault("output", {"name": "direct"})
    known = (*spec, "decoder", "training")
    for part in overrides:
        if part not in known:
            raise InputError(f"A recipe has no part {part!r}.{nearest(part, known)}")
    for part in ("corruption", "encoder", "bottleneck", "output", "loss"):
        spec[part] = changed(part, spec[part], overrides.get(part))
    spec["decoder"] = changed(
        "decoder", spec.get("decoder", {"name": spec["encoder"].get("name")}), overrides.get("decoder")
    )
    spec["penalties"] = changed_penalties(spec["penalties"], overrides.get("penalties"))
    size = int(np.prod(data.schema.model_shape))
    usual = spec["bottleneck"].get("latent_dim", min(16, max(2, round(size / 8))))
    spec["bottleneck"] = {**spec["bottleneck"], "latent_dim": usual if latent_dim is None else latent_dim}
    training = overrides.get("training") or {}
    if not isinstance(training, Mapping):
        raise InputError(f"The training is a dict of options, but got {training!r}.")
    return as_json(spec), {**entry.get("training", {}), **training}


def has_large_images(data: Data) -> bool:
    """Whether these are images for convolutions, or patches of such."""
    if data.schema.kind != "images":
        return False
    return data.patches is not None or int(np.prod(data.schema.model_shape)) > SMALL_IMAGE


def as_json(spec: dict[str, Any]) -> dict[str, Any]:
    """`spec` with numpy's numbers and arrays as plain ones, so that it can be stored."""
    try:
        found: dict[str, Any] = json.loads(json.dumps(spec, default=lambda value: value.tolist()))
    except (AttributeError, TypeError, ValueError) as error:
        raise InputError(f"The parts of a model are names, numbers and lists: {error}.") from error
    return found


def changed(kind: str, part: Mapping[str, Any], change: Any) -> dict[str, Any]:
    """A part after a change: another name replaces it, options alone are merged in."""
    change = {"name": change} if isinstance(change, str) else {} if change is None else change
    if not isinstance(change, Mapping):
        raise InputError(f"The {kind} is a name or a dict of options, but got {change!r}.")
    same = change.get("name", part.get("name")) == part.get("name")
    return {**part, **change} if same else dict(change)


def changed_penalties(parts: list[dict[str, Any]], change: Any) -> Any:
    """The penalties after a change: a list replaces them, a dict sets weights by name.

    >>> changed_penalties([{"name": "l1", "weight": 0.01}], {"l1": 0.5})
    [{'name': 'l1', 'weight': 0.5}]
    """
    if not isinstance(change, Mapping):
        return parts if change is None else change
    kept = [part for part in parts if part["name"] not in change]
    return [*kept, *({"name": name, "weight": weight} for name, weight in change.items())]


def pick_device(device: str, precision: torch.dtype) -> torch.device:
    """The device called `device`, for "auto" the fastest there is that has numbers of `precision`."""
    if device == "auto":
        found = torch.accelerator.current_accelerator(check_available=True) or torch.device("cpu")
        lacks = found.type == "mps" and precision == torch.float64
        return torch.device("cpu") if lacks else found
    try:
        kind = torch.device(device).type
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, TypeError, NotImplementedError) as error:
        raise InputError(f"There is no device {device!r} here; use cpu or auto.") from error
    if kind not in ("cpu", "cuda", "mps", "xpu"):
        raise InputError(f"Narrows does not train on the device {device!r}; use cpu or auto.")
    return torch.device(device)


def assess(
    run: Run, train_values: Array, rows: Rows | Stream, held_out: Data, how: Training, *, begun: bool = False
) -> None:
    """Measure the run on held-out data and keep what the report will show of it.

    `train_values` are the training rows as they came, or some of them where `rows` stay on disk. A model
    that passes the data by its code is judged by what it restores of corrupted rows. With `begun` its first
    weights may have been fitted to the held-out rows.
    """
    learned, judged = run.scaled(train_values), run.scaled(held_out.array)
    seen, restore = judged, run.reconstruct_scaled
    if run.model.bypassed:
        seen, restore = run.corrupted(held_out.array), run.restored
        pca = Pca.fit(learned, RESTORING).restoring(learned, run.corrupted(train_values))
    else:
        pca = fit_pca(run, learned, rows)
    guesses = {
        "ours": restore(held_out.array),
        "pca": pca.reconstruct(seen),
        "mean": np.broadcast_to(pca.mean, judged.shape),
    }
    starts = run.schema.starts
    ours, theirs, mean = (errors(judged, guess, starts) for guess in guesses.values())
    unit = run.scaling.unit
    compared = ours.times(unit), theirs.times(unit), mean.times(unit)
    verdict = judge(*compared, groups=held_out.groups, seen=begun)
    if verdict.outcome == "beats" and worth_checking(run, learned, verdict):
        domain = run.scaling.domain(run.schema)
        bar = surrogate_ratio(run.config["spec"], domain, learned, how, run.config["seed"], run.own)
        verdict = judge(*compared, groups=held_out.groups, surrogate_ratio=bar)
    symptoms = measure(run, train_values, held_out.array, pca, ours)
    run.metrics = {
        "verdict": {"outcome": verdict.outcome, "sentence": verdict.sentence},
        "held_out": verdict.to_json(),
        "symptoms": symptoms.numbers,
    }
    meant = meanings(run, held_out.array)
    run.evidence = {**evidence(run, held_out, ours, theirs), **symptoms.arrays, **meant}
    means = pca.mean.reshape(run.schema.model_shape[0], -1).mean(axis=1)
    run.evidence["means"] = means.astype(np.float32)
    if run.model.bypassed:
        for name in EXAMPLES:
            index = run.evidence[f"{name}_rows"]
            run.evidence[f"{name}_seen"] = run.unscaled(seen[index])
            run.evidence[f"{name}_reconstructions"] = run.unscaled(guesses["ours"][index])
    if starts is not None:
        for name, guess in guesses.items():
            run.evidence[f"{name}_by_column"] = column_errors(judged, guess, starts)


def fit_pca(run: Run, learned: Array, rows: Rows | Stream) -> Pca:
    """PCA of the training rows: `learned`, on the model's scale, or block by block what is on disk."""
    if isinstance(rows, Rows) or learned.shape[1] > WIDEST:
        return Pca.fit(learned, run.model.code_size)
    blocks = (run.scaled(block) for block in rows.blocks())
    return Pca.fit_blocks(blocks, run.model.code_size, np.nanmean(learned, axis=0))


def worth_checking(run: Run, learned: Array, verdict: Verdict) -> bool:
    """Whether a gain could be hollow, and there is time to see.

    Over the best linear filter none is: on data without structure no model restores more than that.
    """
    modest = verdict.mse > 0.5 * verdict.pca_mse
    long = learned.size > SMALL and not modest
    return not (run.model.bypassed or long or run.config["interrupted"])


def evidence(run: Run, held_out: Data, ours: Errors, pca: Errors) -> dict[str, Array]:
    """Held-out codes and errors, and the examples that were reconstructed best, middling and worst."""
    rng = np.random.default_rng(0)
    rows = np.sort(rng.permutation(len(held_out))[: max(1, min(SHOWN, NUMBERS // run.model.code_size))])
    size = max(1, held_out.array[:1].nbytes)
    kept = np.sort(rng.permutation(len(rows))[: max(1, ORIGINALS // size)])
    per_value = ours.squared / np.maximum(ours.values, 1)
    order = np.argsort(per_value, kind="stable")
    middle = len(order) // 2
    shown = (order[:6], order[max(0, middle - 3) : middle + 3], order[::-1][:6])
    found: dict[str, Array] = {
        "rows": rows,
        "errors": per_value[rows] * run.scaling.unit,
        "kept": kept,
        "originals": held_out.array[rows[kept]],
        "pca_errors": (pca.squared / np.maximum(pca.values, 1))[rows] * run.scaling.unit,
    }
    if not run.model.bypassed:
        found["codes"] = run.encode(held_out.array[rows])
    for name, index in zip(EXAMPLES, shown, strict=True):
        found[f"{name}_rows"] = index
        found[f"{name}_originals"] = held_out.array[index]
        found[f"{name}_reconstructions"] = run.reconstruct(held_out.array[index])
    if held_out.ids:
        names = json.dumps([held_out.ids[i] for i in rows])
        found["ids"] = np.frombuffer(names.encode(), np.uint8)
    if held_out.labels is not None:
        found["labels"], run.config["label_names"] = coded(held_out.labels[rows])
    return found


def coded(labels: Array) -> tuple[Array, list[str]]:
    """Labels as numbers, and the names of the numbers where they were text."""
    if labels.dtype.kind in "buif":
        return labels.astype(np.float64), []
    names, codes = np.unique(labels, return_inverse=True)
    return codes.astype(np.float64), names.tolist()


def overcomplete(run: Run) -> tuple[str, ...]:
    """A warning about a code that has room for all that it should sum up."""
    values, size = int(np.prod(run.schema.shape)), run.model.code_size
    if size < values or run.model.bypassed:
        return ()
    return (
        f"The code is overcomplete: {size:,} numbers for {values:,} values, which may simply be copied; "
        f"choose a smaller --latent-dim, or a recipe that restrains the code, as sparse does.",
    )


def copies_across(scaled: Callable[[Array], Array], data: Data, parts: Parts) -> Copies:
    """How much of the held-out part is all but in the training part; nothing of named groups."""
    if data.groups is not None:
        return Copies(0, 0, 0, 0)
    train, held_out = data.affordable(parts.train), held_out_part(data, parts)
    order = None if parts.held_out is None else (train, parts.held_out)
    return find_copies(scaled(data.rows(train).array), scaled(held_out.array), order)


def held_out_part(data: Data, parts: Parts) -> Data:
    """The rows to judge on: the set's own test part, or the one that was cut off."""
    if data.test is not None:
        return data.test
    assert parts.held_out is not None
    return data.rows(parts.held_out)


def numbers(data: Data, parts: Parts) -> Index:
    """The number of each held-out row: in the data, or in the part that was given to judge on."""
    if data.test is not None:
        return np.arange(len(data.test))
    assert parts.held_out is not None
    return parts.held_out


def about(data: Data, parts: Parts) -> dict[str, Any]:
    """What a run folder says of the data, with a fingerprint to recognise them by."""
    held_out = len(held_out_part(data, parts))
    return {
        "name": data.name,
        "n": len(parts.train) + len(parts.validation) + held_out,
        "train": len(parts.train),
        "validation": len(parts.validation),
        "held_out": held_out,
        "sha256": fingerprint(data.values),
    }


def fingerprint(values: Values) -> str:
    """The SHA-256 of the values as they came."""
    digest = hashlib.sha256()
    for _, piece in pieces(values):
        digest.update(np.ascontiguousarray(piece).view(np.uint8).data)
    return digest.hexdigest()


def versions() -> dict[str, str]:
    names = ("narrows", "torch", "numpy", "scikit-learn")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}
