/** Selected nodes of a graph: how they are joined, what is common to them, and downloads. */

import { asCsv } from "../csv";
import { download, h } from "../dom";
import type { Here } from "../side";
import { counted, type Graph } from "./graph";
import { nodeList, tally } from "./node";

/** Features that are listed, at most. */
const LISTED = 8;

export function groupPanel(graph: Graph, rows: readonly number[], here: Here): HTMLElement {
  const { inside, across } = graph.near.around(rows);
  const save = (codes: boolean): void =>
    download(codes ? "selection-codes.csv" : "selection-rows.csv", asCsv(graph.contents, rows, codes));
  const typical = typicalOf(graph, rows);
  return h(
    "div",
    {},
    h("p", { class: "what" }, `${rows.length.toLocaleString("en")} selected`),
    h("p", {}, `${counted(inside, "edge")} between them, ${across.toLocaleString("en")} to other nodes${graph.whole ? "" : " of this page"}.`),
    ...(typical.length ? [h("p", { class: "note" }, `More often among their largest features than among those of all: ${typical.join(", ")}.`)] : []),
    ...nodeList(graph, rows, here),
    h(
      "div",
      { class: "row" },
      h("button", { type: "button", click: () => save(false) }, "Rows as CSV"),
      h("button", { type: "button", click: () => save(true) }, "Codes as CSV"),
    ),
  );
}

/** Features that more of some nodes than of all have among their largest, with both shares. */
export function typicalOf(graph: Graph, rows: readonly number[]): string[] {
  const { n } = graph.contents;
  const names = (some: readonly number[]): string[] => some.flatMap((row) => graph.featuresOf(row).map(({ name }) => name));
  const all = new Map(tally(names(Array.from({ length: n }, (_, row) => row))));
  const shares = tally(names(rows)).map(([name, count]) => ({ name, own: count / rows.length, usual: all.get(name)! / n }));
  const more = shares.filter(({ own, usual }) => own > usual).sort((a, b) => b.own - b.usual - (a.own - a.usual));
  return more.slice(0, LISTED).map(({ name, own, usual }) => `${name} (${percent(own)}, of all ${percent(usual)})`);
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
