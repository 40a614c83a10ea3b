/** What the code under the cursor decodes to, and how dense the data are there. */

import { type Density, supportAt } from "../density";
import { h, inPrint } from "../dom";
import type { Real } from "../model";
import type { Kind, Showing } from "../samples/kind";

/** Latent dimensions whose values are written out, at most. */
const WRITTEN = 8;
/** Milliseconds of rest after which a screen reader is told. */
const REST = 500;

/** What is shown of the place of the cursor, and told to screen readers. */
export abstract class Under {
  abstract readonly element: HTMLElement;
  readonly status = h("p", { class: "spoken", role: "status" });
  private resting = 0;
  /** Not 0 while a message is being read out, which the place of the cursor must not interrupt. */
  private said = 0;

  /** Announce to screen readers what has just been done. */
  say(text: string): void {
    setText(this.status, text);
    clearTimeout(this.said);
    this.said = setTimeout(() => (this.said = 0), 4 * REST);
  }

  /** Announce the place of the cursor once it rests. */
  protected tell(place: () => string): void {
    clearTimeout(this.resting);
    if (this.said) return;
    this.resting = setTimeout(() => setText(this.status, place()), REST);
  }
}

export class UnderCursor extends Under {
  readonly element: HTMLElement;
  private readonly sample: Showing;
  private readonly title = h("p", { class: "where" }, "Move the cursor over the plane.");
  private readonly sentence = h("p", { class: "note" }, "The decoded example follows the cursor.");
  private readonly place = h("p", { class: "note place" });

  constructor(
    kind: Kind,
    private readonly density: Density,
    private readonly nearby: () => string,
  ) {
    super();
    this.sample = kind.showing("what the code under the cursor decodes to");
    const words = h("div", {}, this.title, this.sentence, this.place);
    this.element = h("section", { class: "under" }, this.sample.element, words);
  }

  show(code: Float32Array, values: Real): void {
    const { strength, level, title, sentence } = supportAt(this.density.rank(code));
    this.sample.show(values, strength);
    setText(this.title, title);
    setText(this.sentence, sentence);
    this.title.dataset["support"] = level;
    const few = Array.from(code.subarray(0, WRITTEN), inPrint).join(", ");
    setText(this.place, `z = (${few}${code.length > WRITTEN ? ", …" : ""})`);
    this.tell(() => `${title}. ${this.nearby()}`);
  }
}

export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
