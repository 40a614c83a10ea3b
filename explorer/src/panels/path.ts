/** Two points: the straight path between their codes, as a strip and as an animation. */

import { h } from "../dom";
import { pathCodes } from "../frame";
import { nth, type Space, strip } from "../space";

/** Examples in the strip, and in the animation. */
const STEPS = 8;
const FRAMES = 57;
/** Milliseconds that the animation takes one way. */
const DURATION = 2400;

export async function pathPanel(space: Space, a: number, b: number): Promise<HTMLElement> {
  const { contents, model, kind } = space;
  const codes = pathCodes(contents.code(a), contents.code(b), FRAMES);
  const values = await model.decode(codes);
  const few = pathCodes(contents.code(a), contents.code(b), STEPS);
  const fewValues = await model.decode(few);
  const shown = kind.showing("the example on the path");
  const slider = h("input", { type: "range", min: 0, max: FRAMES - 1, step: 1, value: 0, "aria-label": "place on the path from A to B" });
  const show = (): void => shown.show(nth(space, values, slider.valueAsNumber));
  slider.addEventListener("input", show);
  show();
  space.trace(codes);
  return h(
    "div",
    {},
    h("p", { class: "what" }, "A straight path through latent space from A to B"),
    strip(space, few, fewValues, (i) => `step ${i + 1} of ${STEPS} from A to B`),
    shown.element,
    h("div", { class: "row" }, playButton(slider, show), slider),
  );
}

/** Plays forwards and backwards while it is pressed. */
function playButton(slider: HTMLInputElement, show: () => void): HTMLButtonElement {
  const button = h("button", { type: "button", "aria-pressed": "false" }, "Play");
  button.addEventListener("click", () => {
    const playing = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(playing));
    button.textContent = playing ? "Stop" : "Play";
    const start = performance.now();
    const turn = (now: number): void => {
      if (button.getAttribute("aria-pressed") !== "true" || !button.isConnected) return;
      const phase = ((now - start) / DURATION) % 2;
      slider.value = String(Math.round((phase < 1 ? phase : 2 - phase) * (FRAMES - 1)));
      show();
      requestAnimationFrame(turn);
    };
    if (playing) requestAnimationFrame(turn);
  });
  return button;
}
