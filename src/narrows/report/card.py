"""The model card: what a run folder's README says to who finds it (Mitchell et al. 2019, "Model cards")."""

from __future__ import annotations

from narrows.report.composition import in_words, references
from narrows.report.kinds import DRAWN
from narrows.runs.run import Run


def card(run: Run) -> str:
    """What was fitted to what, how well it does, what it is for and what not, as Markdown."""
    config, held_out, data = run.config, run.metrics["held_out"], run.config["data"]
    pca = "PCA, weighed to restore most," if run.model.bypassed else "PCA with as many numbers"
    rows = [
        ("the training mean", held_out["mean_mse"]),
        (pca, held_out["pca_mse"]),
        ("this model", held_out["mse"]),
    ]
    uses = ["`narrows encode . DATA -o codes.csv`", "`narrows reconstruct . DATA -o back/`"]
    verb = "denoise" if config["spec"]["corruption"]["name"] == "gaussian" else "restore"
    uses.append(
        f"`narrows {verb} . DATA -o back/`"
        if run.model.bypassed
        else "`narrows sample . -n 16 -o samples.npy`"
    )
    corrupted = ", shown as corrupted as in training and compared with the clean ones" * run.model.bypassed
    sections = [
        f"# {data['name']}, {config['recipe']}",
        run.metrics["verdict"]["sentence"],
        "## What it is",
        f"An autoencoder with {run.model.code_size} numbers in its code, fitted by Narrows "
        f"{config['versions']['narrows']} with seed {config['seed']}.",
        "\n".join(f"- {kind}: {words}" for kind, words in in_words(run)),
        "## What it was fitted to",
        f"{data['n']:,} examples of {run.schema.kind}, each {shape(run)} of {run.schema.dtype}: "
        f"{data['train']:,} to train on, {data['validation']:,} to choose the best epoch, "
        f"{data['held_out']:,} held out for the errors below. SHA-256 of the values: `{data['sha256']}`.",
        "\n".join(f"- {reason}" for reason in config["why"]),
        "## How well it does",
        f"{DRAWN[run.schema.kind].error_unit(run.schema)}, on the held-out rows{corrupted}:",
        "\n".join(["| | error |", "|---|---|", *(f"| {name} | {error:.4g} |" for name, error in rows)]),
        "## What it is for",
        "For more data of the same kind, from the same source, prepared in the same way: "
        + ", ".join(uses)
        + '. In Python: `narrows.Autoencoder.load(".")`. Nothing in this folder is executed when it is read.',
        "## What it is not for",
        "It knows only what it was fitted to. Data from another instrument, place or time may be encoded to "
        "codes that mean nothing, and what it reconstructs or makes up is no measurement. The errors "
        "hold for rows like the held-out ones; nobody has looked at single groups among them.",
        "## Sources",
        "\n".join(f"- {reference}" for reference in references(run)),
    ]
    return "\n\n".join(sections) + "\n"


def shape(run: Run) -> str:
    """The shape of one example in print."""
    return "×".join(map(str, run.schema.shape))
