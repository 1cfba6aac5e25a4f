import type { HotMesh } from "../../index.js";
import type { ErrorCase } from "./error-case.js";
import type { ErrorScene } from "./error-scene.js";

/** Every method that needs an engine. */
const engineCalls: Readonly<Record<string, (mesh: HotMesh) => Promise<unknown>>> = {
  deploy: (mesh) => mesh.deploy("app: {}"),
  plan: (mesh) => mesh.plan("app: {}"),
  activate: (mesh) => mesh.activate("1"),
  pub: (mesh) => mesh.pub("t"),
  pubsub: (mesh) => mesh.pubsub("t"),
  add: (mesh) => mesh.add({ metadata: { guid: "g", aid: "a" }, data: {} }),
  signal: (mesh) => mesh.signal("t", {}),
  signalAll: (mesh) => mesh.signalAll("t", {}, { data: {} }),
  interrupt: (mesh) => mesh.interrupt("t", "j"),
  cancel: (mesh) => mesh.cancel("j"),
  scrub: (mesh) => mesh.scrub("j"),
  resume: (mesh) => mesh.resume("j"),
  getState: (mesh) => mesh.getState("t", "j"),
  getStatus: (mesh) => mesh.getStatus("j"),
  getQueryState: (mesh) => mesh.getQueryState("j", []),
  getRaw: (mesh) => mesh.getRaw("j"),
  export: (mesh) => mesh.export("j"),
  getStats: (mesh) => mesh.getStats("t", { data: {} }),
  getIds: (mesh) => mesh.getIds("t", { data: {} }),
  resolveQuery: (mesh) => mesh.resolveQuery("t", { data: {} }),
  compress: (mesh) => mesh.compress([]),
  sub: (mesh) => mesh.sub("t", () => {}),
  psub: (mesh) => mesh.psub("t", () => {}),
  unsub: (mesh) => mesh.unsub("t"),
  punsub: (mesh) => mesh.punsub("t"),
};

/** Every method that a member without an engine has as well. `stop` may be called for ever. */
const memberCalls: Readonly<Record<string, (mesh: HotMesh) => Promise<unknown>>> = {
  rollCall: (mesh) => mesh.rollCall(1),
  throttle: (mesh) => mesh.throttle({ throttle: 0 }),
  pubQuorum: (mesh) => mesh.pubQuorum({ type: "work", originator: "g" }),
  subQuorum: (mesh) => mesh.subQuorum(() => {}),
  unsubQuorum: (mesh) => mesh.unsubQuorum(() => {}),
};

export const methodsWithCases: ReadonlySet<string> = new Set([
  ...Object.keys(engineCalls),
  ...Object.keys(memberCalls),
]);

const once = new WeakMap<ErrorScene, Map<string, Promise<HotMesh>>>();

/** One instance for all cases of a scene. */
function shared(scene: ErrorScene, name: string, make: () => Promise<HotMesh>): Promise<HotMesh> {
  const made = once.get(scene) ?? new Map<string, Promise<HotMesh>>();
  once.set(scene, made);
  const mesh = made.get(name) ?? make();
  made.set(name, mesh);
  return mesh;
}

async function stopped(scene: ErrorScene): Promise<HotMesh> {
  const mesh = await scene.join();
  await mesh.stop();
  return mesh;
}

export const closedCases: readonly ErrorCase[] = [
  ...Object.entries(engineCalls).map(
    ([method, call]): ErrorCase => ({
      name: `${method} of an instance without an engine`,
      kind: "no-engine",
      message: `${method} needs an engine, but init had no config.engine`,
      provoke: async (scene) => call(await shared(scene, "worker", () => scene.workerOnly())),
    }),
  ),
  ...Object.entries({ ...engineCalls, ...memberCalls }).map(
    ([method, call]): ErrorCase => ({
      name: `${method} of an instance that has been stopped`,
      kind: "stopped",
      message: `${method} was called on an instance that has been stopped; init a new one`,
      provoke: async (scene) => call(await shared(scene, "stopped", () => stopped(scene))),
    }),
  ),
];
