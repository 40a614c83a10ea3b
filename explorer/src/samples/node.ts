/** One node of a graph, with its neighbours, its likeliest missing edges and its features; or two nodes. */

import { h, inPrint } from "../dom";
import type { Here } from "../side";
import { counted, type Feature, type Graph, type Partner } from "./graph";

/** Nodes that have a button of their own, at most. */
const LISTED = 40;

export function nodePanel(graph: Graph, row: number, here: Here): HTMLElement {
  const near = graph.near.of(row);
  const all = [row, ...near];
  const select = h("button", { type: "button", click: () => here.select(all) }, "Select it and its neighbours");
  return h(
    "div",
    {},
    named(graph, row),
    h("h3", {}, graph.neighboursInWords(row)),
    ...nodeList(graph, Array.from(near), here),
    ...(near.length ? [h("div", { class: "row" }, select)] : []),
    ...partners(graph, row, here),
    ...features(graph.featuresOf(row), graph.present[row]!),
  );
}

export function pairPanel(graph: Graph, a: number, b: number, here: Here): HTMLElement {
  const common = graph.near.common(a, b);
  const partner = [...(graph.partnersOf(a) ?? []).filter(({ row }) => row === b), ...(graph.partnersOf(b) ?? []).filter(({ row }) => row === a)][0];
  const joined = graph.near.of(a).includes(b);
  const likely = partner ? ` It is among their likeliest missing ones, with a probability of ${percent(partner.probability)}.` : "";
  const shared = new Set(graph.featuresOf(a).map(({ name }) => name));
  const both = graph.featuresOf(b).filter(({ name }) => shared.has(name));
  return h(
    "div",
    {},
    named(graph, a),
    named(graph, b),
    h("p", {}, joined ? "An edge joins them." : `No edge joins them.${likely}`),
    h("h3", {}, common.length ? counted(common.length, "common neighbour") : "No common neighbours"),
    ...nodeList(graph, common, here),
    ...(both.length ? [h("h3", {}, "Among the largest features of both"), words(both.map(({ name }) => name))] : []),
  );
}

function named(graph: Graph, row: number): HTMLElement {
  const label = graph.labelOf(row);
  return h("p", { class: "what" }, h("bdi", {}, graph.contents.nameOf(row)), ...(label === null ? [] : [" · ", h("bdi", {}, label)]));
}

/** A button for each of some nodes, and how many there are of each label. */
export function nodeList(graph: Graph, rows: readonly number[], here: Here): HTMLElement[] {
  if (!rows.length) return [];
  const rest = rows.length - LISTED;
  const more = rest > 0 ? [h("span", { class: "note" }, `and ${rest.toLocaleString("en")} more`)] : [];
  const chips = rows.slice(0, LISTED).map((row) => nodeChip(graph, row, here));
  const labels = graph.contents.labels ? [h("p", { class: "note" }, byLabel(graph, rows))] : [];
  return [...labels, h("div", { class: "strip" }, ...chips, ...more)];
}

/** "Theory (3), Rules (1)", the most frequent first. */
function byLabel(graph: Graph, rows: readonly number[]): string {
  const ordered = tally(rows.map((row) => graph.contents.labelOf(row)!));
  return `By label: ${ordered.map(([label, count]) => `${label} (${count.toLocaleString("en")})`).join(", ")}.`;
}

/** How often each of `words` occurs, the most frequent first. */
export function tally(words: Iterable<string>): [string, number][] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

function nodeChip(graph: Graph, row: number, here: Here): HTMLElement {
  const [name, label] = [graph.contents.nameOf(row), graph.labelOf(row)];
  const title = label === null ? name : `${name}, ${label}`;
  return h("button", { type: "button", class: "chip", title, click: () => here.pick(row) }, h("bdi", {}, name));
}

const MEANING = "Probabilities are those beside as many pairs without an edge, as in training; dashed on the plane.";

function partners(graph: Graph, row: number, here: Here): HTMLElement[] {
  const heading = h("h3", {}, "Likeliest missing edges");
  const found = graph.partnersOf(row);
  if (!found) {
    const scored = graph.scoredNodes.toLocaleString("en");
    return [heading, h("p", { class: "note" }, `This page has them of ${scored} nodes, drawn at random; narrows links RUN writes the likeliest of the graph.`)];
  }
  if (!found.length) return [heading, h("p", { class: "note" }, "It is joined to every other node.")];
  const among = graph.whole ? [] : [`Of edges to the other nodes of this page.`];
  return [heading, partnerTable(graph, found, here), h("p", { class: "note" }, [...among, MEANING].join(" "))];
}

function partnerTable(graph: Graph, found: readonly Partner[], here: Here): HTMLElement {
  const rows = found.map(({ row, probability }) => {
    const bar = h("span", { class: "bar" });
    bar.style.width = `${100 * probability}%`;
    const label = graph.labelOf(row);
    const beside = label === null ? [] : [" ", h("span", { class: "note" }, h("bdi", {}, label))];
    return h("tr", {}, h("td", {}, nodeChip(graph, row, here), ...beside), h("td", {}, h("span", { class: "odds" }, h("span", { class: "track" }, bar), h("span", {}, percent(probability)))));
  });
  const heads = ["node", "probability"].map((text) => h("th", { scope: "col" }, text));
  return scrolled("the likeliest missing edges", h("thead", {}, h("tr", {}, ...heads)), rows);
}

function features(found: readonly Feature[], present: number): HTMLElement[] {
  if (!found.length) return [];
  const all = counted(present, "feature");
  const heading = h("h3", {}, found.length < present ? `The largest ${found.length} of ${all}` : all);
  if (found.every(({ value }) => value === 1)) return [heading, words(found.map(({ name }) => name))];
  const rows = found.map(({ name, value }) => h("tr", {}, h("th", { scope: "row" }, h("bdi", {}, name)), h("td", {}, inPrint(value))));
  const head = h("tr", {}, h("th", { scope: "col" }, "feature"), h("th", { scope: "col" }, "value"));
  const note = h("p", { class: "note" }, "The largest on the scale of the model first.");
  return [heading, scrolled("features", h("thead", {}, head), rows), note];
}

/** Names, one after the other. */
export function words(names: readonly string[]): HTMLElement {
  return h("p", { class: "words" }, ...names.flatMap((name, i) => [...(i ? [", "] : []), h("bdi", {}, name)]));
}

/** A table that scrolls in itself, with what `name` is to a screen reader. */
function scrolled(name: string, head: HTMLElement, rows: readonly HTMLElement[]): HTMLElement {
  return h("div", { class: "cells", tabindex: 0, role: "region", "aria-label": name }, h("table", {}, head, h("tbody", {}, ...rows)));
}

/** A probability in percent, which is neither 0 nor 100. */
export function percent(share: number): string {
  const hundred = 100 * share;
  return hundred >= 99.95 ? "> 99.9 %" : hundred < 0.05 ? "< 0.1 %" : `${hundred.toFixed(1)} %`;
}
