/** The points that are picked: one point, a path between two, or the arithmetic of three. */

import type { Contents } from "../contents";
import { h, toggle } from "../dom";
import type { Space } from "../space";
import { arithmeticPanel } from "./arithmetic";
import { pathPanel } from "./path";
import { pointPanel } from "./point";

export const LETTERS = ["A", "B", "C"] as const;

export const HINT =
  "Click a point to compare the original with its reconstruction; two points give a path, three give A − B + C.";

export function pickedPanel(space: Space, picks: readonly number[]): Promise<HTMLElement> {
  const [a, b, c] = picks as readonly [number, number, number];
  if (picks.length === 1) return pointPanel(space, a);
  return picks.length === 2 ? pathPanel(space, a, b) : arithmeticPanel(space, [a, b, c]);
}

/** A button that removes each pick, and one for the next pick. */
export function pickedHead(
  contents: Contents,
  picks: readonly number[],
  adding: boolean,
  drop: (row: number) => void,
  add: (wanted: boolean) => void,
): HTMLElement {
  const chips = picks.map((row, i) => {
    const name = contents.nameOf(row);
    const said = { title: `remove ${name}`, "aria-label": `${LETTERS[i]}: ${name}, remove` };
    return h("button", { type: "button", class: "chip", ...said, click: () => drop(row) }, h("b", {}, LETTERS[i]!), " ✕");
  });
  const next = picks.length === 1 ? "Pick B for a path" : "Pick C for A − B + C";
  return h("div", { class: "row" }, ...chips, ...(picks.length < 3 ? [toggle(next, adding, add)] : []));
}
