/** What was picked: one point, the way between two, or the arithmetic of three, and how each is let go. */

import type { Contents } from "../contents";
import { h, toggle } from "../dom";
import type { Space } from "../space";
import { arithmeticPanel } from "./arithmetic";
import { pathPanel } from "./path";
import { pointPanel } from "./point";

export const LETTERS = ["A", "B", "C"] as const;

export const HINT =
  "Click a point to see what it was and what came back; two points give the way between them, three give A − B + C.";

export function pickedPanel(space: Space, picks: readonly number[]): Promise<HTMLElement> {
  const [a, b, c] = picks as readonly [number, number, number];
  if (picks.length === 1) return pointPanel(space, a);
  return picks.length === 2 ? pathPanel(space, a, b) : arithmeticPanel(space, [a, b, c]);
}

/** A chip for each pick, and a button for the next one. */
export function pickedHead(
  contents: Contents,
  picks: readonly number[],
  adding: boolean,
  drop: (row: number) => void,
  add: (wanted: boolean) => void,
): HTMLElement {
  const chips = picks.map((row, i) => {
    const name = contents.nameOf(row);
    const said = { title: `let go of ${name}`, "aria-label": `${LETTERS[i]}: ${name}, let go` };
    return h("button", { type: "button", class: "chip", ...said, click: () => drop(row) }, h("b", {}, LETTERS[i]!), " ✕");
  });
  const next = picks.length === 1 ? "Pick B: the way there" : "Pick C: arithmetic";
  return h("div", { class: "row" }, ...chips, ...(picks.length < 3 ? [toggle(next, adding, add)] : []));
}
