import { describe, expect, it } from "vitest";
import { choices, colouring } from "../src/colours";
import { placed, posesOf } from "../src/poses";
import { contents } from "./data";

const IMAGE = [1, 2, 3, 4, 5, 6, 7, 8, 9];

function made(names: string[], poses: number[]): ReturnType<typeof contents> {
  return contents({ pose_names: names, shape: [3, 3] }, { poses: Float32Array.from(poses) });
}

describe("poses", () => {
  it("colour points", () => {
    const page = made(["angle", "scale"], [10, 1, -20, 1, 30, 1, 170, 2]);
    const quantities = posesOf(page);
    expect(choices(page, quantities).map(([, name]) => name)).toEqual(["label", "error", "angle (degrees)", "scale", "one colour"]);
    expect(quantities[0]!.of(null, 3)).toBe(170);
    expect(colouring(page, quantities, "quantity 0", false).ends).toEqual(["−20", "170"]);
    expect(posesOf(contents())).toEqual([]);
  });

  it("turn a decoded image back, from the x axis to the y axis, which points down", () => {
    const turned = placed(IMAGE, made(["angle"], [0, 90, 0, 0]), 1);
    [7, 4, 1, 8, 5, 2, 9, 6, 3].forEach((value, i) => expect(turned[i]).toBeCloseTo(value, 4));
  });

  it("shift it, and repeat its outermost pixels", () => {
    const page = made(["shift_x", "shift_y"], [1, 0, 0, -1, 0, 0, 0, 0]);
    expect([...placed(IMAGE, page, 0)]).toEqual([1, 1, 2, 4, 4, 5, 7, 7, 8]);
    expect([...placed(IMAGE, page, 1)]).toEqual([4, 5, 6, 7, 8, 9, 7, 8, 9]);
  });

  it("enlarge it about its middle", () => {
    expect([...placed(IMAGE, made(["scale"], [2, 1, 1, 1]), 0)]).toEqual([3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7]);
  });
});
