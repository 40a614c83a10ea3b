/** Pointer, wheel and keys on the plane. */

import { box } from "./lasso";
import type { Plane } from "./plane";

/** Pixels that a pointer may move before a click is a drag. */
const STILL = 4;
/** Pixels within which the keyboard finds a point. */
export const NEAR = 40;

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const ZOOMS: Readonly<Record<string, number>> = { "+": 1.25, "=": 1.25, "-": 0.8 };

type Place = readonly [px: number, py: number];

export class Gestures {
  private readonly pointers = new Map<number, Place>();
  private wandered = 0;

  constructor(private readonly plane: Plane) {
    const { element } = plane;
    element.addEventListener("pointerdown", (event) => this.down(event));
    element.addEventListener("pointermove", (event) => this.move(event));
    // Where a browser has this event, it comes before the next frame, so that the example is decoded in time for it.
    element.addEventListener("pointerrawupdate", (event) => this.hover(event as PointerEvent));
    element.addEventListener("pointerup", (event) => this.up(event));
    element.addEventListener("pointercancel", (event) => this.pointers.delete(event.pointerId));
    element.addEventListener("keydown", (event) => this.press(event));
    element.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  private placeOf(event: MouseEvent): Place {
    const { left, top } = this.plane.element.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  private down(event: PointerEvent): void {
    this.plane.element.setPointerCapture(event.pointerId);
    const place = this.placeOf(event);
    this.pointers.set(event.pointerId, place);
    this.wandered = 0;
    this.plane.outline = this.plane.tool === "look" || this.pointers.size > 1 ? [] : [place];
    this.hover(event);
  }

  private move(event: PointerEvent): void {
    const place = this.placeOf(event);
    const before = this.pointers.get(event.pointerId);
    if (before) {
      const step = [place[0] - before[0], place[1] - before[1]] as const;
      this.wandered += Math.hypot(...step);
      if (this.pointers.size === 2) this.pinch(event.pointerId, place);
      else if (this.plane.outline.length) this.surround(place);
      else if (event.pointerType === "mouse" && this.wandered > STILL) this.plane.pan(...step);
      this.pointers.set(event.pointerId, place);
    }
    this.hover(event);
  }

  private hover(event: PointerEvent): void {
    const { plane } = this;
    if (plane.tool !== "look" || this.pointers.size > 1) return;
    const [x, y] = plane.view.toPlane(...this.placeOf(event));
    if (plane.cursor?.[0] !== x || plane.cursor[1] !== y) plane.point(x, y, event.timeStamp);
  }

  private up(event: PointerEvent): void {
    if (!this.pointers.delete(event.pointerId)) return;
    const { plane } = this;
    const drawn = plane.outline;
    plane.outline = [];
    if (plane.tool !== "look" && this.wandered > STILL) {
      if (drawn.length > 2) plane.enclose(drawn);
    } else if (this.wandered <= STILL && event.button === 0) plane.pickAt(...this.placeOf(event));
    plane.drawTop();
  }

  private pinch(id: number, place: Place): void {
    const [other] = [...this.pointers].filter(([key]) => key !== id).map(([, at]) => at);
    const before = this.pointers.get(id)!;
    const apart = (at: Place): number => Math.hypot(at[0] - other![0], at[1] - other![1]);
    const middle = [(place[0] + other![0]) / 2, (place[1] + other![1]) / 2] as const;
    this.plane.view.pan((place[0] - before[0]) / 2, (place[1] - before[1]) / 2);
    this.plane.view.zoomAt(...middle, apart(place) / Math.max(1, apart(before)));
    this.plane.draw();
  }

  private surround(place: Place): void {
    const { outline, tool } = this.plane;
    this.plane.outline = tool === "box" ? box(outline[0]!, place) : [...outline, place];
    this.plane.drawTop();
  }

  private wheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== this.plane.element) return;
    event.preventDefault();
    this.plane.view.zoomAt(...this.placeOf(event), Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)));
    this.plane.draw();
  }

  private press(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { plane } = this;
    const [arrow, zoom] = [ARROWS[event.key], ZOOMS[event.key]];
    if (arrow) this.step(arrow, event.shiftKey ? 0.1 : 0.01, event.timeStamp);
    else if (zoom) plane.zoom(zoom);
    else if (event.key === "0") plane.fit();
    else if (event.key === "Enter" && plane.cursor) plane.pickAt(...plane.view.toScreen(...plane.cursor), NEAR);
    else if (!plane.events.key(event.key)) return;
    event.preventDefault();
  }

  /** Move the cursor by a share of the window. */
  private step([right, down]: readonly [number, number], share: number, since: number): void {
    const { view, cursor } = this.plane;
    const [x, y] = view.toScreen(...(cursor ?? [view.x, view.y]));
    const place = [clamp(x + right * share * view.width, view.width), clamp(y + down * share * view.height, view.height)] as const;
    this.plane.point(...view.toPlane(...place), since);
  }
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}
