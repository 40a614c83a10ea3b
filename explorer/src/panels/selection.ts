/** A selection: its mean, decoded, its members, and downloads of both. */

import { asCsv } from "../csv";
import { download, h } from "../dom";
import { meanCode } from "../frame";
import { type Space } from "../space";
import { meanSignal } from "./scan";

/** Members that are shown, at most. */
const SHOWN = 40;

export async function selectionPanel(space: Space, rows: readonly number[], pick: (row: number) => void): Promise<HTMLElement> {
  const { contents, kind, model } = space;
  const mean = meanCode(contents, rows);
  const whole = contents.header.scan ? await meanSignal(space, rows) : null;
  const shown = kind.showing("the mean of the selection, decoded");
  if (!whole) shown.show(await model.decode(mean));
  const save = (codes: boolean): void =>
    download(codes ? "selection-codes.csv" : "selection-rows.csv", asCsv(contents, rows, codes));
  return h(
    "div",
    {},
    h("p", { class: "what" }, `${rows.length.toLocaleString("en")} selected; ${whole ? "their mean signal" : "their mean, decoded"}`),
    whole ?? shown.element,
    h(
      "div",
      { class: "row" },
      h("button", { type: "button", click: () => save(false) }, "Rows as CSV"),
      h("button", { type: "button", click: () => save(true) }, "Codes as CSV"),
      h("button", { type: "button", click: () => space.goTo(mean) }, "Show the mean on the plane"),
    ),
    await members(space, rows, pick),
  );
}

async function members(space: Space, rows: readonly number[], pick: (row: number) => void): Promise<HTMLElement> {
  const { contents, kind, model } = space;
  const some = rows.slice(0, SHOWN);
  const examples = await Promise.all(
    some.map(async (row) => {
      const values = contents.original(row) ?? (await model.decode(contents.code(row).slice()));
      const name = contents.nameOf(row);
      return { title: name, text: name, values };
    }),
  );
  const lacking = some.some((row) => !contents.original(row));
  const notes = [
    rows.length > SHOWN ? `The first ${SHOWN} of ${rows.length.toLocaleString("en")}.` : "",
    lacking ? `Those without an original in this page are shown as reconstructions. ${contents.header.originals_note}` : "",
  ];
  const more = notes.filter(Boolean).map((note) => h("p", { class: "note" }, note));
  return h("div", {}, kind.several(examples, (i) => pick(some[i]!)), ...more);
}
