"""The model card, a run folder's README (Mitchell et al. 2019, "Model cards for model reporting")."""

from __future__ import annotations

from collections.abc import Callable

from narrows.core.numbers import number
from narrows.data.formats import writable
from narrows.evaluation.nmf import Beside
from narrows.evaluation.rates import Rates
from narrows.evaluation.restored import OURS
from narrows.evaluation.verdict import PCA, Verdict
from narrows.model.corruptions import Noise
from narrows.report.composition import in_words, latent_dimensions, references
from narrows.report.edges import edge_table, edge_uses
from narrows.report.kinds import DRAWN
from narrows.report.rate_distortion import rows_of_rates
from narrows.runs.run import Run


def card(run: Run) -> str:
    """What was fitted to what, how well it does, what it is for and what not, as Markdown."""
    config, data = run.config, run.config["data"]
    sections = [
        f"# {data['name']}, {config['recipe']}",
        run.metrics["verdict"]["sentence"],
        "## What it is",
        f"An autoencoder with {latent_dimensions(run.model.code_size)}, fitted by Narrows "
        f"{config['versions']['narrows']} with seed {config['seed']}.",
        "\n".join(f"- {kind}: {words}" for kind, words in in_words(run)),
        "## What it was fitted to",
        f"{data['n']:,} {what(run)}: "
        f"{data['train']:,} to train on, {data['validation']:,} to choose the best epoch, "
        f"{data['held_out']:,} held out for the errors below. SHA-256 of the values: `{data['sha256']}`.",
        "\n".join(f"- {reason}" for reason in config["why"]),
        "## How well it does",
        ERRORS[run.schema.judged_by](run),
        "## What it is for",
        "For more data of the same kind, from the same source, prepared in the same way: "
        + ", ".join(f"`{command}`" for command in USES[run.schema.judged_by](run))
        + '. In Python: `narrows.Autoencoder.load(".")`. Nothing in this folder is executed when it is read.',
        "## What it is not for",
        LIMITS,
        "## Sources",
        "\n".join(f"- {reference}" for reference in references(run)),
    ]
    return "\n\n".join(sections) + "\n"


LIMITS = (
    "It is valid only for data like those it was fitted to. Data from another instrument, place or time may "
    "get meaningless codes, and what it reconstructs or generates is not a measurement. The errors hold for "
    "rows like the held-out ones; they were not measured for subgroups."
)


def errors(run: Run) -> str:
    """The held-out errors as a table, with their unit above."""
    whole, restoring = Verdict.from_metrics(run.metrics), run.restoring
    found, left_out = whole.usual, f" without {whole.outlying}" if whole.outlying else ""
    name = "PCA with as many components" if found.yardstick == PCA else found.yardstick
    if whole.rates is not None:
        return rates_table(whole.rates)
    rows = {"the training mean": found.mean_mse, name: found.yardstick_mse, OURS: found.mse}
    if found.restoration is not None:
        rows = dict(found.restoration.mse)
    how = "noisy as they came" if run.config.get("pairs") else "damaged as in training"
    corrupted = f", {how} and compared with {run.target}" * restoring
    unit = f"{DRAWN[run.schema.kind].error_unit(run.schema)}, on the held-out rows{left_out}{corrupted}:"
    table = [
        "| | error |",
        "|---|---|",
        *(f"| {name} | {number(e)} |" for name, e in rows.items() if e is not None),
    ]
    parts = (unit, "\n".join(table), found.signal, *(each.sentence for each in besides(run)))
    return "\n\n".join(part for part in parts if part)


def rates_table(found: Rates) -> str:
    """Bits at the same quality as a table, with what they are above."""
    return "\n".join(
        [
            f"Bits per {found.noun} at the same PSNR, on {found.n:,} held-out {found.examples}:\n",
            "| dB | " + " | ".join(found.bits) + " |",
            "|---" * (1 + len(found.bits)) + "|",
            *(f"| {' | '.join(row)} |" for row in rows_of_rates(found)),
        ]
    )


def besides(run: Run) -> tuple[Beside, ...]:
    """The errors of further methods; none where there are none."""
    return tuple(map(Beside.from_json, run.metrics.get("beside", [])))


def uses(run: Run) -> list[str]:
    """Commands that use the run from inside its folder, in which nothing else is written."""
    ending = writable(*run.schema.forms)[0]
    found = ["narrows encode . DATA -o ../codes.csv", f"narrows reconstruct . DATA -o ../back{ending}"]
    if not run.restoring:
        return [*found, f"narrows sample . -n 16 -o ../samples{ending}"]
    noise = bool(run.config.get("pairs")) or run.blind or isinstance(run.objective.corruption, Noise)
    verb = f"narrows {'denoise' if noise else 'restore'} . DATA -o ../restored"
    return [*found, verb] if run.schema.spatial == 2 else found


def what(run: Run) -> str:
    """What the data are, behind their number."""
    if run.evidence.edges is not None:
        return f"{DRAWN[run.schema.kind].size(run)} of {run.schema.dtype}"
    shape = "×".join(map(str, run.schema.shape))
    return f"examples of {run.schema.kind}, each {shape} of {run.schema.dtype}"


ERRORS: dict[str, Callable[[Run], str]] = {"values": errors, "edges": edge_table}
USES: dict[str, Callable[[Run], list[str]]] = {"values": uses, "edges": edge_uses}
"""The errors, and commands that use the run, by `Schema.judged_by`."""
