import { codePlan, codePlanVersion, HotMeshError, type Store } from "@hotmesh/core";
import { afterEach, expect, test, vi } from "vitest";
import { HotMesh } from "../hotmesh.js";
import { meshes } from "../meshes.js";
import { memoryMesh } from "../testing/mesh.js";
import { activateFunctions, deployFunctions, isVersion, liveMesh } from "./activate-functions.js";

afterEach(() => HotMesh.stop());

async function opened() {
  const mesh = memoryMesh("studio");
  const hotMesh = await mesh.join("here", []);
  return { ...mesh, hotMesh, store: mesh.store.store, own: meshes.get(hotMesh)?.store as Store<object> };
}

test("what functions need is deployed and activated, once", async () => {
  const { hotMesh, store } = await opened();

  await activateFunctions(hotMesh, true);
  await activateFunctions(hotMesh, true);

  expect(await store.activation()).toMatchObject({ version: codePlanVersion, epoch: 1 });
});

test("something newer stays, and something older does not", async () => {
  const { hotMesh, store } = await opened();
  await deployFunctions(hotMesh, "0");
  await activateFunctions(hotMesh, true);
  expect(await store.activation()).toMatchObject({ version: codePlanVersion });

  await deployFunctions(hotMesh, "99");
  await activateFunctions(hotMesh, true);

  expect(await store.activation()).toMatchObject({ version: "99" });
});

test("who may not deploy waits until somebody else has done it", async () => {
  const { hotMesh, store, pass } = await opened();
  let isReady = false;
  const waiting = activateFunctions(hotMesh, false).then(() => {
    isReady = true;
  });
  await pass(1_000);
  expect(isReady).toBe(false);

  await store.deploy(codePlan("studio"));
  await store.activate(codePlanVersion);
  await pass(200);

  await waiting;
  expect(await store.versions()).toHaveLength(1);
});

test("after five seconds the wait is over", async () => {
  const { hotMesh, pass } = await opened();
  const failed = activateFunctions(hotMesh, false).catch((error: unknown) => error);

  await pass(5_200);

  expect(await failed).toMatchObject({ kind: "not-active", message: "Workflow failed to activate" });
});

test("what may pass is tried again, and everything else is told at once", async () => {
  const { hotMesh, own, pass, store } = await opened();
  const deploy = vi.spyOn(own, "deploy");
  deploy.mockRejectedValueOnce(new HotMeshError("storage-busy", "others are in the way"));
  const activating = activateFunctions(hotMesh, true);
  await pass(200);
  await activating;
  expect(await store.activation()).not.toBeNull();

  vi.spyOn(own, "activation").mockRejectedValueOnce(new HotMeshError("storage-failed", "no rights"));
  await expect(activateFunctions(hotMesh, true)).rejects.toMatchObject({ kind: "storage-failed" });
});

test("a version is a number", () => {
  expect(["1", "12", "", "soon", "1.0", "-1"].map(isVersion)).toEqual([true, true, false, false, false, false]);
});

test("an instance that has been stopped is no use", async () => {
  const { hotMesh } = await opened();
  await hotMesh.stop();

  expect(() => liveMesh(hotMesh)).toThrow(expect.objectContaining({ kind: "stopped" }));
});
