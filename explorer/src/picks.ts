/** The rows that are picked, those that are selected, and the panels that show them. */

import { h } from "./dom";
import { LETTERS, pickedHead } from "./panels/picked";
import type { Contents } from "./contents";
import type { Side } from "./side";

/** Selected rows that a link carries, at most. */
const LINKED = 1000;

export interface PicksEvents {
  /** Other rows are picked or selected. */
  changed(): void;
  /** They were changed by the user here, and not by a link or another stage. */
  byUser(): void;
  /** Announce something to screen readers. */
  say(text: string): void;
  /** The next row is picked on the plane. */
  awaited(): void;
}

export class Picks {
  readonly element = h("section", { class: "picked" });
  readonly selection = h("section", { class: "selection", hidden: true });
  rows: readonly number[] = [];
  selected: readonly number[] | null = null;
  private adding = false;

  constructor(
    private readonly contents: Contents,
    private readonly side: Side,
    private readonly events: PicksEvents,
  ) {}

  /** Pick and select. */
  set(rows: readonly number[], selected: readonly number[] | null): void {
    this.rows = [...rows];
    this.selected = selected;
    this.events.changed();
    this.show();
  }

  /** Show panels for what is picked and selected. */
  show(): void {
    void this.showPicked();
    void this.showSelection();
  }

  pick(row: number): void {
    const adding = this.adding && this.rows.length < this.side.most && !this.rows.includes(row);
    this.adding = false;
    this.set(adding ? [...this.rows, row] : [row], this.selected);
    this.events.say(`${this.contents.nameOf(row)} is picked as ${LETTERS[this.rows.length - 1]}.`);
    this.events.byUser();
  }

  select(wanted: readonly number[] | null): void {
    const rows = wanted?.length ? wanted : null;
    this.set(this.rows, rows);
    this.events.say(rows ? `${rows.length.toLocaleString("en")} selected.` : "Nothing is selected.");
    this.events.byUser();
  }

  clear(): void {
    this.adding = false;
    this.set([], null);
    this.events.byUser();
  }

  /** What a link carries of it. */
  link(): Record<string, string> {
    const { rows, selected } = this;
    return {
      ...(rows.length ? { pick: rows.join(",") } : {}),
      ...(selected && selected.length <= LINKED ? { select: selected.join(",") } : {}),
    };
  }

  private drop(row: number): void {
    this.set(this.rows.filter((other) => other !== row), this.selected);
    this.events.byUser();
    this.events.awaited();
  }

  /** Whether the next pick joins the others. */
  private add(wanted: boolean): void {
    this.adding = wanted;
    if (wanted) this.events.awaited();
  }

  private async showPicked(): Promise<void> {
    const { rows, side } = this;
    const panel = rows.length ? await side.picked(rows) : null;
    if (rows !== this.rows) return;
    if (!panel) return this.element.replaceChildren(h("p", { class: "note" }, side.hint));
    const head = pickedHead(this.contents, side, rows, this.adding, (row) => this.drop(row), (wanted) => this.add(wanted));
    this.element.replaceChildren(head, panel);
  }

  private async showSelection(): Promise<void> {
    const { selected } = this;
    this.selection.hidden = !selected?.length;
    const panel = selected?.length ? await this.side.selected(selected) : null;
    if (!selected || !panel) return;
    const done = h("button", { type: "button", class: "chip", click: () => this.select(null) }, "Clear ✕");
    const unlinked = selected.length > LINKED ? [h("p", { class: "note" }, `A link carries at most ${LINKED.toLocaleString("en")} selected rows.`)] : [];
    if (selected === this.selected) this.selection.replaceChildren(h("h3", {}, "Selection"), panel, ...unlinked, done);
  }
}
