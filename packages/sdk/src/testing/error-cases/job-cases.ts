import { expect } from "vitest";
import {
  DuplicateJobError,
  type HotMesh,
  JobFailedError,
  JobTimeoutError,
  PayloadInvalidError,
  type StreamData,
} from "../../index.js";
import type { ErrorCase } from "./error-case.js";
import type { ErrorScene } from "./error-scene.js";
import { orchard } from "./orchard-document.js";

const plant = (scene: ErrorScene, id: string) => scene.mesh.pub("tree.plant", { id });

/** An instance of an app whose only version does nothing yet. */
async function inert(scene: ErrorScene): Promise<HotMesh> {
  const mesh = await scene.elsewhere();
  await mesh.deploy(orchard(mesh.appId, "7"));
  return mesh;
}

const starts: readonly ErrorCase[] = [
  {
    name: "pub with the id of a live job",
    type: DuplicateJobError,
    kind: "job-exists",
    message: "Duplicate job: oak",
    fields: { jobId: "oak" },
    provoke: async (scene) => {
      await plant(scene, "oak");
      await plant(scene, "oak");
    },
  },
  {
    name: "pubsub with the id of a live job",
    type: DuplicateJobError,
    kind: "job-exists",
    message: "Duplicate job: elm",
    fields: { jobId: "elm" },
    provoke: async (scene) => {
      await plant(scene, "elm");
      await scene.mesh.pubsub("tree.plant", { id: "elm" });
    },
  },
  {
    name: "pub to a topic that no graph of the active version has",
    kind: "topic-not-found",
    message: "no subscription found for topic tree.fell in app APP for app version 1",
    provoke: ({ mesh }) => mesh.pub("tree.fell", {}),
  },
  {
    name: "pub when nothing was ever deployed",
    kind: "app-not-found",
    message: /^no app found for id \w+$/,
    provoke: async (scene) => (await scene.elsewhere()).pub("tree.plant", {}),
  },
  {
    name: "pub when nothing is active",
    kind: "not-active",
    message: /^no version of app \w+ is active; deployed: 7; activate one of them$/,
    provoke: async (scene) => (await inert(scene)).pub("tree.plant", {}),
  },
  {
    name: "pub with a payload that its graph refuses",
    type: PayloadInvalidError,
    kind: "payload-invalid",
    message: /^the payload for topic fruit\.pick breaks the graph's input schema: the payload must .*weight/,
    fields: { errors: [{ path: "", message: expect.stringContaining("weight") }] },
    provoke: ({ mesh }) => mesh.pub("fruit.pick", { height: 1 }),
  },
  {
    name: "pub with data that is no map",
    kind: "invalid-argument",
    message: "the data for topic tree.plant is a list; expected a map",
    provoke: ({ mesh }) => mesh.pub("tree.plant", ["oak"]),
  },
  {
    name: "pub when a mapping of the trigger throws",
    kind: "mapping-failed",
    message: /\(at sorted\.job\.maps\.parts\["@pipe"\]\[1\]\)$/,
    provoke: ({ mesh }) => mesh.pub("fruit.sort", {}),
  },
  {
    name: "pub when the expression of the id throws",
    kind: "mapping-failed",
    message: /\(at labelled\.stats\.id\["@pipe"\]\[1\]\)$/,
    provoke: ({ mesh }) => mesh.pub("fruit.label", {}),
  },
  {
    name: "pub of a pending job for no time",
    kind: "invalid-argument",
    message: "pending is 0; expected seconds above 0",
    provoke: ({ mesh }) => mesh.pub("tree.plant", { id: "ash" }, null, { pending: 0 }),
  },
  {
    name: "pub with a client that has no transaction open",
    kind: "invalid-argument",
    message: "client has no transaction open; send it `begin` and wait for the answer before the call",
    provoke: async (scene) => scene.mesh.pub("tree.plant", { id: "yew" }, null, { client: await scene.client() }),
  },
  {
    name: "pubsub with a client",
    kind: "invalid-argument",
    message:
      "pubsub takes no client, because it would wait for its commit; " +
      "use pub with the client, and wait for the result after the commit",
    provoke: ({ mesh }) => mesh.pubsub("tree.plant", {}, null, 10, { client: {} } as object),
  },
];

