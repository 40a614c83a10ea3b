/** One run in the page: its plane, what the cursor decodes, and the panels for what was picked. */

import { choices, colouring } from "./colours";
import type { Contents } from "./contents";
import { type Axes, legend, sliders, type Sliders, toolbar } from "./controls";
import { Density } from "./density";
import { h } from "./dom";
import { codeFrame, coordinate, coordinates, type Frame, moved, principalFrame } from "./frame";
import { Grid } from "./grid";
import { numbers, short, type Shown } from "./link";
import type { Model, Real } from "./model";
import { OwnPanel } from "./panels/own";
import { HINT, LETTERS, pickedHead, pickedPanel } from "./panels/picked";
import { priorPanel } from "./panels/prior";
import { selectionPanel } from "./panels/selection";
import { UnderCursor } from "./panels/under";
import { type Mark, NEAR, Plane, type Tool } from "./plane";
import { kindOf } from "./samples";
import type { Kind } from "./samples/kind";
import type { Space } from "./space";
import { extent } from "./view";

/** Dimensions up to which a link carries the whole code that the plane goes through. */
const CARRIED = 256;
/** Selected rows that a link carries at the most. */
const LINKED = 1000;

const DARK = matchMedia("(prefers-color-scheme: dark)");

export interface Follower {
  /** Rows were picked or selected here. */
  picked(from: Stage, picks: readonly number[], selected: readonly number[] | null): void;
  /** Something that a link carries has changed. */
  changed(): void;
}

export class Stage {
  readonly element: HTMLElement;
  /** What the cursor decodes to: for tests, and for who opens the console. */
  shown: { code: Float32Array; values: Real } | null = null;
  readonly plane: Plane;
  private readonly density: Density;
  private readonly kind: Kind;
  private readonly frames: readonly Frame[];
  private axes: Axes;
  /** A code that the plane goes through. */
  private base: Float32Array;
  private colour: string;
  private picks: number[] = [];
  private selected: readonly number[] | null = null;
  private adding = false;
  private traced: Float32Array | null = null;
  private own: Float32Array | null = null;
  private space: Space | null = null;
  private grid: Grid | null = null;
  private gridShown = false;
  private tool: Tool = "look";
  private sliders: Sliders | null = null;
  private wanted: { x: number; y: number; since: number } | null = null;
  private busy = false;
  private readonly bar = h("div", {});
  private readonly legend = h("div", {});
  private readonly others = h("div", {});
  private readonly under: UnderCursor;
  private readonly picked = h("section", { class: "picked" });
  private readonly selection = h("section", { hidden: true });
  private readonly tools = h("div", { class: "panels" });

  constructor(
    readonly contents: Contents,
    private readonly follower: Follower,
    titled: boolean,
  ) {
    const { header, d } = contents;
    this.kind = kindOf(header);
    this.density = new Density(contents);
    this.frames = d > 1 ? [principalFrame(contents), codeFrame(d)] : [codeFrame(d)];
    this.axes = { frame: this.frames[d > 2 ? 0 : this.frames.length - 1]!, x: 0, y: d > 1 ? 1 : -1 };
    this.base = Float32Array.from(contents.column("mean"));
    this.colour = choices(contents)[0]![0];
    this.under = new UnderCursor(this.kind, this.density, () => this.nearby());
    this.plane = new Plane(`${header.name}, ${header.recipe}: ${contents.n} codes`, {
      cursor: (x, y, since) => void this.look(x, y, since),
      pick: (row) => this.pick(row),
      enclose: (rows) => this.select(rows),
      moved: () => this.windowMoved(),
      key: (key) => this.key(key),
    });
    const name = `${header.name} · ${header.recipe}`;
    const heading = titled ? [h("h3", { class: "stage-title" }, h("bdi", {}, name))] : [];
    this.element = h(
      "div",
      { class: "stage", role: "group", "aria-label": name },
      h("div", { class: "bar-of-tools" }, ...heading, this.bar),
      h("div", { class: "wide" }, this.plane.element, this.legend),
      h(
        "div",
        { class: "side" },
        this.under.element,
        this.picked,
        this.selection,
      ),
      h("div", { class: "more" }, this.others, this.foot(), this.tools),
      this.under.status,
    );
    this.setAxes(this.axes);
    this.setColour(this.colour);
    DARK.addEventListener("change", () => this.setColour(this.colour));
    void this.showPicks();
  }

