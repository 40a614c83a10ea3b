/** What the code under the cursor decodes to, and whether the data reach there. */

import { type Density, thinness } from "../density";
import { h, inPrint } from "../dom";
import type { Real } from "../model";
import type { Kind, Showing } from "../samples/kind";

/** Numbers of a code that are written out. */
const WRITTEN = 8;
/** Milliseconds of rest after which a screen reader is told. */
const REST = 500;

export class UnderCursor {
  readonly element: HTMLElement;
  readonly status = h("p", { class: "spoken", role: "status" });
  private readonly sample: Showing;
  private readonly title = h("p", { class: "where" }, "Move the cursor over the plane.");
  private readonly sentence = h("p", { class: "note" }, "The picture follows, decoded as you move.");
  private readonly place = h("p", { class: "note place" });
  private resting = 0;
  /** Whether something else was said just now, that the cursor's place must not talk over. */
  private said = 0;

  constructor(
    kind: Kind,
    private readonly density: Density,
    private readonly nearby: () => string,
  ) {
    this.sample = kind.showing("what the code under the cursor decodes to");
    const words = h("div", {}, this.title, this.sentence, this.place);
    this.element = h("section", { class: "under" }, this.sample.element, words);
  }

  show(code: Float32Array, values: Real): void {
    const { strength, title, sentence } = thinness(this.density.rank(code));
    this.sample.show(values, strength);
    setText(this.title, title);
    setText(this.sentence, sentence);
    this.title.dataset["thin"] = title.toLowerCase();
    const few = Array.from(code.subarray(0, WRITTEN), inPrint).join(", ");
    setText(this.place, `z = (${few}${code.length > WRITTEN ? ", …" : ""})`);
    clearTimeout(this.resting);
    if (this.said) return;
    this.resting = setTimeout(() => setText(this.status, `${title}. ${this.nearby()}`), REST);
  }

  /** Tell a screen reader what has just been done. */
  say(text: string): void {
    setText(this.status, text);
    clearTimeout(this.said);
    this.said = setTimeout(() => (this.said = 0), 4 * REST);
  }
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
