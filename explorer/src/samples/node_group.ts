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
  const common = commonest(graph, rows);
  return h(
    "div",
    {},
    h("p", { class: "what" }, `${rows.length.toLocaleString("en")} selected`),
    h("p", {}, `${counted(inside, "edge")} between them, ${across.toLocaleString("en")} to other nodes${graph.whole ? "" : " of this page"}.`),
    ...(common.length ? [h("p", { class: "note" }, `Commonest among their largest features: ${common.join(", ")}.`)] : []),
    ...nodeList(graph, rows, here),
    h(
      "div",
      { class: "row" },
      h("button", { type: "button", click: () => save(false) }, "Rows as CSV"),
      h("button", { type: "button", click: () => save(true) }, "Codes as CSV"),
    ),
  );
}

/** Features that the most of some nodes have among their largest, each with the share of nodes. */
export function commonest(graph: Graph, rows: readonly number[]): string[] {
  const ordered = tally(rows.flatMap((row) => graph.featuresOf(row).map(({ name }) => name)));
  return ordered.slice(0, LISTED).map(([name, count]) => `${name} (${Math.round((100 * count) / rows.length)} %)`);
}
