/** One point: the original, its reconstruction, their difference, and the error. */

import { h } from "../dom";
import { placed } from "../poses";
import { errorInWords, type Space } from "../space";

/** Of a run that finds how images lie. */
const TURNED = "The decoded image is upright, and turned back here; what lies beyond its edges is not in this page.";
const UPRIGHT = "The decoded image is upright.";

export async function pointPanel(space: Space, row: number): Promise<HTMLElement> {
  const { contents, kind, model } = space;
  const code = contents.code(row).slice();
  const compared = kind.comparing();
  const original = contents.original(row);
  const decoded = original ? await model.reconstruct(code, original) : await model.decode(code);
  compared.show(original, original && contents.poses.length ? placed(decoded, contents, row) : decoded);
  const label = contents.labelOf(row);
  const parts = [
    h("p", { class: "what" }, h("bdi", {}, contents.nameOf(row)), ...(label === null ? [] : [" · ", h("bdi", {}, label)])),
    compared.element,
    h("p", {}, errorInWords(space, contents.errors[row]!)),
  ];
  if (contents.header.pose_names.length) parts.push(h("p", { class: "note" }, contents.poses.length && original ? TURNED : UPRIGHT));
  if (!original) {
    parts.push(h("p", { class: "note" }, `Its original is not in this page. ${contents.header.originals_note}`));
  }
  if (contents.d > 2) {
    const go = (): void => space.goTo(code);
    parts.push(h("button", { type: "button", click: go }, "Move the plane through it"));
  }
  return h("div", {}, ...parts);
}
