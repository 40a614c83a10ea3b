/** Three points: their codes as A − B + C, decoded. */

import { h } from "../dom";
import { combined } from "../frame";
import { nth, type Space } from "../space";
import { thumbnail } from "../samples/kind";

export async function arithmeticPanel(space: Space, rows: readonly [number, number, number]): Promise<HTMLElement> {
  const { contents, model, kind } = space;
  const codes = rows.map((row) => contents.code(row));
  const sum = combined(codes, [1, -1, 1]);
  const all = new Float32Array(3 * contents.d);
  codes.forEach((code, i) => all.set(code, i * contents.d));
  const terms = await model.decode(all);
  const shown = kind.showing("A − B + C");
  shown.show(await model.decode(sum));
  const term = (i: number): HTMLElement => thumbnail(kind, nth(space, terms, i), "ABC".charAt(i));
  return h(
    "div",
    {},
    h("p", { class: "what" }, "A − B + C: the difference between A and B, added to C"),
    h("div", { class: "row sum" }, term(0), h("span", {}, "−"), term(1), h("span", {}, "+"), term(2), h("span", {}, "=")),
    shown.element,
    h("button", { type: "button", click: () => space.goTo(sum) }, "Show it on the plane"),
  );
}
