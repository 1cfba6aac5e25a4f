import { expect, test } from "vitest";
import * as sdk from "../index.js";

const { Durable, HotMesh } = sdk;

test("Durable has these members, and no other", () => {
  expect(Object.keys(Durable).sort()).toEqual([
    "Client",
    "Connection",
    "Entity",
    "Handle",
    "Search",
    "Worker",
    "activity",
    "clearActivityInboundInterceptors",
    "clearInterceptors",
    "clearOutboundInterceptors",
    "didInterrupt",
    "guid",
    "listWorkerRoles",
    "provisionWorkerRole",
    "registerActivityInboundInterceptor",
    "registerActivityInterceptor",
    "registerActivityWorker",
    "registerCodec",
    "registerInboundInterceptor",
    "registerInterceptor",
    "registerOutboundInterceptor",
    "revokeWorkerRole",
    "rotateWorkerPassword",
    "shutdown",
    "uuid",
    "workflow",
  ]);
});

test("C26 codec and worker roles are those of HotMesh, and the parts those of the package", () => {
  const names = [
    "registerCodec",
    "provisionWorkerRole",
    "rotateWorkerPassword",
    "revokeWorkerRole",
    "listWorkerRoles",
  ] as const;
  for (const name of names) expect(Durable[name]).toBe(HotMesh[name]);
  const { Client, Connection, Worker, WorkflowHandle: Handle, workflow, Search, Entity } = sdk;
  expect(Durable).toMatchObject({ Client, Connection, Worker, Handle, workflow, Search, Entity });
  expect(workflow.proxyActivities).toBe(sdk.proxyActivities);
});

test("an alias is the same function", () => {
  const { workflow } = Durable;

  expect(workflow.waitFor).toBe(workflow.condition);
  expect(workflow.sleepFor).toBe(workflow.sleep);
  expect(workflow.execChild).toBe(workflow.executeChild);
  expect(workflow.interrupt).toBe(workflow.terminate);
  expect(Durable.didInterrupt).toBe(workflow.didInterrupt);
  expect(Durable.registerInterceptor).toBe(Durable.registerInboundInterceptor);
  expect(Durable.registerActivityInterceptor).toBe(Durable.registerOutboundInterceptor);
});

test("ids are random, and as long as they are asked for", () => {
  expect(Durable.guid()).toMatch(/^H[\w-]{22}$/);
  expect(Durable.guid(8)).toMatch(/^H[\w-]{8}$/);
  expect(Durable.guid(99)).toMatch(/^H[\w-]{32}$/);
  expect(Durable.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(Array.from({ length: 100 }, () => Durable.guid())).size).toBe(100);
});
