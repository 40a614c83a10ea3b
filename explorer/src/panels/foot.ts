/** What the page carries of a run, and how to use the plane, below it. */

import type { Contents } from "../contents";
import { h } from "../dom";

export function foot(contents: Contents): HTMLElement {
  const [n, all] = [contents.n, contents.header.held_out].map((count) => count.toLocaleString("en"));
  const points = contents.n < contents.header.held_out ? `${n} of ${all} held-out codes, drawn at random` : `all ${n} held-out codes`;
  const { originals_note: originals } = contents.header;
  const how = "Blue: the density of the training codes. Click the plane, or hold Ctrl, to zoom with the wheel.";
  return h("p", { class: "note foot" }, [`This page carries ${points}.`, originals, how].filter(Boolean).join(" "));
}
