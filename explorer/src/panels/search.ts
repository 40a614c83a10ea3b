/** Rows found by what they are called. */

import type { Contents } from "../contents";
import { h } from "../dom";

/** Rows that are listed, at most. */
const LISTED = 8;

/** At most `most` rows whose name or number is, begins with, or contains `text`, in this order. */
export function matches(contents: Contents, text: string, most = LISTED): number[] {
  const wanted = text.trim().toLowerCase();
  const found: [number[], number[], number[]] = [[], [], []];
  if (!wanted) return [];
  for (let row = 0; row < contents.n; row++) {
    const name = contents.nameOf(row).toLowerCase();
    if (name === wanted || String(contents.numbers[row]) === wanted) found[0].push(row);
    else if (name.startsWith(wanted)) found[1].push(row);
    else if (name.includes(wanted)) found[2].push(row);
  }
  return found.flat().slice(0, most);
}

export function searchPanel(contents: Contents, find: (row: number) => void): HTMLElement {
  const name = `Find a ${contents.header.row_noun}`;
  const input = h("input", { type: "search", "aria-label": name, placeholder: contents.header.ids.length ? "its name" : "its number" });
  const place = h("div", { class: "row", "aria-live": "polite" });
  const take = (row: number | undefined): void => {
    if (row === undefined) return;
    place.replaceChildren();
    find(row);
  };
  const show = (): void => {
    const rows = matches(contents, input.value);
    const chips = rows.map((row) => h("button", { type: "button", class: "chip", click: () => take(row) }, h("bdi", {}, contents.nameOf(row))));
    place.replaceChildren(...(rows.length || !input.value.trim() ? chips : ["Nothing is called so."]));
  };
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => event.key === "Enter" && take(matches(contents, input.value, 1)[0]));
  return h("section", { class: "search" }, h("label", { class: "choice" }, h("span", {}, name), input), place);
}
