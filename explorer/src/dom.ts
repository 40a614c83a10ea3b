/** Elements made in one line. What a person wrote becomes text, never markup. */

type Value = string | number | boolean | undefined | ((event: never) => void);

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Value> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value as EventListener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/** A choice of one among several, with its name in front. */
export function choice(
  name: string,
  options: readonly (readonly [value: string, text: string])[],
  chosen: string,
  onChange: (value: string) => void,
): { element: HTMLLabelElement; select: HTMLSelectElement } {
  const select = h("select", { change: () => onChange(select.value) });
  for (const [value, text] of options) select.append(h("option", { value, selected: value === chosen }, text));
  return { element: h("label", { class: "choice" }, h("span", {}, name), select), select };
}

/** A button that stays pressed. */
export function toggle(text: string, pressed: boolean, onChange: (pressed: boolean) => void): HTMLButtonElement {
  const button = h("button", { type: "button", "aria-pressed": String(pressed) }, text);
  button.addEventListener("click", () => {
    const now = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(now));
    onChange(now);
  });
  return button;
}

/** A number as people read it: four digits that count. */
export function inPrint(value: number): string {
  if (!Number.isFinite(value)) return "missing";
  const grouped = Math.round(Math.abs(value)) >= 10_000 && Math.abs(value) < 1e15;
  const text = grouped ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(4)));
  return text.replace("-", "−");
}

/** Hand a text to the reader as a file. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
