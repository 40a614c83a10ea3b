/** Three points: their codes as A − B + C, decoded. */

import { h } from "../dom";
import { combined } from "../frame";
import { nth, type Space } from "../space";

export async function arithmeticPanel(space: Space, rows: readonly [number, number, number]): Promise<HTMLElement> {
  const { contents, model, kind } = space;
  const codes = rows.map((row) => contents.code(row));
  const sum = combined(codes, [1, -1, 1]);
  const all = new Float32Array(3 * contents.d);
  codes.forEach((code, i) => all.set(code, i * contents.d));
  const terms = await model.decode(all);
  const shown = kind.showing("A − B + C");
  shown.show(await model.decode(sum));
  return h(
    "div",
    {},
    h("p", { class: "what" }, "A − B + C: the difference between A and B, added to C"),
    kind.terms([nth(space, terms, 0), nth(space, terms, 1), nth(space, terms, 2)]),
    shown.element,
    h("button", { type: "button", click: () => space.goTo(sum) }, "Show it on the plane"),
  );
}
