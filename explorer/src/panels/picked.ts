/** The head of the panel of picked rows: a button that removes each, and one for the next pick. */

import type { Contents } from "../contents";
import { h, toggle } from "../dom";
import type { Side } from "../side";

export const LETTERS = ["A", "B", "C"] as const;

export function pickedHead(
  contents: Contents,
  side: Side,
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
  return h("div", { class: "row" }, ...chips, ...(picks.length < side.most ? [toggle(side.next(picks.length), adding, add)] : []));
}
