/** The node of a graph that is nearest to the cursor. */

import { h } from "../dom";
import { setText, Under } from "../panels/under";
import type { Graph } from "./graph";

export class NearestNode extends Under {
  readonly element: HTMLElement;
  private readonly title = h("p", { class: "where" }, "Move the cursor over the plane.");
  private readonly sentence = h("p", { class: "note" }, "The node nearest to it is shown here.");

  constructor(private readonly graph: Graph) {
    super();
    this.element = h("section", { class: "nearest" }, this.title, this.sentence);
  }

  /** Show the node of a row; of -1, that none is near. */
  show(row: number): void {
    const [title, sentence] = row < 0 ? ["No node is near", ""] : this.words(row);
    setText(this.title, title);
    setText(this.sentence, sentence);
    this.tell(() => [title, sentence].filter(Boolean).join(", "));
  }

  private words(row: number): [string, string] {
    const { contents } = this.graph;
    const label = this.graph.labelOf(row);
    return [contents.nameOf(row), [...(label === null ? [] : [label]), this.graph.neighboursInWords(row)].join(" · ")];
  }
}
