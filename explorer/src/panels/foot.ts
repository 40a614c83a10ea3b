/** What the page carries of a run whose codes are decoded, and how to use the plane, in words. */

import type { Contents } from "../contents";

export const ZOOMING = "Click the plane, or hold Ctrl, to zoom with the wheel.";

export function foot(contents: Contents): string {
  const [n, all] = [contents.n, contents.header.held_out].map((count) => count.toLocaleString("en"));
  const { scan } = contents.header;
  const points = scan ? `the codes of ${n} places of a scan` : contents.n < contents.header.held_out ? `${n} of ${all} held-out codes, drawn at random` : `all ${n} held-out codes`;
  const { originals_note: originals } = contents.header;
  return [`This page carries ${points}.`, originals, "Blue: the density of the training codes.", ZOOMING].filter(Boolean).join(" ");
}
