/** One run in the page: its plane, what the cursor decodes, and the panels for what is picked. */

import { type Axes, axesIn, codeAt, onPlane, placeOf, placesOf } from "./axes";
import { choices, colouring, firstChoice } from "./colours";
import type { Contents } from "./contents";
import { legend, sliders, type Sliders, toolbar } from "./controls";
import { Decoding } from "./decoding";
import { h } from "./dom";
import { codeFrame, coordinates, type Frame, moved, principalFrame } from "./frame";
import { NEAR } from "./gestures";
import { Grid } from "./grid";
import { numbers, short, type Shown } from "./link";
import type { Mark } from "./marks";
import type { Model, Real } from "./model";
import type { Decoded } from "./panels/decoded";
import { OwnPanel } from "./panels/own";
import { LETTERS } from "./panels/picked";
import { priorPanel } from "./panels/prior";
import { ScanPicture } from "./panels/scan";
import { searchPanel } from "./panels/search";
import { Picks } from "./picks";
import { Plane, type Tool } from "./plane";
import { decodedIn, sideOf } from "./samples";
import type { Side } from "./side";
import type { Space } from "./space";
import { extent } from "./view";

/** Latent dimensions up to which a link carries the whole code that the plane goes through. */
const CARRIED = 256;

const DARK = matchMedia("(prefers-color-scheme: dark)");

export interface Follower {
  /** Rows were picked or selected here. */
  picked(from: Stage, picks: readonly number[], selected: readonly number[] | null): void;
  /** Something that a link carries has changed. */
  changed(): void;
}

export class Stage {
  readonly element: HTMLElement;
  readonly plane: Plane;
  /** The picture of a scan whose places the rows are; null for other rows. */
  readonly scan: ScanPicture | null;
  private readonly side: Side;
  /** The same, if a model decodes codes; else null. */
  readonly decoded: Decoded | null;
  private readonly frames: readonly Frame[];
  private readonly picks: Picks;
  private readonly decoding: Decoding;
  private axes: Axes;
  /** A code that the plane goes through. */
  private base: Float32Array;
  private colour: string;
  /** Codes of a path that is drawn between two picks. */
  private traced: Float32Array | null = null;
  private own: Float32Array | null = null;
  private grid: Grid | null = null;
  private gridShown = false;
  private tool: Tool = "look";
  private sliders: Sliders | null = null;
  private readonly bar = h("div", {});
  private readonly legend = h("div", {});
  private readonly outside = h("p", { class: "note outside", hidden: true });
  private readonly others = h("div", {});
  private readonly tools = h("div", { class: "panels" });

  constructor(
    readonly contents: Contents,
    private readonly follower: Follower,
    titled: boolean,
  ) {
    const { d } = contents;
    this.side = sideOf(contents, {
      nearest: () => this.nearest(),
      pick: (row) => this.find(row),
      select: (rows) => this.picks.select(rows),
    });
    this.decoded = decodedIn(this.side);
    this.frames = d > 1 ? [principalFrame(contents), codeFrame(d)] : [codeFrame(d)];
    this.axes = { frame: this.frames[d > 2 ? 0 : this.frames.length - 1]!, x: 0, y: d > 1 ? 1 : -1 };
    this.base = Float32Array.from(contents.column("mean"));
    this.colour = firstChoice(contents, this.side.quantities);
    this.decoding = new Decoding(
      (x, y) => codeAt(this.axes, this.base, x, y),
      (code, values) => this.decoded?.under.show(code, values),
      () => this.follower.changed(),
    );
    this.picks = this.makePicks();
    this.plane = this.makePlane();
    const { scan } = contents.header;
    this.scan = scan && new ScanPicture(scan, { enclose: (rows) => this.picks.select(rows), pick: (row) => this.find(row) });
    this.element = this.layOut(titled);
    this.setAxes(this.axes);
    this.setColour(this.colour);
    DARK.addEventListener("change", () => this.setColour(this.colour));
    this.picks.show();
  }

  private makePicks(): Picks {
    return new Picks(this.contents, this.side, {
      changed: () => this.picksChanged(),
      byUser: () => {
        this.follower.picked(this, this.picks.rows, this.picks.selected);
        this.follower.changed();
      },
      say: (text) => this.side.under.say(text),
      awaited: () => this.plane.element.focus(),
    });
  }

  private makePlane(): Plane {
    const { header, n } = this.contents;
    return new Plane(`${header.name}, ${header.recipe}: ${n} codes`, {
      cursor: (x, y, since) => {
        this.side.moved();
        void this.decoding.look(x, y, since);
      },
      pick: (row) => this.picks.pick(row),
      enclose: (rows) => this.picks.select(rows),
      moved: () => this.windowMoved(),
      key: (key) => this.key(key),
    });
  }

