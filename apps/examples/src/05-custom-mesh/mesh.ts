import {
  type Backend,
  Canceller,
  guid,
  isJsonObject,
  type Json,
  type JsonObject,
  jobChannel,
  timerClock,
} from "@hotmesh/core";
import { compileText } from "@hotmesh/core/compiler";
import { Engine, startJob } from "@hotmesh/engine";
import { Attendance, type Attendant, activate, Quorum } from "@hotmesh/quorum";
import { Worker, type WorkerCallback } from "@hotmesh/worker";

export interface CustomMesh {
  /** Compiles, stores and activates a document. */
  deploy(document: string): Promise<string>;
  start(topic: string, payload: JsonObject): Promise<string>;
  /** Members that answer a roll call. */
  count(): Promise<number>;
  stop(): Promise<void>;
}

export interface CustomMeshOptions {
  readonly appId: string;
  readonly backend: Backend<object>;
  readonly callbacks: Readonly<Record<string, WorkerCallback>>;
  /** Hears of every job that ends, by the topic that its graph publishes. */
  readonly onJob: (topic: string, data: JsonObject) => void;
}

/** A point of presence put together by hand: two engines, a worker for each callback, one voice in the quorum. */
export async function openMesh({ appId, backend, callbacks, onJob }: CustomMeshOptions): Promise<CustomMesh> {
  const { store, stream, sub, registry } = backend;
  const clock = timerClock(globalThis);
  const identity = guid(globalThis.crypto);
  const stop = new Canceller();

  const engines = [1, 2].map(() => new Engine<object>({ appId, store, sub, clock }));
  const workers = Object.entries(callbacks).map(
    ([topic, callback]) =>
      new Worker({ topic, entries: [{ name: null, callback }], stream, sub, clock, guid: identity, concurrency: 2 }),
  );
  const quorum = new Quorum({ namespace: "hmsh", appId, guid: identity, sub, clock });
  const profile = async () => ({ namespace: "hmsh", app_id: appId, engine_id: identity });
  // Whoever is throttled reads it in the registry: before its first claim, when told to, and every few seconds.
  const attendance = new Attendance({ registry, members: [...engines, ...workers].map(attendant(identity)), clock });
  const reread = () => attendance.wake();
  for (const engine of engines) quorum.add({ role: "engine", topic: null, profile, reread, wake: () => engine.wake() });
  for (const worker of workers) {
    quorum.add({ role: "worker", topic: worker.topic, profile, reread, wake: () => worker.wake() });
  }
  await quorum.join();
  await attendance.check();
  const heard = await sub.subscribe(jobChannel, (body) => hear(body, onJob));
  const running = [...engines, ...workers, attendance].map((pump) => pump.run(stop));

  const [engine] = engines;
  if (engine === undefined) throw new Error("a mesh has an engine");
  return {
    deploy: async (document) => {
      const { plan } = compileText(document, { app: appId });
      await store.deploy(plan);
      const holder = guid(globalThis.crypto);
      await activate({ quorum, store, registry, clock, holder, appId, version: plan.version, delayMs: 25 });
      return plan.version;
    },
    start: async (topic, payload) => (await startJob({ engine, now: () => clock.now() }, { topic, payload })).jobId,
    count: async () => quorum.headCount(50),
    stop: async () => {
      stop.cancel();
      await Promise.all(running);
      await attendance.leave();
      await heard.close();
      await quorum.leave();
    },
  };
}

function attendant(identity: string): (member: Engine<object> | Worker) => Attendant {
  return (member) => {
    const topic = member instanceof Worker ? member.topic : null;
    const role = topic === null ? "engine" : "worker";
    return {
      record: () => ({ guid: identity, role, topic, version: null }),
      throttle: (ms) => member.throttle(ms),
    };
  };
}

/** Announcements of the own process carry the document; those of others name the job only. */
function hear(body: Json, onJob: CustomMeshOptions["onJob"]): void {
  if (!isJsonObject(body) || typeof body["topic"] !== "string" || !isJsonObject(body["output"])) return;
  const { data } = body["output"];
  onJob(body["topic"], isJsonObject(data) ? data : {});
}
