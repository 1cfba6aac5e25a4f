import { type Activation, HotMeshError } from "@hotmesh/core";
import { liveMesh, untilServed } from "../durable/activate-functions.js";
import type { HotMesh } from "../hotmesh.js";
import type { Mesh } from "../mesh.js";
import { callTopic, virtualDocument, virtualVersion } from "./graphs.js";

/**
 * Sees to it that a namespace has the graphs of {@link virtualDocument}, or newer ones. `mayDeploy: false`: waits until
 * somebody else has done it.
 */
export async function activateGraphs(hotMesh: HotMesh, mayDeploy: boolean): Promise<void> {
  const mesh = liveMesh(hotMesh);
  await untilServed(mesh, {
    isServed: async () => isServed(mesh, hotMesh.appId, await mesh.store.activation()),
    deploy: mayDeploy ? () => deployGraphs(hotMesh, mesh) : null,
  });
}

/** Whether calls can start on what is active. Throws when that is something else. */
async function isServed({ store }: Mesh, appId: string, active: Activation | null): Promise<boolean> {
  if (active === null) return false;
  const plan = (await store.loadPlans(new Set([active.plan]))).get(active.plan);
  if (plan?.graphs.some(({ topic }) => topic === callTopic) === true) {
    return Number(active.version) >= Number(virtualVersion);
  }
  const advice = "network functions need a namespace of their own";
  throw new HotMeshError("invalid-config", `app ${appId} runs something else, version ${active.version}; ${advice}`);
}

async function deployGraphs(hotMesh: HotMesh, { store, presence }: Mesh): Promise<void> {
  await hotMesh.deploy(virtualDocument(hotMesh.appId)).catch((error: unknown) => {
    // Somebody else was quicker.
    if (!HotMeshError.is(error) || error.kind !== "version-active") throw error;
  });
  // Without roll calls: an app that has just come to be has nobody who runs another version.
  await store.activate(virtualVersion);
  presence.engine?.activations.forget();
}
