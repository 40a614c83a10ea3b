/** One point: the original, its reconstruction, their difference, and the error. */

import { h } from "../dom";
import { errorInWords, type Space } from "../space";

export async function pointPanel(space: Space, row: number): Promise<HTMLElement> {
  const { contents, kind, model } = space;
  const code = contents.code(row).slice();
  const compared = kind.comparing();
  const original = contents.original(row);
  compared.show(original, original ? await model.reconstruct(code, original) : await model.decode(code));
  const label = contents.labelOf(row);
  const parts = [
    h("p", { class: "what" }, h("bdi", {}, contents.nameOf(row)), ...(label === null ? [] : [" · ", h("bdi", {}, label)])),
    compared.element,
    h("p", {}, errorInWords(space, contents.errors[row]!)),
  ];
  if (!original) {
    parts.push(h("p", { class: "note" }, `Its original is not in this page. ${contents.header.originals_note}`));
  }
  if (contents.d > 2) {
    const go = (): void => space.goTo(code);
    parts.push(h("button", { type: "button", click: go }, "Move the plane through it"));
  }
  return h("div", {}, ...parts);
}
