import { applyEntity, applySearch, type Json, type JsonObject, type SearchFields } from "@hotmesh/core";
import { expect, test } from "vitest";
import { Entity } from "./entity.js";
import type { StoredObject } from "./replay/stored-object.js";
import { Search } from "./search.js";

/** What the engine does with the calls of an object. */
function entityOf(first: JsonObject | null = null): Entity {
  let document = first;
  return new Entity(
    storedAs((method, given) => {
      const applied = applyEntity(document, method, given);
      document = applied.document;
      return applied.result;
    }),
  );
}

function searchOf(first: SearchFields = {}): Search {
  let fields = first;
  return new Search(
    storedAs((method, given) => {
      const applied = applySearch(fields, method, given);
      fields = applied.fields;
      return applied.result;
    }),
  );
}

function storedAs(apply: (method: string, given: readonly Json[]) => Json | undefined): StoredObject {
  return {
    operate: async (method, ...given) => {
      const result = apply(method, JSON.parse(JSON.stringify(given)));
      return result === undefined ? undefined : JSON.parse(JSON.stringify(result));
    },
  };
}

test("every method of an entity reaches the document", async () => {
  const entity = entityOf();

  expect(await entity.get()).toEqual({});
  expect(await entity.set({ name: "kiln", lots: [2] })).toEqual({ name: "kiln", lots: [2] });
  expect(await entity.merge({ by: { who: "Ana" } })).toEqual({ name: "kiln", lots: [2], by: { who: "Ana" } });
  expect(await entity.append("lots", 3)).toEqual([2, 3]);
  expect(await entity.prepend("lots", 1)).toEqual([1, 2, 3]);
  expect(await entity.remove("lots", -1)).toEqual([1, 2]);
  expect(await entity.increment("fired")).toBe(1);
  expect(await entity.increment("fired", 4)).toBe(5);
  expect(await entity.toggle("lit")).toBe(true);
  expect(await entity.setIfNotExists("by.who", "Ben")).toBe("Ana");
  expect(await entity.get("by.who")).toBe("Ana");
  expect(await entity.get("none")).toBeUndefined();
  expect(await entity.delete("by")).toEqual({ name: "kiln", lots: [1, 2], fired: 5, lit: true });
});

test("every method of a search reaches the fields", async () => {
  const search = searchOf({ _old: "1" });

  expect(await search.set({ a: "x", b: 2 })).toBe(2);
  expect(await search.set("a", "y", "c", "z")).toBe(1);
  expect(await search.get("a")).toBe("y");
  expect(await search.get("none")).toBe("");
  expect(await search.mget("b", "none", "old")).toEqual(["2", "", "1"]);
  expect(await search.incr("counter", 10)).toBe(10);
  expect(await search.incr("counter", 101)).toBe(111);
  expect(await search.mult("product", 12)).toBe(12);
  expect(await search.mult("product", 10)).toBe(120);
  expect(await search.del("a", "none")).toBe(1);
});

test("statics say what they need when they are given something else", async () => {
  const other = { namespace: "hmsh", appId: "shop" };

  await expect(Entity.find("user", {}, other)).rejects.toThrow("Entity.find needs a HotMesh instance on PostgreSQL");
  await expect(Search.findAllUserData("a", other)).rejects.toThrow("needs a HotMesh instance");
  await expect(Search.listSearchIndexes(other)).resolves.toEqual([]);
  await expect(Search.configureSearchIndex(other, { index: "users" })).resolves.toBeUndefined();
});
