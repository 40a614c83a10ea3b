/** The controls around the plane: axes, colours, and sliders for the other dimensions. */

import type { Axes } from "./axes";
import { choices, type Colouring } from "./colours";
import type { Contents } from "./contents";
import { choice, h, inPrint, toggle } from "./dom";
import { coordinate, type Frame } from "./frame";
import type { Tool } from "./plane";
import type { Quantity } from "./samples/kind";

export interface Actions {
  colour(key: string): void;
  axes(axes: Axes): void;
  tool(tool: Tool): void;
  grid(shown: boolean): void;
  zoom(factor: number): void;
  fit(): void;
  selectVisible(): void;
}

/** `grid` is whether it is shown, null where there is none. */
export function toolbar(contents: Contents, quantities: readonly Quantity[], frames: readonly Frame[], axes: Axes, colour: string, grid: boolean | null, tool: Tool, actions: Actions): HTMLElement {
  const tools: readonly (readonly [Tool, string])[] = [["look", "Look"], ["box", "Box"], ["lasso", "Lasso"]];
  const buttons = tools.map(([name, text]) => toggle(text, name === tool, () => press(name)));
  const press = (name: Tool): void => {
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(tools[i]![0] === name)));
    actions.tool(name);
  };
  const button = (text: string, name: string, click: () => void): HTMLElement =>
    h("button", { type: "button", "aria-label": name, title: name, click }, text);
  return h(
    "div",
    { class: "toolbar" },
    choice("Colour", choices(contents, quantities), colour, actions.colour).element,
    ...axisChoices(frames, axes, actions),
    h("div", { class: "group", role: "group", "aria-label": "what dragging does" }, ...buttons),
    ...(grid === null ? [] : [toggle("Grid", grid, actions.grid)]),
    h(
      "div",
      { class: "group", role: "group", "aria-label": "window" },
      button("−", "zoom out", () => actions.zoom(0.8)),
      button("+", "zoom in", () => actions.zoom(1.25)),
      button("All", "show all points", actions.fit),
      button("Select", "select all points that the window shows", actions.selectVisible),
    ),
  );
}

const NAMES = { principal: "principal directions", code: "latent dimensions" } as const;

function axisChoices(frames: readonly Frame[], axes: Axes, actions: Actions): HTMLElement[] {
  if (axes.y < 0) return [];
  const frameChoice = choice("Plane", frames.map((frame) => [frame.name, NAMES[frame.name]] as const), axes.frame.name, (name) =>
    actions.axes({ frame: frames.find((frame) => frame.name === name)!, x: 0, y: 1 }),
  );
  if (axes.frame.directions.length < 3) return [frameChoice.element];
  const options = axes.frame.labels.map((label, k) => [String(k), label] as const);
  const other = (k: number, taken: number, before: number): number => (k === taken ? before : taken);
  const x = choice("→", options, String(axes.x), (k) => actions.axes({ ...axes, x: Number(k), y: other(Number(k), axes.y, axes.x) }));
  const y = choice("↑", options, String(axes.y), (k) => actions.axes({ ...axes, y: Number(k), x: other(Number(k), axes.x, axes.y) }));
  x.select.setAttribute("aria-label", "rightwards");
  y.select.setAttribute("aria-label", "upwards");
  return [frameChoice.element, x.element, y.element];
}

/** What the colours mean; a class is selected by pressing it. */
export function legend({ entries, ends, palette, lacks }: Colouring, select: (rows: readonly number[]) => void): HTMLElement {
  const element = h("div", { class: "legend" });
  for (const { name, colour, rows } of entries) {
    const swatch = h("span", { class: "swatch" });
    swatch.style.background = colour;
    const title = `select the ${rows.length.toLocaleString("en")} of ${name}`;
    element.append(h("button", { type: "button", title, click: () => select(rows) }, swatch, h("bdi", {}, name)));
  }
  if (ends) {
    const ramp = h("span", { class: "ramp" });
    ramp.style.background = `linear-gradient(90deg, ${palette.slice(0, -1).join(",")})`;
    element.append(h("span", {}, ends[0]), ramp, h("span", {}, ends[1]), h("span", { class: "note" }, "by rank"));
  }
  if (lacks) element.append(h("span", { class: "note" }, lacks));
  return element;
}

/** Dimensions that have a slider, at most. */
const SLIDERS = 16;

export interface Sliders {
  readonly element: HTMLElement;
  /** Show where `code` is. */
  show(code: Float32Array): void;
}

/** A slider for each direction that is not on the plane. */
export function sliders(axes: Axes, spans: (k: number) => readonly [number, number], onMove: (k: number, to: number) => void): Sliders {
  const others = axes.frame.directions.map((_, k) => k).filter((k) => k !== axes.x && k !== axes.y);
  const shown = others.slice(0, SLIDERS);
  const made = shown.map((k) => {
    const [min, max] = spans(k);
    const name = axes.frame.labels[k]!;
    const input = h("input", { type: "range", min, max, step: "any", "aria-label": name });
    const value = h("output", {});
    input.addEventListener("input", () => {
      value.textContent = inPrint(input.valueAsNumber);
      onMove(k, input.valueAsNumber);
    });
    return { k, input, value, element: h("div", { class: "slider" }, h("span", { "aria-hidden": "true" }, name), input, value) };
  });
  const more = others.length > shown.length ? ` (the first ${SLIDERS} of ${others.length})` : "";
  const element = h("details", { class: "sliders", open: true }, h("summary", {}, `The other dimensions${more}`), h("div", {}, ...made.map(({ element }) => element)));
  element.hidden = !others.length;
  return {
    element,
    show(code) {
      for (const { k, input, value } of made) {
        const at = coordinate(axes.frame, k, code);
        input.value = String(at);
        value.textContent = inPrint(at);
      }
    },
  };
}
