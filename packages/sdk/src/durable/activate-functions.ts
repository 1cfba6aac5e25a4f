import {
  type Activation,
  after,
  Canceller,
  codePlan,
  codePlanVersion,
  HotMeshError,
  type Plan,
  runTopic,
} from "@hotmesh/core";
import type { HotMesh } from "../hotmesh.js";
import type { Mesh } from "../mesh.js";
import { meshes } from "../meshes.js";

/** How long another process may take to activate. */
const patienceMs = 5_000;
const pauseMs = 100;

/**
 * Sees to it that a namespace runs functions: deploys and activates what it needs, unless that or something newer is
 * active. `mayDeploy: false`: waits until somebody else has done it.
 */
export async function activateFunctions(hotMesh: HotMesh, mayDeploy: boolean): Promise<void> {
  const mesh = liveMesh(hotMesh);
  await untilServed(mesh, {
    isServed: async () => isServed(mesh, hotMesh.appId, await mesh.store.activation()),
    deploy: mayDeploy ? () => deployFunctions(hotMesh, codePlanVersion) : null,
  });
}

/** How it is known that an app has what it needs, and how it comes to that; null: somebody else sees to it. */
export interface Needs {
  readonly isServed: () => Promise<boolean>;
  readonly deploy: (() => Promise<void>) | null;
}

/** Resolves when an app has what it needs. Throws `not-active` (409) when it has not after five seconds. */
export async function untilServed({ clock }: Pick<Mesh, "clock">, { isServed, deploy }: Needs): Promise<void> {
  const lastAt = after(clock.now(), patienceMs);
  let cause: unknown;
  for (;;) {
    try {
      if (await isServed()) return;
      if (deploy !== null) {
        await deploy();
        return;
      }
    } catch (error) {
      if (!HotMeshError.is(error) || !error.retryable) throw error;
      cause = error;
    }
    if (clock.now() >= lastAt) break;
    await clock.sleep(after(clock.now(), pauseMs), new Canceller());
  }
  const options = cause === undefined ? {} : { cause };
  throw new HotMeshError("not-active", "Workflow failed to activate", options);
}

/** Deploys a version and activates it; both again is nothing new. */
export async function deployFunctions(hotMesh: HotMesh, version: string): Promise<void> {
  const { store, presence } = liveMesh(hotMesh);
  await store.deploy(codePlan(hotMesh.appId, version));
  await store.activate(version);
  presence.engine?.activations.forget();
}

/** True for what `deployAndActivate` takes as a version. */
export function isVersion(version: string): boolean {
  return /^[0-9]{1,15}$/.test(version);
}

/** Throws `stopped` (409) for an instance that has been stopped. */
export function liveMesh(hotMesh: HotMesh): Mesh {
  const mesh = meshes.get(hotMesh);
  if (mesh !== undefined) return mesh;
  throw new HotMeshError("stopped", "the instance has been stopped; ask for a new one");
}

/** Whether functions can start on what is active. Throws when it is something that is not made for functions. */
async function isServed(mesh: Mesh, appId: string, active: Activation | null): Promise<boolean> {
  if (active === null) return false;
  const plan: Plan | undefined = (await mesh.store.loadPlans(new Set([active.plan]))).get(active.plan);
  if (plan?.graphs.some(({ topic }) => topic === runTopic) === true) {
    return Number(active.version) >= Number(codePlanVersion);
  }
  const advice = "workflow functions need a namespace of their own";
  throw new HotMeshError("invalid-config", `app ${appId} runs graphs, of version ${active.version}; ${advice}`);
}