  /** From now on things are decoded. */
  attach(model: Model): void {
    const { contents, kind, density } = this;
    this.space = { contents, kind, model, density, goTo: (code) => this.goTo(code), trace: (codes) => this.trace(codes) };
    this.grid = new Grid(this.plane, this.space, (x, y) => this.codeAt(x, y));
    if (contents.header.kind === "images") {
      const own = new OwnPanel(this.space, (code) => this.putOwn(code));
      own.acceptOn(this.element);
      this.tools.append(own.element);
    }
    this.tools.append(priorPanel(this.space));
    this.setGrid(this.gridShown);
    void this.showPicks();
    void this.showSelection();
    if (this.plane.cursor) void this.look(...this.plane.cursor, performance.now());
    else this.goTo(this.base);
  }

  /** What a link carries of this. */
  link(): Shown {
    const { view, cursor } = this.plane;
    const window = [view.x, view.y, view.width / view.sx, view.height / view.sy];
    return {
      plane: this.axes.frame.name,
      axes: `${this.axes.x},${this.axes.y}`,
      window: short(window),
      colour: this.colour,
      ...(cursor ? { at: short(cursor) } : {}),
      ...(this.contents.d <= CARRIED ? { through: short(this.base) } : {}),
      ...(this.picks.length ? { pick: this.picks.join(",") } : {}),
      ...(this.selected && this.selected.length <= LINKED ? { select: this.selected.join(",") } : {}),
      ...(this.gridShown ? { grid: "1" } : {}),
    };
  }

  /** Show what a link says; what it does not say, or says wrong, stays. */
  follow(shown: Shown): void {
    const { contents } = this;
    const frame = this.frames.find(({ name }) => name === shown["plane"]) ?? this.axes.frame;
    const [x, y] = numbers(shown["axes"], 2) ?? [0, 1];
    const known = (k: number): boolean => k in frame.directions;
    const through = numbers(shown["through"], contents.d);
    if (through) this.base = Float32Array.from(through);
    const across = known(x!) ? x! : 0;
    this.setAxes({ frame, x: across, y: contents.d === 1 ? -1 : known(y!) && y !== across ? y! : Number(across === 0) });
    if (choices(contents).some(([key]) => key === shown["colour"])) this.setColour(shown["colour"]!);
    const rows = (text: string | undefined): number[] => (numbers(text) ?? []).filter((row) => Number.isInteger(row) && row >= 0 && row < contents.n);
    this.setPicks(rows(shown["pick"]).slice(0, 3), shown["select"] ? rows(shown["select"]) : null);
    this.setGrid(shown["grid"] === "1");
    const window = numbers(shown["window"], 4);
    if (window && window[2]! > 0 && window[3]! > 0) this.plane.show(window as [number, number, number, number]);
    const at = numbers(shown["at"], 2);
    if (at) {
      this.plane.cursor = [at[0]!, at[1]!];
      void this.look(at[0]!, at[1]!, performance.now());
    }
    this.plane.draw();
  }

  /** Pick and select without telling others. */
  setPicks(picks: readonly number[], selected: readonly number[] | null): void {
    this.picks = [...picks];
    this.selected = selected;
    this.traced = null;
    this.plane.setChosen(selected);
    this.mark();
    void this.showPicks();
    void this.showSelection();
  }

  private pick(row: number): void {
    const adding = this.adding && this.picks.length < 3 && !this.picks.includes(row);
    this.adding = false;
    this.setPicks(adding ? [...this.picks, row] : [row], this.selected);
    this.under.say(`${this.contents.nameOf(row)} is picked as ${LETTERS[this.picks.length - 1]}.`);
    this.follower.picked(this, this.picks, this.selected);
    this.follower.changed();
  }

  private select(wanted: readonly number[] | null): void {
    const rows = wanted?.length ? wanted : null;
    this.setPicks(this.picks, rows);
    this.under.say(rows ? `${rows.length.toLocaleString("en")} selected.` : "Nothing is selected.");
    this.follower.picked(this, this.picks, rows);
    this.follower.changed();
  }

