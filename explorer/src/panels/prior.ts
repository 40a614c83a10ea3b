/** New examples: codes that were drawn from the density, decoded here. */

import { h } from "../dom";
import { type Space, strip } from "../space";

const SHOWN = 10;

export function priorPanel(space: Space): HTMLElement {
  const { contents, model } = space;
  const drawn = contents.column("drawn") as Float32Array;
  const total = drawn.length / contents.d;
  const place = h("div", {});
  let first = 0;
  const draw = async (): Promise<void> => {
    const codes = drawn.subarray(first * contents.d, (first + SHOWN) * contents.d);
    first = first + 2 * SHOWN > total ? 0 : first + SHOWN;
    place.replaceChildren(strip(space, codes, await model.decode(codes), (i) => `new ${space.kind.noun} ${i + 1}`));
  };
  void draw();
  return h(
    "section",
    {},
    h("h3", {}, `New ${space.kind.nouns}`),
    place,
    h("div", { class: "row" }, h("button", { type: "button", click: () => void draw() }, "Draw more")),
    h("p", { class: "note" }, contents.header.drawn_note),
  );
}
