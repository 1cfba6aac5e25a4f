import { expect, test } from "vitest";
import { Table } from "./table.js";

interface Row {
  readonly color: string | null;
}

function colors(rows: Readonly<Record<string, string | null>>): Table<Row> {
  const table = new Table<Row>({ color: (row) => row.color });
  for (const [key, color] of Object.entries(rows)) table.put(key, { color });
  return table;
}

test("a group holds the rows of one value, also after they changed", () => {
  const table = colors({ a: "red", b: "blue", c: "red", d: null });

  table.put("a", { color: "blue" });
  table.remove("c");

  expect(table.group("color", "red")).toEqual([]);
  expect(table.group("color", "blue")).toHaveLength(2);
  expect(table.all()).toHaveLength(3);
});

test("a layer shows its own changes over the table below, which does not see them", () => {
  const below = colors({ a: "red", b: "red", c: "blue" });
  const layer = below.layer();

  layer.put("a", { color: "blue" });
  layer.remove("b");
  layer.put("d", { color: "red" });

  expect([layer.get("a"), layer.get("b"), layer.get("c")]).toEqual([{ color: "blue" }, undefined, { color: "blue" }]);
  expect(layer.group("color", "red")).toEqual([{ color: "red" }]);
  expect(layer.group("color", "blue")).toHaveLength(2);
  expect(layer.all()).toHaveLength(3);
  expect(below.group("color", "red")).toHaveLength(2);
  expect(below.get("d")).toBeUndefined();
});

test("an applied layer is what the table below has become", () => {
  const below = colors({ a: "red", b: "red" });
  const layer = below.layer();
  layer.remove("a");
  layer.put("a", { color: "green" });
  layer.remove("b");

  layer.apply();

  expect(below.all()).toEqual([{ color: "green" }]);
  expect(below.group("color", "red")).toEqual([]);
});