  private clear(): void {
    this.adding = false;
    this.setPicks([], null);
    this.follower.picked(this, [], null);
    this.follower.changed();
  }

  private codeAt(x: number, y: number): Float32Array {
    const { frame, x: u, y: v } = this.axes;
    const code = moved(frame, u, this.base, x);
    return v < 0 ? code : moved(frame, v, code, y);
  }

  /** Where a code lies on the plane; of one dimension in the middle of the window's height. */
  private onPlane(code: Float32Array): [number, number] {
    const { frame, x, y } = this.axes;
    return [coordinate(frame, x, code), y < 0 ? 0 : coordinate(frame, y, code)];
  }

  private async look(x: number, y: number, since: number): Promise<void> {
    this.wanted = { x, y, since };
    if (this.busy || !this.space) return;
    this.busy = true;
    while (this.wanted) {
      const { x, y, since } = this.wanted;
      this.wanted = null;
      const code = this.codeAt(x, y);
      const values = await this.space.model.decode(code);
      this.shown = { code, values };
      this.under.show(code, values);
      performance.measure("narrows:picture", { start: since });
    }
    this.busy = false;
    this.follower.changed();
  }

  private nearby(): string {
    const cursor = this.plane.cursor;
    const row = cursor ? this.plane.nearest(...this.plane.view.toScreen(...cursor), NEAR) : -1;
    if (row < 0) return "No point is near.";
    const label = this.contents.labelOf(row);
    return `Nearest: ${this.contents.nameOf(row)}${label === null ? "" : `, ${label}`}.`;
  }

  private goTo(code: Float32Array): void {
    this.base = Float32Array.from(code);
    this.sliders?.show(this.base);
    this.plane.cursor = this.onPlane(code);
    this.plane.reveal(...this.plane.cursor);
    this.plane.drawTop();
    void this.look(...this.plane.cursor, performance.now());
    if (this.gridShown) void this.grid?.draw();
  }

  /** Put the reader's own picture on the plane. */
  private putOwn(code: Float32Array): void {
    this.own = code;
    this.mark();
    this.goTo(code);
  }

  private trace(codes: Float32Array | null): void {
    this.traced = codes;
    this.mark();
  }

  private mark(): void {
    const markOf = (code: Float32Array, text: string, row = -1): Mark => {
      const [x, y] = row >= 0 && this.axes.y < 0 ? [this.onPlane(code)[0], jitter(row)] : this.onPlane(code);
      return { x, y, text };
    };
    const { contents, traced } = this;
    this.plane.marks = [
      ...this.picks.map((row, i) => markOf(contents.code(row), LETTERS[i]!, row)),
      ...(this.own ? [markOf(this.own, "★")] : []),
    ];
    const steps = traced && this.picks.length === 2 ? traced.length / contents.d : 0;
    this.plane.path = Array.from({ length: steps }, (_, i) => markOf(traced!.slice(i * contents.d, (i + 1) * contents.d), ""));
    this.plane.drawTop();
  }

  private async showPicks(): Promise<void> {
    const { picks, space } = this;
    if (!picks.length || !space) {
      this.picked.replaceChildren(h("p", { class: "note" }, HINT));
      return;
    }
    const panel = await pickedPanel(space, picks);
    const head = pickedHead(this.contents, picks, this.adding, (row) => this.drop(row), (wanted) => this.add(wanted));
    if (picks === this.picks) this.picked.replaceChildren(head, panel);
  }

  private drop(row: number): void {
    this.setPicks(this.picks.filter((other) => other !== row), this.selected);
    this.follower.picked(this, this.picks, this.selected);
    this.follower.changed();
    this.plane.element.focus();
  }

  /** Whether the next pick joins the others. */
  private add(wanted: boolean): void {
    this.adding = wanted;
    if (wanted) this.plane.element.focus();
  }

  private async showSelection(): Promise<void> {
    const { selected, space } = this;
    this.selection.hidden = !selected?.length;
    if (!selected?.length || !space) return;
    const panel = await selectionPanel(space, selected, (row) => this.pick(row));
    const done = h("button", { type: "button", class: "chip", click: () => this.select(null) }, "Let go ✕");
    const unlinked = selected.length > LINKED ? [h("p", { class: "note" }, `A link carries at most ${LINKED.toLocaleString("en")} selected rows.`)] : [];
    if (selected === this.selected) this.selection.replaceChildren(h("h3", {}, "Selection"), panel, ...unlinked, done);
  }

