/** A graph in the page: its edges, likely ones that it lacks, and the features of its nodes. */

import { Adjacency } from "../adjacency";
import type { Contents } from "../contents";

/** What the page carries to show nodes. */
export interface Sample {
  /** Nodes and edges of the whole graph. */
  readonly nodes: number;
  readonly edges: number;
  /** Likely partners of a node that are carried, and the unit of log-odds. */
  readonly partners: number;
  readonly odds: number;
  readonly feature_names: readonly string[];
}

/** A node without an edge to another one, and the predicted probability of one. */
export interface Partner {
  readonly row: number;
  readonly probability: number;
}

export interface Feature {
  readonly name: string;
  readonly value: number;
}

/** A graph by the numbers of its rows in the page. */
export class Graph {
  readonly sample: Sample;
  readonly near: Adjacency;
  /** Neighbours in the whole graph. */
  readonly degrees: ArrayLike<number>;
  /** How many features each node has. */
  readonly present: ArrayLike<number>;
  /** Of each node its place among those whose partners are known, or -1. */
  private readonly scored: Int32Array;
  private readonly partners: ArrayLike<number>;
  private readonly odds: ArrayLike<number>;
  /** Where the features of each node begin, and behind the last node their number. */
  private readonly starts: Uint32Array;
  private readonly features: ArrayLike<number>;
  private readonly values: ArrayLike<number>;

  constructor(readonly contents: Contents) {
    const { header, n } = contents;
    this.sample = header.sample as Sample;
    this.near = new Adjacency(contents.column("later"), contents.column("joined"));
    this.degrees = contents.column("degrees");
    this.present = contents.column("present");
    this.scored = new Int32Array(n).fill(-1);
    Array.from(contents.column("scored")).forEach((row, i) => (this.scored[row] = i));
    this.partners = contents.column("partners");
    this.odds = contents.column("odds");
    this.starts = new Uint32Array(n + 1);
    Array.from(contents.column("kept")).forEach((count, row) => (this.starts[row + 1] = this.starts[row]! + count));
    this.features = contents.column("features");
    this.values = contents.column("values");
  }

  /** The label of a node in words. */
  labelOf(row: number): string | null {
    const label = this.contents.labelOf(row);
    return label === null || this.contents.header.label_names.length ? label : `label ${label}`;
  }

  /** Whether all nodes of the graph are in the page. */
  get whole(): boolean {
    return this.contents.n === this.sample.nodes;
  }

  /** The likeliest partners of a node; null where they are not known. */
  partnersOf(row: number): Partner[] | null {
    const [place, each] = [this.scored[row]!, this.partners.length / this.scoredNodes];
    if (place < 0) return null;
    const found = Array.from({ length: each }, (_, i) => place * each + i);
    const probability = (i: number): number => 1 / (1 + Math.exp(-this.sample.odds * this.odds[i]!));
    return found.filter((i) => this.partners[i]! < this.contents.n).map((i) => ({ row: this.partners[i]!, probability: probability(i) }));
  }

  /** How many nodes have known partners. */
  get scoredNodes(): number {
    return this.contents.header.columns["scored"]!.shape[0]!;
  }

  /** The largest features of a node that the page carries. */
  featuresOf(row: number): Feature[] {
    const name = (feature: number): string => this.sample.feature_names[feature] ?? `feature ${feature}`;
    const places = Array.from({ length: this.starts[row + 1]! - this.starts[row]! }, (_, i) => this.starts[row]! + i);
    return places.map((i) => ({ name: name(this.features[i]!), value: this.values[i]! }));
  }

  /** "4 neighbours", and how many of them are in the page, if not all. */
  neighboursInWords(row: number): string {
    const [all, here] = [this.degrees[row]!, this.near.of(row).length];
    return `${counted(all, "neighbour")}${here < all ? `, ${here.toLocaleString("en")} of them in this page` : ""}`;
  }
}

export function counted(n: number, noun: string): string {
  return `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
}