const results: readonly ErrorCase[] = [
  {
    name: "pubsub of a job that fails",
    type: JobFailedError,
    kind: "job-failed",
    code: 422,
    message: "a worm was in it",
    fields: { job_id: "pear", error: { code: 422, message: "a worm was in it" } },
    provoke: ({ mesh }) => mesh.pubsub("fruit.crush", { id: "pear", fails: true }),
  },
  {
    name: "pubsub of a job that is interrupted",
    type: JobFailedError,
    kind: "job-failed",
    code: 410,
    message: "job [fig] interrupted",
    fields: { job_id: "fig", error: { code: 410, message: "job [fig] interrupted", job_id: "fig" } },
    provoke: async ({ mesh }) => {
      const waiting = mesh.pubsub("tree.plant", { id: "fig" }).catch((error: unknown) => error);
      await expect.poll(() => mesh.getStatus("fig").catch(() => null)).toBe(1);
      await mesh.interrupt("tree.plant", "fig");
      return waiting;
    },
  },
  {
    name: "pubsub of a job that takes too long",
    type: JobTimeoutError,
    kind: "timeout",
    message: "timeout",
    fields: { job_id: "larch" },
    provoke: ({ mesh }) => mesh.pubsub("tree.plant", { id: "larch" }, null, 20),
  },
  {
    name: "pubsub that does not wait at all",
    type: JobTimeoutError,
    kind: "timeout",
    message: "timeout",
    fields: { job_id: "birch" },
    provoke: ({ mesh }) => mesh.pubsub("tree.plant", { id: "birch" }, null, 0),
  },
  {
    name: "pubsub when the instance is stopped meanwhile",
    kind: "stopped",
    message: "the instance was stopped before the job had a result; the job goes on, and getState will tell",
    provoke: async (scene) => {
      const mesh = await scene.join();
      const waiting = mesh.pubsub("tree.plant", { id: "beech" }).catch((error: unknown) => error);
      await expect.poll(() => scene.mesh.getStatus("beech").catch(() => null)).toBe(1);
      await mesh.stop();
      return waiting;
    },
  },
];

const place = { guid: "Hown", jid: "oak", gid: "Hg", aid: "pressed", dad: ",0,0" };
const add = (message: object) => (scene: ErrorScene) => scene.mesh.add(message as StreamData);

const answers: readonly ErrorCase[] = [
  {
    name: "add without the id of the job",
    kind: "invalid-argument",
    message: "metadata.jid is missing; expected the text that the worker received",
    provoke: add({ metadata: { ...place, jid: undefined }, data: {} }),
  },
  {
    name: "add with an activity that is no text",
    kind: "invalid-argument",
    message: "metadata.aid is 7; expected the text that the worker received",
    provoke: add({ metadata: { ...place, aid: 7 }, data: {} }),
  },
  {
    name: "add with an address that is none",
    kind: "invalid-argument",
    message: "metadata.dad is '0.0'; expected an address such as ',0,0'",
    provoke: add({ metadata: { ...place, dad: "0.0" }, data: {} }),
  },
  {
    name: "add with a status that is none",
    kind: "invalid-argument",
    message: 'status is "done"; expected success, error or pending',
    provoke: add({ metadata: place, status: "done", data: {} }),
  },
  {
    name: "add with a code that is none",
    kind: "invalid-argument",
    message: "code is 20; expected an integer of three digits",
    provoke: add({ metadata: place, code: 20, data: {} }),
  },
];

const signals: readonly ErrorCase[] = [
  {
    name: "signal of a topic that no rule has",
    kind: "no-hook-rule",
    message: "no hook rule for topic tree.felled; known: tree.grown",
    provoke: ({ mesh }) => mesh.signal("tree.felled", {}),
  },
  {
    name: "signal with data that is no map",
    kind: "invalid-argument",
    message: "the data of signal tree.grown is a list; expected a map",
    provoke: ({ mesh }) => mesh.signal("tree.grown", []),
  },
  {
    name: "signal when nothing is active",
    kind: "not-active",
    message: /^no version of app \w+ is active; deployed: 7; activate one of them$/,
    provoke: async (scene) => (await inert(scene)).signal("tree.grown", {}),
  },
  {
    name: "signalAll of a topic that no rule has",
    kind: "no-hook-rule",
    message: "unable to find hook rule for topic tree.felled",
    provoke: ({ mesh }) => mesh.signalAll("tree.felled", {}, { data: {} }),
  },
];

const ends: readonly ErrorCase[] = [
  {
    name: "interrupt of a job that is over",
    kind: "job-completed",
    message: "Job plum already completed",
    provoke: async (scene) => {
      await plant(scene, "plum");
      await scene.mesh.interrupt("tree.plant", "plum");
      await scene.mesh.interrupt("tree.plant", "plum");
    },
  },
  {
    name: "interrupt of a job that is not there",
    kind: "job-not-found",
    message: "Job nobody not found",
    provoke: ({ mesh }) => mesh.interrupt("tree.plant", "nobody"),
  },
  {
    name: "resume of a job that is not pending",
    kind: "not-pending",
    message: "Job lime is not pending; only a job that was started with 'pending', once, can be resumed",
    provoke: async (scene) => {
      await plant(scene, "lime");
      await scene.mesh.resume("lime");
    },
  },
  {
    name: "resume of a job that is not there",
    kind: "job-not-found",
    message: "Job nobody not found",
    provoke: ({ mesh }) => mesh.resume("nobody"),
  },
];

export const jobCases: readonly ErrorCase[] = [...starts, ...results, ...answers, ...signals, ...ends];
