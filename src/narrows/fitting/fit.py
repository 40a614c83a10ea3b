"""Fit a run to data and assess it; the command line and the estimators call `fit`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.findings import Finding, in_config
from narrows.core.launch import launched
from narrows.core.processes import ALONE, Processes, check_devices
from narrows.core.records import Context
from narrows.core.registry import within
from narrows.core.steps import step
from narrows.core.weights import copy_into
from narrows.data.examples import Data
from narrows.data.schema import Array
from narrows.fitting.assess import assess
from narrows.fitting.checks import check, check_values
from narrows.fitting.choices import Overrides, Plan, choose
from narrows.fitting.parts import SplitData, split_data
from narrows.model.build import Objective, build
from narrows.model.networks.own import Own
from narrows.model.principal import begin as begin_at_pca
from narrows.model.recipe_names import recipe_name
from narrows.model.recipes import FRAMES
from narrows.runs.code_density import Density, fit_density
from narrows.runs.migration import SCHEMA_VERSION
from narrows.runs.provenance import about, check_same_data, versions
from narrows.runs.run import Run
from narrows.runs.scaler import Scaled, Scaler
from narrows.training.batches import Crops, Rows
from narrows.training.checkpoint import Checkpoint
from narrows.training.computing import Computing
from narrows.training.devices import pick_device, seeded, threads
from narrows.training.engine_choice import choose_engine
from narrows.training.history import Epoch, early_stop
from narrows.training.loop import learn
from narrows.training.pairs import Collate, PairScaling, joined, paired
from narrows.training.stream import Stream

BEGIN = 2**23
"""Values, at the most, of training rows that give the initial weights of a linear path; a graph takes all."""


def fit(
    data: Data,
    *,
    recipe: str = "autoencoder",
    latent_dim: int | None = None,
    overrides: Overrides | None = None,
    seed: int = 0,
    device: str = "auto",
    engine: str = "auto",
    on_epoch: Callable[[Epoch], None] | None = None,
    on_phase: Callable[[str], None] | None = None,
    checkpoint: Checkpoint | None = None,
    start: Run | None = None,
    own: Own | None = None,
    notes: Mapping[str, Any] | None = None,
    unjudged: bool = False,
    processes: Processes = ALONE,
) -> Run:
    """Split and scale data, train a model, and assess it on held-out rows.

    Several `processes` train it together, on the same data; the first one makes all choices and assesses it,
    the others end after the training.

    Args:
        data: the output of a reader.
        recipe: a name in `RECIPES`.
        latent_dim: latent dimensions; None takes an eighth of the values, from 2 to 16, but fewer than them.
        overrides: changes to the recipe.
        seed: of the split, the initial weights and all random numbers of the training.
        device: "auto", or a torch device.
        engine: "plain" computes in float32 without a compiler; "auto" measures whether another way is faster,
            where the training is long enough. A run that is resumed keeps the way it was begun with.
        on_epoch: called with each epoch's record.
        on_phase: called with texts: before the training if memory is scarce, after it with the reason if it
            ended early, and with what comes next.
        checkpoint: where the state of the training is saved; training continues from a saved state.
        start: a run of the same spec, for the initial weights.
        own: torch modules for the encoder, the decoder or both.
        notes: further entries of the run's config.
        unjudged: whether a run is returned whose assessment a person interrupts (Ctrl-C).
        processes: that were started with this one, as `narrows.core.processes` joins them.

    Raises:
        InputError: for unknown or contradictory choices, data that cannot be learned from, or too few rows.
        TrainingError: when a value is not finite in training, or the state cannot be saved.
        NoRoomError: when the disk is full.
    """
    within("seed", seed, 0, 2**32 - 1)
    check_pairs(data, recipe)
    check_same_data(data, processes)
    parts = split_data(data, seed)
    plan = processes.told(lambda: choose(parts, recipe, latent_dim, overrides or {}, own or {}, device))
    plan = divided(plan, parts, device, processes)
    if on_phase is not None:
        for text in plan.told:
            on_phase(text)
    with seeded(seed, plan.device):
        run, training = begin(parts, plan, seed, start, checkpoint, notes or {}, engine, processes)
        if on_phase is not None:
            on_phase(engine_of(run))
        train(run, training, validation_rows(parts, plan), plan, on_epoch, checkpoint, processes)
        del training
    processes.leave()
    if on_phase is not None:
        for text in after_training(run):
            on_phase(text)
    try:
        rows = parts.scaled(run.scaler)
        fit_densities(run, rows.train)
        assess(run, parts, rows, plan.training, begun=start is not None and elsewhere(start, run))
    except KeyboardInterrupt:
        if not unjudged:
            raise
        run.unfinished = UNJUDGED
    return run


def check_pairs(data: Data, recipe: str) -> None:
    """Refuse data without pairs of frames for a recipe that learns from them.

    Raises:
        InputError: with what to do.
    """
    if recipe_name(recipe) in FRAMES and not data.exchanged:
        raise InputError(
            f"The recipe {recipe!r} learns from neighbouring frames, but {data.name} is not read as frames; "
            f"write `narrows fit FRAMES --recipe {recipe}`, or in Python "
            f"Denoiser(Autoencoder(recipe={recipe!r})).fit(frames)."
        )


def after_training(run: Run) -> list[str]:
    """Why the training of `run` ended early, if it did, and what comes next."""
    history, why = run.history, early_stop(run.history)
    if run.interrupted:
        why = "it was interrupted"
    ended = f"stopped after epoch {len(history)} of {history[-1]['epochs']}: {why}"
    return [*([ended] if why else []), "verdict: measuring the errors on the held-out rows"]


UNJUDGED = "The model is trained, but its fit was interrupted before the verdict; fit it again for one."


def divided(plan: Plan, parts: SplitData, device: str, processes: Processes) -> Plan:
    """The `plan` of the first process with the device of this one.

    Raises:
        InputError: when its batches cannot be divided among the `processes`.
    """
    if processes.alone:
        return plan
    if parts.train.source.context:
        raise InputError(
            f"All of {parts.data.name} is one batch, which one process computes; leave torchrun out."
        )
    size, n, judged = plan.training.batch_size or 0, len(parts.index.train), len(parts.validation)
    if min(size, n, 2 * judged) < 2 * processes.size:
        larger = ", or give a larger training.batch_size" if size < min(n, 2 * judged) else ""
        raise InputError(
            f"{processes.size} processes need at least two examples each of a batch, but a batch has {size} "
            f"of {n:,} training examples, and {judged:,} validate; start fewer processes{larger}."
        )
    chosen = pick_device(device, plan.scaling.precision)
    check_devices(launched(), chosen)
    return replace(plan, device=chosen)


def begin(
    parts: SplitData,
    plan: Plan,
    seed: int,
    start: Run | None,
    checkpoint: Checkpoint | None,
    notes: Mapping[str, Any],
    engine: str = "auto",
    processes: Processes = ALONE,
) -> tuple[Run, Rows | Stream]:
    """The run before training, with initial weights and, in the first process, its config; its training rows.

    Raises:
        InputError: as `fit`.
    """
    objective, config = initial_model(parts, plan, start), {}
    scaler = Scaler(parts.data.schema, plan.scaling)
    check_values(parts, scaler, processes)
    if processes.first:
        findings = check(parts, scaler, objective.model, plan.spec)
        config = {**describe(parts, plan, seed, (*plan.findings, *findings)), **notes}
    training = training_rows(parts, plan)
    if processes.first and (checkpoint is None or not checkpoint.run.exists()):
        name = engine if processes.alone else "plain"
        step("measuring how the training is computed fastest")
        choice = choose_engine(name, objective, training, plan.training)
        config |= (choice if processes.alone else choice._replace(why=UNMEASURED)).to_json()
    if checkpoint is not None:
        config |= checkpoint.begin(config)
    density = Density(1, objective.model.code_size)
    run = Run(config, objective.eval(), plan.scaling, parts.data.schema, density, own=plan.own)
    return run, training


UNMEASURED = "what a step takes beside others that divide the batch is not measured"
"""Why several processes compute as the plain engine does."""


def engine_of(run: Run) -> str:
    """How the training of `run` is computed, and why."""
    why = run.config.get("engine", {}).get("why", "as the run was begun")
    return f"engine: {Computing.of(run.config)} ({why})"


def initial_model(parts: SplitData, plan: Plan, start: Run | None) -> Objective:
    """The model of the plan, with random weights, a linear path at PCA, or the weights of the run `start`."""
    objective = build(plan.spec, parts.data.schema.domain(plan.scaling), plan.own)
    if start is not None:
        copy_into(objective.state_dict(), start.objective.state_dict(), "The model to begin with")
    elif objective.model.encoder.linear:
        context = together(parts.train)
        gap = 1 if context else math.ceil(parts.arranged.size / BEGIN)
        known = Rows(parts.arranged[::gap], plan.scaling, collate=parts.data.schema.collate, context=context)
        begin_at_pca(objective.model, next(known.batches(len(known))))
    return objective


def describe(parts: SplitData, plan: Plan, seed: int, findings: Sequence[Finding]) -> dict[str, Any]:
    """The config of a run, JSON values: spec, training, description of the data, versions, warnings."""
    warned = in_config(findings)
    why = (*parts.data.notes, *parts.data.warnings, *plan.why, *of_plain(parts, plan), *warned["warnings"])
    return {
        "schema_version": SCHEMA_VERSION,
        "recipe": plan.recipe,
        "spec": plan.spec,
        "training": vars(plan.training),
        "seed": seed,
        "data": about(parts.data, parts.index, parts.held_out_size),
        "schema": parts.data.schema.to_json(),
        "scaling": plan.scaling.to_json(),
        "why": [*why],
        "versions": versions(),
        "threads": threads(),
        "flat": False,
        "device": plan.device.type,
        **({} if parts.data.noisy is None else {"pairs": True}),
        **({"exchanged": True} if parts.data.exchanged else {}),
        **warned,
    }


def of_plain(parts: SplitData, plan: Plan) -> tuple[str, ...]:
    """A sentence about patches without structure, if there are so many that an epoch leaves some out."""
    drawn = parts.drawn
    if not plan.training.balanced or len(drawn) == len(parts.plain):
        return ()
    return (
        f"{len(drawn.plain):,} of {len(parts.plain):,} training patches are empty, constant or saturated; an "
        f"epoch takes {drawn.kept:,} of them (training.balanced=false takes all).",
    )


def train(
    run: Run,
    rows: Rows | Stream,
    validation: Rows,
    plan: Plan,
    on_epoch: Callable[[Epoch], None] | None,
    checkpoint: Checkpoint | None,
    processes: Processes = ALONE,
) -> None:
    """Train the weights of `run` on `rows`."""
    how, computing = plan.training, processes.told(lambda: Computing.of(run.config))
    learned = learn(
        run.objective,
        rows,
        validation,
        how,
        on_epoch,
        checkpoint,
        processes=processes,
        computing=computing,
    )
    run.history, run.interrupted = learned.history, learned.interrupted
    run.earlier = {number: with_weights(run, weights) for number, weights in learned.earlier.items()}


def fit_densities(run: Run, train: Scaled) -> None:
    """Fit the density of the codes of the training part, for the last weights and those of earlier epochs."""
    for each in (run, *run.earlier.values()):
        if not run.model.bypassed:
            each.density = fit_density(each.encode(train), run.config["seed"])


def training_rows(parts: SplitData, plan: Plan) -> Rows | Stream:
    """The source of training batches."""
    data, schema, index = parts.data, parts.data.schema, parts.index.train
    scaling: nn.Module = plan.scaling
    plain = parts.plain if plan.training.balanced else None
    if not data.source.in_memory:
        where = data.patches if schema.spatial == 2 else None
        return Stream(data.source, index, schema.arrange, scaling, plan.device, schema.collate, plain, where)
    values = parts.arranged
    collate: Collate = schema.collate
    if parts.train.noisy is not None:
        values, scaling, collate = pairs(parts.train, values, plan, exchanged=data.exchanged)
    if data.patches is not None:
        return Crops(values, data.patches, index, scaling, plan.device, collate, plain)
    shared = parts.train.source.context
    context = schema.training_context(shared, len(values), torch.float32) if shared else None
    return Rows(values, scaling, plan.device, collate=collate, context=context)


def validation_rows(parts: SplitData, plan: Plan) -> Rows:
    """The source of validation batches."""
    schema, rows = parts.data.schema, parts.validation
    values = schema.arrange(rows.array)
    collate: Collate = schema.collate
    scaling: nn.Module = plan.scaling
    if rows.noisy is not None:
        values, scaling, collate = pairs(rows, values, plan)
    return Rows(values, scaling, plan.device, collate=collate, context=together(rows))


def together(rows: Data) -> Context:
    """What belongs to all of `rows` together."""
    return rows.schema.context_of(rows.source.context, len(rows), torch.float32)


def pairs(
    rows: Data, clean: Array, plan: Plan, *, exchanged: bool = False
) -> tuple[Array, nn.Module, Collate]:
    """The pairs of `rows`, of which `clean (n, *model_shape)` is one half, with their scaling and collate.

    With `exchanged` either half may be the target.
    """
    assert rows.noisy is not None
    values = joined(clean, rows.schema.arrange(rows.noisy))
    return values, PairScaling(plan.scaling), paired(rows.schema.collate, exchanged=exchanged)


def with_weights(run: Run, weights: Mapping[str, Tensor]) -> Run:
    """The run with the weights of an earlier epoch."""
    earlier = Run.from_config(run.config, run.own)
    copy_into(earlier.objective.state_dict(), weights, "An earlier epoch")
    return earlier


def elsewhere(start: Run, run: Run) -> bool:
    """Whether `start` was fitted to other data or another split, and may have seen held-out rows."""
    parts = [(c["seed"], c["data"]["sha256"]) for c in (start.config, run.config)]
    return parts[0] != parts[1] or bool(start.metrics.get("held_out", {}).get("seen"))
