import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Errors } from "@hotmesh/sdk";
import { expect, test } from "vitest";

const page = readFileSync(resolve(import.meta.dirname, "../docs/errors.md"), "utf8");

test("the page of errors has every kind, with its code and whether a call may be made again, and no other", () => {
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \| (yes|no) \| .+ \| .+ \|$/gm)];

  const told = rows.map(([, kind, code, again]) => ({ kind, code: Number(code), retryable: again === "yes" }));

  expect(told).toEqual(Object.entries(Errors.errorKinds).map(([kind, row]) => ({ kind, ...row })));
});

test("the page of errors has every class, and no other", () => {
  const rows = [...page.matchAll(/^\| `([A-Z]\w+Error)` \|/gm)].map(([, name = ""]) => name);

  const classes = Object.keys(Errors).filter((name) => name.endsWith("Error") && name !== "classifyError");

  expect(rows.sort()).toEqual(classes.sort());
});
