/** The nodes of a graph: lines to their neighbours, their likeliest missing edges, and their features. */

import type { Contents } from "../contents";
import { ZOOMING } from "../panels/foot";
import type { Here, Join, Side } from "../side";
import { counted, Graph } from "./graph";
import type { Quantity } from "./kind";
import { NearestNode } from "./nearest_node";
import { nodePanel, pairPanel } from "./node";
import { groupPanel } from "./node_group";

export class Nodes implements Side {
  readonly quantities: readonly Quantity[];
  readonly under: NearestNode;
  readonly hint = "Click a node, or find it by name, to see its neighbours and its likeliest missing edges; a second one shows what joins both.";
  readonly most = 2;
  readonly graph: Graph;

  constructor(
    contents: Contents,
    private readonly here: Here,
  ) {
    this.graph = new Graph(contents);
    this.quantities = [{ name: "neighbours", words: [], classes: false, of: (_, row) => this.graph.degrees[row]! }];
    this.under = new NearestNode(this.graph);
  }

  get foot(): string {
    const { sample, near, contents, whole } = this.graph;
    const [n, all] = [contents.n.toLocaleString("en"), counted(sample.nodes, "node")];
    const carried = whole ? `all ${all} and ${counted(sample.edges, "edge")}` : `${n} of ${all}, drawn at random, and the ${counted(near.edges, "edge")} between them of ${sample.edges.toLocaleString("en")}`;
    return `This page carries ${carried}. ${ZOOMING}`;
  }

  next(): string {
    return "Pick B, to compare";
  }

  picked(rows: readonly number[]): Promise<HTMLElement> {
    const [a, b] = rows as readonly [number, number];
    return Promise.resolve(rows.length === 1 ? nodePanel(this.graph, a, this.here) : pairPanel(this.graph, a, b, this.here));
  }

  selected(rows: readonly number[]): Promise<HTMLElement> {
    return Promise.resolve(groupPanel(this.graph, rows, this.here));
  }

  joins(rows: readonly number[]): Join[] {
    return rows.flatMap((from) => {
      const likely = this.graph.partnersOf(from) ?? [];
      const near = Array.from(this.graph.near.of(from), (to) => ({ from, to, likely: false }));
      return [...likely.map(({ row }) => ({ from, to: row, likely: true })), ...near];
    });
  }

  moved(): void {
    this.under.show(this.here.nearest());
  }
}