  private setAxes(axes: Axes): void {
    this.axes = axes;
    const { codes, n } = this.contents;
    const xs = coordinates(axes.frame, axes.x, codes);
    const ys = axes.y < 0 ? Float32Array.from({ length: n }, (_, i) => jitter(i)) : coordinates(axes.frame, axes.y, codes);
    this.plane.setPoints(xs, ys);
    this.setDensity();
    this.sliders = sliders(axes, (k) => extent(coordinates(axes.frame, k, codes)), (k, to) => this.slide(k, to));
    this.sliders.show(this.base);
    this.others.replaceChildren(this.sliders.element);
    this.plane.cursor = this.plane.cursor && this.onPlane(this.base);
    this.mark();
    this.rebuildBar();
  }

  private setDensity(): void {
    const { frame, x, y } = this.axes;
    const along = this.density.onPlane(frame, x, y < 0 ? x : y);
    const shown = (px: number, py: number): number => along(px, y < 0 ? px : py);
    const [, most] = extent(this.plane.sampled(400).map(([px, py]) => shown(px, py)));
    this.plane.setDensity(shown, most || 1);
  }

  private slide(k: number, to: number): void {
    this.base = moved(this.axes.frame, k, this.base, to);
    const at = this.plane.cursor ?? this.onPlane(this.base);
    this.plane.cursor = at;
    this.plane.drawTop();
    void this.look(...at, performance.now());
    if (this.gridShown) void this.grid?.draw();
  }

  private setColour(key: string): void {
    this.colour = key;
    const found = colouring(this.contents, key, DARK.matches);
    this.plane.setColours(found);
    this.legend.replaceChildren(legend(found, (rows) => this.select(rows)));
    this.rebuildBar();
  }

  private setGrid(shown: boolean): void {
    this.gridShown = shown;
    this.rebuildBar();
    if (!this.grid) return;
    this.grid.shown = shown;
    void this.grid.draw();
  }

  private windowMoved(): void {
    if (this.gridShown) void this.grid?.draw();
    this.follower.changed();
  }

  private rebuildBar(): void {
    const focused = [...this.bar.querySelectorAll("select, button")].indexOf(document.activeElement as HTMLElement);
    this.bar.replaceChildren(
      toolbar(this.contents, this.frames, this.axes, this.colour, this.gridShown, this.tool, {
        colour: (key) => this.changed(() => this.setColour(key)),
        axes: (axes) => this.changed(() => this.setAxes(axes)),
        tool: (tool) => (this.tool = this.plane.tool = tool),
        grid: (shown) => this.changed(() => this.setGrid(shown)),
        zoom: (factor) => this.plane.zoom(factor),
        fit: () => this.plane.fit(),
        selectVisible: () => this.select(this.plane.visible()),
      }),
    );
    if (focused >= 0) (this.bar.querySelectorAll("select, button")[focused] as HTMLElement | undefined)?.focus();
  }

  private changed(change: () => void): void {
    change();
    if (this.plane.cursor) void this.look(...this.plane.cursor, performance.now());
    this.follower.changed();
  }

  private key(key: string): boolean {
    if (key === "Escape") this.clear();
    else if (key === "g") this.changed(() => this.setGrid(!this.gridShown));
    else return false;
    return true;
  }

  private foot(): HTMLElement {
    const { contents } = this;
    const [n, all, kept] = [contents.n, contents.header.held_out, contents.carried].map((count) => count.toLocaleString("en"));
    const points = contents.n < contents.header.held_out ? `${n} of ${all} held-out codes, drawn at random` : `all ${n} held-out codes`;
    const originals = contents.carried < contents.n ? `, and ${kept} originals` : "";
    const text = `This page carries ${points}${originals}. Blue behind them: where the training part's codes are dense. Click the plane, or hold Ctrl, to zoom with the wheel.`;
    return h("p", { class: "note foot" }, text);
  }
}

/** The height of a point where a code has one dimension only: spread out, the same each time. */
function jitter(row: number): number {
  return (((row + 1) * 0.6180339887498949) % 1) * 2 - 1;
}