  private layOut(titled: boolean): HTMLElement {
    const { side } = this;
    const { header } = this.contents;
    const name = `${header.name} · ${header.recipe}`;
    const heading = titled ? [h("h3", { class: "stage-title" }, h("bdi", {}, name))] : [];
    return h(
      "div",
      { class: "stage", role: "group", "aria-label": name },
      h("div", { class: "bar-of-tools" }, ...heading, this.bar),
      h("div", { class: "wide" }, this.plane.element, this.outside, this.legend, ...(this.scan ? [this.scan.element] : [])),
      h("div", { class: "side" }, side.under.element, searchPanel(this.contents, (row) => this.find(row)), this.picks.element, this.picks.selection),
      h("div", { class: "more" }, this.others, h("p", { class: "note foot" }, side.foot), this.tools),
      side.under.status,
    );
  }

  /** What the cursor decodes to, for tests and the console. */
  get shown(): { code: Float32Array; values: Real } | null {
    return this.decoding.shown;
  }

  get selected(): readonly number[] | null {
    return this.picks.selected;
  }

  /** Use this model to decode from now on. */
  attach(model: Model): void {
    if (!this.decoded) return;
    const { contents, kind, density } = this.decoded;
    const space: Space = { contents, kind, model, density, goTo: (code) => this.goTo(code), trace: (codes) => this.trace(codes) };
    this.decoding.model = model;
    this.decoded.space = space;
    this.grid = new Grid(this.plane, space, (x, y) => codeAt(this.axes, this.base, x, y));
    // Of a run that finds how images lie, the page cannot tell the error of another image.
    if (kind.files && !this.contents.header.pose_names.length) {
      const own = new OwnPanel(space, kind.files, (code) => this.putOwn(code));
      own.acceptOn(this.element);
      this.tools.append(own.element);
    }
    this.tools.append(priorPanel(space));
    this.setGrid(this.gridShown);
    this.picks.show();
    if (this.plane.cursor) void this.decoding.look(...this.plane.cursor);
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
      ...(this.decoded && this.contents.d <= CARRIED ? { through: short(this.base) } : {}),
      ...this.picks.link(),
      ...(this.gridShown ? { grid: "1" } : {}),
    };
  }

  /** Show what a link says; what it does not say, or says wrong, stays. */
  follow(shown: Shown): void {
    const { contents, plane } = this;
    const through = numbers(shown["through"], contents.d);
    if (through) this.base = Float32Array.from(through);
    const frame = this.frames.find(({ name }) => name === shown["plane"]) ?? this.axes.frame;
    const [x, y] = numbers(shown["axes"], 2) ?? [0, 1];
    this.setAxes(axesIn(frame, x!, y!, contents.d));
    if (choices(contents, this.side.quantities).some(([key]) => key === shown["colour"])) this.setColour(shown["colour"]!);
    const rows = (text: string | undefined): number[] => (numbers(text) ?? []).filter((row) => Number.isInteger(row) && row >= 0 && row < contents.n);
    this.setPicks(rows(shown["pick"]).slice(0, this.side.most), shown["select"] ? rows(shown["select"]) : null);
    this.setGrid(shown["grid"] === "1");
    const window = numbers(shown["window"], 4);
    if (window && window[2]! > 0 && window[3]! > 0) plane.show(window as [number, number, number, number]);
    const at = numbers(shown["at"], 2) as [number, number] | null;
    if (at) {
      plane.cursor = at;
      void this.decoding.look(...at);
    }
    plane.draw();
  }

  /** Pick and select without telling others. */
  setPicks(picks: readonly number[], selected: readonly number[] | null): void {
    this.picks.set(picks, selected);
  }

  private picksChanged(): void {
    this.traced = null;
    const { rows, selected } = this.picks;
    const joined = this.side.joins(rows).map(({ to }) => to);
    this.plane.setChosen(selected ?? (joined.length ? [...rows, ...joined] : null));
    this.scan?.setChosen(selected, rows);
    this.mark();
  }

  /** The row nearest to the cursor, -1 if none is near. */
  private nearest(): number {
    const { cursor, view } = this.plane;
    return cursor ? this.plane.nearest(...view.toScreen(...cursor), NEAR) : -1;
  }

  /** Pick a row and bring it into the window. */
  private find(row: number): void {
    this.picks.pick(row);
    this.plane.reveal(...placeOf(this.axes, this.contents, row));
    this.plane.element.focus({ preventScroll: true });
  }

  private goTo(code: Float32Array): void {
    this.base = Float32Array.from(code);
    this.sliders?.show(this.base);
    const at = onPlane(this.axes, code);
    this.plane.cursor = at;
    this.plane.reveal(...at);
    this.moveThrough(at);
  }

  /** Show the plane through another code, the cursor at a place of it. */
  private moveThrough(at: readonly [number, number]): void {
    this.plane.cursor = at;
    this.plane.drawTop();
    void this.decoding.look(...at);
    if (this.gridShown) void this.grid?.draw();
  }

  /** Mark the user's own example on the plane. */
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
    const { contents, traced, axes, picks } = this;
    const markAt = ([x, y]: readonly [number, number], text: string): Mark => ({ x, y, text });
    const own = this.own ? [markAt(onPlane(axes, this.own), "★")] : [];
    this.plane.marks = [...picks.rows.map((row, i) => markAt(placeOf(axes, contents, row), LETTERS[i]!)), ...own];
    const steps = traced && picks.rows.length === 2 ? traced.length / contents.d : 0;
    this.plane.path = Array.from({ length: steps }, (_, i) => markAt(onPlane(axes, traced!.slice(i * contents.d, (i + 1) * contents.d)), ""));
    const place = (row: number): [number, number] => placeOf(axes, contents, row);
    this.plane.joins = this.side.joins(picks.rows).map(({ from, to, likely }) => ({ from: place(from), to: place(to), likely }));
    this.plane.drawTop();
  }

  private setAxes(axes: Axes): void {
    this.axes = axes;
    const { codes } = this.contents;
    this.plane.setPoints(...placesOf(axes, this.contents));
    this.sayOutside(this.plane.far.length);
    this.setDensity();
    this.sliders = sliders(axes, (k) => extent(coordinates(axes.frame, k, codes)), (k, to) => this.slide(k, to));
    this.sliders.show(this.base);
    this.others.replaceChildren(...(this.decoded ? [this.sliders.element] : []));
    this.plane.cursor = this.plane.cursor && onPlane(axes, this.base);
    this.mark();
    this.rebuildBar();
  }

  private sayOutside(n: number): void {
    const codes = n === 1 ? "One code lies far outside and is" : `${n.toLocaleString("en")} codes lie far outside and are`;
    this.outside.textContent = `${codes} drawn at the border: zoom out to see where.`;
    this.outside.hidden = !n;
  }

  private setDensity(): void {
    if (!this.decoded) return;
    const { frame, x, y } = this.axes;
    const along = this.decoded.density.onPlane(frame, x, y < 0 ? x : y);
    const shown = (px: number, py: number): number => along(px, y < 0 ? px : py);
    const [, most] = extent(this.plane.sampled(400).map(([px, py]) => shown(px, py)));
    this.plane.setDensity(shown, most || 1);
  }

  private slide(k: number, to: number): void {
    this.base = moved(this.axes.frame, k, this.base, to);
    this.moveThrough(this.plane.cursor ?? onPlane(this.axes, this.base));
  }

  private setColour(key: string): void {
    this.colour = key;
    const found = colouring(this.contents, this.side.quantities, key, DARK.matches);
    this.plane.setColours(found);
    this.scan?.setColours(found);
    this.legend.replaceChildren(legend(found, (rows) => this.picks.select(rows)));
    this.rebuildBar();
  }

  private setTool(tool: Tool): void {
    this.tool = this.plane.tool = tool;
    if (this.scan) this.scan.tool = tool;
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
    const controls = (): HTMLElement[] => [...this.bar.querySelectorAll<HTMLElement>("select, button")];
    const focused = controls().indexOf(document.activeElement as HTMLElement);
    this.bar.replaceChildren(
      toolbar(this.contents, this.side.quantities, this.frames, this.axes, this.colour, this.decoded && this.gridShown, this.tool, {
        colour: (key) => this.changed(() => this.setColour(key)),
        axes: (axes) => this.changed(() => this.setAxes(axes)),
        tool: (tool) => this.setTool(tool),
        grid: (shown) => this.changed(() => this.setGrid(shown)),
        zoom: (factor) => this.plane.zoom(factor),
        fit: () => this.plane.fit(),
        selectVisible: () => this.picks.select(this.plane.visible()),
      }),
    );
    if (focused >= 0) controls()[focused]?.focus();
  }

  private changed(change: () => void): void {
    change();
    if (this.plane.cursor) void this.decoding.look(...this.plane.cursor);
    this.follower.changed();
  }

  private key(key: string): boolean {
    if (key === "Escape") this.picks.clear();
    else if (key === "g" && this.decoded) this.changed(() => this.setGrid(!this.gridShown));
    else return false;
    return true;
  }
}
