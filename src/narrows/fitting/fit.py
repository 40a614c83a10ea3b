"""Data and a spec become a run with its verdict: what command line and estimators share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.findings import in_config
from narrows.core.registry import check_options, within
from narrows.core.weights import copy_into
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.data.split import Index, Parts, split
from narrows.fitting.assess import assess
from narrows.fitting.checks import copies_across, held_out_part, overcomplete
from narrows.fitting.choices import Overrides, named, resolve
from narrows.model.networks.own import Own
from narrows.runs.code_density import fit_density
from narrows.runs.migration import SCHEMA_VERSION
from narrows.runs.provenance import about, versions
from narrows.runs.reference_rows import Reference
from narrows.runs.run import Run
from narrows.training.batches import Crops, Rows, Stream
from narrows.training.checkpoint import Checkpoint
from narrows.training.devices import pick_device
from narrows.training.history import Epoch
from narrows.training.loop import learn
from narrows.training.options import Training


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
    data.schema.check_training(train_values, data.name)
    choice = data.schema.choose(train_values)
    spec, training = resolve(recipe, data, choice, latent_dim, {**(overrides or {}), **named(own or {})})
    how = Training(**check_options("training", Training, training)).sized_for(len(parts.train))
    if how.turns and data.schema.spatial != 2:
        raise InputError("Only images can be flipped and rotated; leave training.turns out.")
    config = {
        "schema_version": SCHEMA_VERSION,
        "recipe": recipe,
        "spec": spec,
        "training": vars(how),
        "seed": seed,
        "data": about(data, parts, len(numbers(data, parts))),
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
                run.check(part.source)
        found = (*overcomplete(run), *copies_across(run.scaled, data, parts).findings)
        config |= in_config(found)
        config["why"] = [*config["why"], *config["warnings"]]
        arranged = data.schema.arrange(data.rows(parts.validation).array)
        checked = Rows(arranged, run.scaling, where, collate=data.schema.collate)
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
    run.evidence = replace(
        run.evidence,
        numbers=numbers(data, parts)[run.evidence.rows],
        reference=Reference.draw(data, parts.train, parts.validation, held_out),
    )
    return run


def elsewhere(start: Run, config: Mapping[str, Any]) -> bool:
    """Whether `start`, or what it began with, was fitted to other parts of the data, or to other data."""
    parts = [(c["seed"], c["data"]["sha256"]) for c in (start.config, config)]
    return parts[0] != parts[1] or bool(start.metrics["held_out"].get("seen"))


def as_it_was(config: dict[str, Any], weights: Mapping[str, Tensor], own: Own | None) -> Run:
    """The run of `config` with the weights of an earlier epoch."""
    run = Run.from_config(config, own)
    copy_into(run.objective.state_dict(), weights, "An earlier epoch")
    return run


def training_rows(
    data: Data, parts: Parts, train_values: Array, scaling: nn.Module, where: torch.device
) -> Rows | Stream:
    """Where the training takes its batches from; `train_values` are in the model's layout."""
    schema = data.schema
    if not data.source.in_memory:
        return Stream(data.source, parts.train, schema.arrange, scaling, where, schema.collate)
    if data.patches is not None:
        return Crops(train_values, data.patches, parts.train, scaling, where, schema.collate)
    return Rows(train_values, scaling, where, collate=schema.collate)


def numbers(data: Data, parts: Parts) -> Index:
    """The number of each held-out row: in the data, or in the part that was given to judge on."""
    if data.test is not None:
        return np.arange(len(data.test))
    assert parts.held_out is not None
    return parts.held_out
