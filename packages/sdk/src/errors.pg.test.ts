import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Errors, HotMesh, type HotMeshError } from "./index.js";
import { closedCases, methodsWithCases } from "./testing/error-cases/closed-cases.js";
import { type ErrorCase, expectError } from "./testing/error-cases/error-case.js";
import { ErrorScene } from "./testing/error-cases/error-scene.js";
import { functionCases } from "./testing/error-cases/function-cases.js";
import { initCases } from "./testing/error-cases/init-cases.js";
import { jobCases } from "./testing/error-cases/job-cases.js";
import { loggedCases } from "./testing/error-cases/logged-cases.js";
import { meshCases } from "./testing/error-cases/mesh-cases.js";
import { readCases } from "./testing/error-cases/read-cases.js";
import { roleCases } from "./testing/error-cases/role-cases.js";
import { storageCases } from "./testing/error-cases/storage-cases.js";
import { versionCases } from "./testing/error-cases/version-cases.js";
import { workflowCases } from "./testing/error-cases/workflow-cases.js";

const chapters: Readonly<Record<string, readonly ErrorCase[]>> = {
  "init and configuration": initCases,
  "running jobs": jobCases,
  versions: versionCases,
  "reads and statistics": readCases,
  "quorum and throttle": meshCases,
  "without an engine, and after stop": closedCases,
  "storage and administration": storageCases,
  "worker roles": roleCases,
  "logged and never thrown": loggedCases,
  "workflow functions": functionCases,
  "workflows and activities": workflowCases,
};
const all = Object.values(chapters).flat();

let scene: ErrorScene;

beforeAll(async () => {
  scene = await ErrorScene.open("errors");
});

afterAll(() => scene.close());

describe.each(Object.entries(chapters))("A7 %s", (_, cases) => {
  test.each(cases)("$name ends in $kind", (given) => expectError(given, scene));
});

test("A7 every kind of error is produced by a case, and no other", () => {
  expect([...new Set(all.map(({ kind }) => kind))].sort()).toEqual(Object.keys(Errors.errorKinds).sort());
});

test("A7 every class of error is produced by a case", () => {
  const classes = Object.values(Errors).filter((exported) => typeof exported === "function" && isErrorClass(exported));
  const base: unknown = Errors.HotMeshError;

  const produced = new Set<unknown>([base, ...all.flatMap(({ type }) => (type === undefined ? [] : [type]))]);

  expect([...produced].map(nameOf).sort()).toEqual(classes.map(nameOf).sort());
});

test("A7 every method of an instance says that it has been stopped", () => {
  const methods = Object.entries(Object.getOwnPropertyDescriptors(HotMesh.prototype)).flatMap(([name, { value }]) =>
    typeof value === "function" && name !== "constructor" && name !== "stop" ? [name] : [],
  );

  expect([...methodsWithCases].sort()).toEqual(methods.sort());
});

function isErrorClass(exported: object): boolean {
  return "prototype" in exported && exported.prototype instanceof Error;
}

function nameOf(type: unknown): string {
  return (type as new () => HotMeshError).name;
}
