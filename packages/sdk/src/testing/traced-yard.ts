import { MemoryDatabase, memoryBackend, TestClock } from "@hotmesh/core/testing";
import type { AnyBackend, HotMeshWorker, RetryPolicyConfig } from "../config.js";
import { HotMesh } from "../hotmesh.js";
import type { JobState } from "../start-request.js";

/** A trigger, a worker, a hook that passes through, and a child with a worker. */
export const yardOf = (appId: string): string => `
app:
  id: ${appId}
  version: '1'
  graphs:
    - subscribes: boat.built
      activities:
        order:
          type: trigger
          stats: { id: '{$self.input.data.id}' }
          telemetry: { length: '{$self.input.data.length}' }
        keel:
          type: worker
          topic: keel.lay
          input: { maps: { length: '{order.output.data.length}' } }
          job: { maps: { laid: '{$self.output.data.laid}' } }
          telemetry: { laid: '{$self.output.data.laid}', note: plain, none: null, deep: { a: 1 } }
        paint: { type: hook, job: { maps: { painted: true } } }
        crew: { type: await, topic: crew.hired, input: { maps: { n: 2 } } }
      transitions:
        order: [ { to: keel } ]
        keel: [ { to: paint, conditions: { code: 200 } } ]
        paint: [ { to: crew } ]
    - subscribes: crew.hired
      activities:
        call: { type: trigger }
        hire: { type: worker, topic: crew.hire }
      transitions:
        call: [ { to: hire } ]
`;

export type Callback = HotMeshWorker["callback"];
export interface YardOptions {
  readonly keel?: Callback;
  readonly hire?: Callback;
  readonly through?: (backend: AnyBackend) => AnyBackend;
  readonly retryPolicy?: RetryPolicyConfig;
}

/** A mesh of one engine and two workers over a storage in memory. */
export async function openYard({
  keel,
  hire,
  through = (backend) => backend,
  retryPolicy = { maximumAttempts: 1 },
}: YardOptions = {}) {
  const clock = new TestClock();
  const backend = through(memoryBackend({ clock, database: new MemoryDatabase() }));
  const workers: HotMeshWorker[] = [
    { topic: "keel.lay", backend, callback: keel ?? (async () => ({ data: { laid: 3 } })) },
    { topic: "crew.hire", backend, callback: hire ?? (async () => ({ data: {} })) },
  ];
  const engine = { backend, retryPolicy };
  const mesh = await HotMesh.init({ appId: "yard", guid: "HY", clock, logLevel: "silent", engine, workers });
  await mesh.deploy(yardOf("yard"));
  await backend.store.activate("1");
  const build = (data: object = {}, given?: JobState) =>
    mesh.pubsub("boat.built", { id: "b1", length: 9, ...data }, given ?? null);
  return { mesh, clock, build };
}

/** What its spans are at the default level: each one's name and its parent's. */
export const infoTree: readonly (readonly [name: string, parent: string])[] = [
  ["TRIGGER/yard/order/1", "-"],
  ["WORKER/yard/keel/1", "TRIGGER/yard/order/1"],
  ["EXECUTE/yard/keel/keel.lay", "WORKER/yard/keel/1"],
  ["WORKER/yard/keel/2", "WORKER/yard/keel/1"],
  ["TRIGGER/yard/call/1", "WORKER/yard/keel/2"],
  ["WORKER/yard/hire/1", "TRIGGER/yard/call/1"],
  ["EXECUTE/yard/hire/crew.hire", "WORKER/yard/hire/1"],
  ["WORKER/yard/hire/2", "WORKER/yard/hire/1"],
];
