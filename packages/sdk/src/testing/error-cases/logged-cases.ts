import { expect, vi } from "vitest";
import {
  CollationError,
  Errors,
  GenerationalError,
  InactiveJobError,
  LeaseExpiredError,
  type StreamData,
} from "../../index.js";
import { type ErrorCase, logged } from "./error-case.js";
import type { ErrorScene } from "./error-scene.js";
import { orchard } from "./orchard-document.js";

/** What the worker of a job was asked; the job goes on to wait for its answer. */
async function pressed(scene: ErrorScene, id: string): Promise<StreamData> {
  await scene.mesh.pub("fruit.crush", { id });
  await expect.poll(() => scene.asked.has(id)).toBe(true);
  const asked = scene.asked.get(id);
  if (asked === undefined) throw new Error("the worker was not asked");
  return asked;
}

const nothing = "it was dropped, nothing is to be done";

const answer = ({ metadata }: StreamData, over: Partial<StreamData["metadata"]>): StreamData => ({
  metadata: { ...metadata, ...over },
  data: {},
});

/** Answers that change nothing. None of them is an error of its caller. */
const dropped: readonly ErrorCase[] = [
  {
    name: "add to a job that is over is logged",
    type: InactiveJobError,
    kind: "inactive-job",
    message: `A message for its activity pressed came when job apple is over (status 0); ${nothing}`,
    fields: { jobId: "apple", activityId: "pressed", status: 0 },
    provoke: async (scene) => {
      const asked = await pressed(scene, "apple");
      await scene.mesh.add(answer(asked, { guid: "H1" }));
      await scene.mesh.add(answer(asked, { guid: "H2" }));
      return logged(scene, "apple", { level: "debug", message: "message-dropped" });
    },
  },
  {
    name: "add to a job that is gone is logged",
    type: InactiveJobError,
    kind: "inactive-job",
    message: `A message for its activity pressed came when job peach does not exist; ${nothing}`,
    fields: { jobId: "peach", status: null },
    provoke: async (scene) => {
      const asked = await pressed(scene, "peach");
      await scene.mesh.scrub("peach");
      await scene.mesh.add(answer(asked, { guid: "H1" }));
      return logged(scene, "peach", { level: "debug", message: "message-dropped" });
    },
  },
  {
    name: "add of an answer to an earlier job of the same id is logged",
    type: GenerationalError,
    kind: "earlier-generation",
    message:
      /^job cherry is of generation (\S+), a message of generation (?!\1)\S+ came; it belonged to an earlier job/,
    fields: { jobId: "cherry", activityId: "pressed", dimensionalAddress: ",0,0" },
    provoke: async (scene) => {
      const asked = await pressed(scene, "cherry");
      await scene.mesh.scrub("cherry");
      scene.asked.delete("cherry");
      await pressed(scene, "cherry");
      await scene.mesh.add(answer(asked, { guid: "H1" }));
      return logged(scene, "cherry", { level: "debug", message: "message-dropped" });
    },
  },
  {
    name: "add of the same answer twice is logged",
    type: CollationError,
    kind: "collation",
    message: `A message (complete) for pressed,0,0 of job grape had been handled before; ${nothing}`,
    fields: { status: 1, leg: 2, stage: "complete", fault: "duplicate" },
    provoke: async (scene) => {
      const asked = await pressed(scene, "grape");
      const twice = { ...answer(asked, { guid: "H1" }), status: "pending" as const, code: 202 };
      await scene.mesh.add(twice);
      await scene.mesh.add(twice);
      return logged(scene, "grape", { level: "debug", message: "message-dropped" });
    },
  },
];

/** An instance whose leases are short, and whose worker never ends. */
async function hanging(scene: ErrorScene, cap: string) {
  vi.stubEnv("HMSH_RESERVATION_TIMEOUT_S", "0.4");
  vi.stubEnv("HMSH_RESERVATION_TIMEOUT_MAX_S", cap);
  try {
    const appId = scene.newApp();
    const callback = () => new Promise<undefined>(() => {});
    const workers = [{ topic: "fruit.press", connection: scene.connection, callback }];
    const mesh = await scene.join({ appId, workers, drainMs: 0 });
    await mesh.deploy(orchard(appId));
    await mesh.activate("1", 20);
    return mesh;
  } finally {
    vi.unstubAllEnvs();
  }
}

const leases: readonly ErrorCase[] = [
  {
    name: "a callback that runs longer than any lease is kept is logged",
    type: LeaseExpiredError,
    kind: "lease-expired",
    message:
      "The callback did not end within 300 ms, so its answer does not count; " +
      "raise HMSH_RESERVATION_TIMEOUT_MAX_S, or answer pending and add the result later",
    fields: { type: "lease", deadlineMs: 300, reservationTimeoutS: 0.4 },
    provoke: async (scene) => {
      const mesh = await hanging(scene, "0.3");
      await mesh.pub("fruit.crush", { id: "capped" });
      return logged(scene, "capped", { level: "error", message: "worker-lease-expired" });
    },
  },
  {
    name: "a callback whose job is interrupted meanwhile is logged",
    type: LeaseExpiredError,
    kind: "lease-expired",
    message:
      "The lease of 400 ms is gone, so the callback's answer does not count: " +
      "its job was ended, or the lease was not extended in time",
    fields: { type: "lease", deadlineMs: 400, reservationTimeoutS: 0.4 },
    provoke: async (scene) => {
      const mesh = await hanging(scene, "30");
      await mesh.pub("fruit.crush", { id: "lost" });
      await expect.poll(() => mesh.workers[0]?.activity.inFlight).toBe(1);
      await mesh.interrupt("fruit.crush", "lost");
      return logged(scene, "lost", { level: "warn", message: "worker-lease-lost" });
    },
  },
];

/** Classes that are there for code that looks for them. */
const unthrown: readonly ErrorCase[] = [
  {
    name: "SetStateError is exported",
    type: Errors.SetStateError,
    kind: "set-state",
    message: "the state of a job could not be stored",
    provoke: () => new Errors.SetStateError(),
  },
  {
    name: "MapDataError is exported",
    type: Errors.MapDataError,
    kind: "map-data",
    message: "data could not be mapped",
    provoke: () => new Errors.MapDataError(),
  },
  {
    name: "RegisterTimeoutError is exported",
    type: Errors.RegisterTimeoutError,
    kind: "register-timeout",
    message: "a timeout could not be registered",
    provoke: () => new Errors.RegisterTimeoutError(),
  },
  {
    name: "ExecActivityError is exported",
    type: Errors.ExecActivityError,
    kind: "exec-activity",
    message: "an activity could not be executed",
    provoke: () => new Errors.ExecActivityError(),
  },
];

export const loggedCases: readonly ErrorCase[] = [...dropped, ...leases, ...unthrown];
