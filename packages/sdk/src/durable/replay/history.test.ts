import { type PassRecord, rootAddress } from "@hotmesh/core";
import { expect, test } from "vitest";
import { recordsOf } from "./history.js";

const record = { name: "charge", hash: "h", seq: 1, data: 2, ac: "a", au: "b" };

function pass(activity: string, at: string, output: PassRecord["output"] = record): PassRecord {
  const nothing = { topic: null, open: false, hook: null, metadata: {}, input: null, completedAt: null } as const;
  const ids = { job: "order-1", generation: "G1", address: at, startedAt: 0 } as unknown as PassRecord;
  return { ...ids, ...nothing, activity, type: activity, output };
}

test("the records of a function are the passes right below the address of its turn, and of its objects", () => {
  const at = `${rootAddress},0,1`;

  const records = recordsOf(
    [
      pass("main", at, null),
      pass("proxy", `${at},12`),
      pass("search", `${at},13,2`),
      pass("proxy", `${rootAddress},0,10,1`),
      pass("proxy", `${at},1,2,3`),
      pass("door", `${at},4`),
      pass("sleep", `${at},5`, null),
    ],
    at,
  );

  expect(records).toEqual([
    { kind: "proxy", n: 12, record },
    { kind: "search", n: 13, place: 2, record },
  ]);
});
