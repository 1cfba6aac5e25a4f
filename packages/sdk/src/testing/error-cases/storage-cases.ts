import { openPostgres } from "@hotmesh/store-postgres";
import { expect } from "vitest";
import { DBA, Escalations, HotMesh } from "../../index.js";
import type { ErrorCase } from "./error-case.js";
import type { ErrorScene } from "./error-scene.js";
import { orchard } from "./orchard-document.js";

/** An app whose version 1 is active, and which nobody else has to do with. */
async function grove(scene: ErrorScene): Promise<HotMesh> {
  const mesh = await scene.elsewhere();
  await mesh.deploy(orchard(mesh.appId));
  await mesh.activate("1", 20);
  return mesh;
}

const surroundings: readonly ErrorCase[] = [
  {
    name: "a read on a client that its owner has ended",
    kind: "connection-failed",
    message: /^Postgres did not answer: /,
    provoke: async (scene) => {
      const client = await scene.client();
      const connection = { class: client, options: {}, provider: "postgres.poolclient" };
      const mesh = await scene.join({ engine: { connection } });
      await client.end();
      return mesh.getStatus("oak");
    },
  },
  {
    name: "an answer in a transaction that has not seen what the job has become",
    kind: "storage-busy",
    message: /^Postgres could not serve this now: could not serialize access/,
    provoke: async (scene) => {
      await scene.mesh.pub("fruit.crush", { id: "quince" });
      await expect.poll(() => scene.asked.has("quince")).toBe(true);
      const metadata = scene.asked.get("quince")?.metadata ?? { guid: "", aid: "" };
      const answer = (guid: string) => ({
        metadata: { ...metadata, guid },
        status: "pending" as const,
        code: 202,
        data: {},
      });
      const client = await scene.client();
      await client.query("begin isolation level repeatable read");
      await client.query("select 1");
      await scene.mesh.add(answer("Hone"));
      return scene.mesh.add(answer("Htwo"), { client }).finally(() => client.query("rollback"));
    },
  },
  {
    name: "a read that the server refuses",
    kind: "storage-failed",
    message: /^Postgres refused a statement \(42P01\): relation .*job" does not exist/,
    provoke: async (scene) => {
      const mesh = await grove(scene);
      await scene.sql(`alter table "${mesh.appId}".job rename to gone`);
      return mesh.getStatus("oak").finally(() => scene.sql(`alter table "${mesh.appId}".gone rename to job`));
    },
  },
  {
    name: "a start on a version whose plan was deleted",
    kind: "plan-not-found",
    message: /^plans \S+ are not stored, but jobs or versions need them; restore the rows of the table plan$/,
    provoke: async (scene) => {
      const { appId } = await grove(scene);
      const other = await scene.join({ appId });
      await scene.sql(`alter table "${appId}".version drop constraint version_plan_fkey`);
      await scene.sql(`delete from "${appId}".plan`);
      return other.pub("tree.plant", { id: "oak" });
    },
  },
  {
    name: "an interruption of a job whose plan was tampered with",
    kind: "decision-failed",
    message: /^plan \S+ has no graph for topic tree\.plant$/,
    provoke: async (scene) => {
      const mesh = await grove(scene);
      await mesh.pub("tree.plant", { id: "oak" });
      const tampered = `replace(document::text, '"tree.plant"', '"tree.sawn"')::json`;
      await scene.sql(`update "${mesh.appId}".plan set document = ${tampered}`);
      // The one that has started the job remembers the plan.
      const other = await scene.join({ appId: mesh.appId });
      return other.interrupt("tree.plant", "oak");
    },
  },
  {
    name: "a call to a backend that does not do what it should",
    kind: "protocol",
    message: "the backend broke the contract of Store.step: it gave no verdict for event 0",
    provoke: async (scene) => {
      const { appId } = scene;
      const opened = await openPostgres({ connection: scene.url, appId });
      const { store } = opened;
      const silent: typeof store = {
        ...store,
        step: async (options, program) => ({ ...(await store.step(options, program)), verdicts: [] }),
      };
      const mesh = await HotMesh.init({ appId, logLevel: "silent", engine: { backend: { ...opened, store: silent } } });
      return mesh.interrupt("tree.plant", "nobody").finally(async () => {
        await mesh.stop();
        await opened.close();
      });
    },
  },
];

const encoded: readonly ErrorCase[] = [
  {
    name: "registerCodec of what is no codec",
    kind: "invalid-argument",
    message: "registerCodec expects { encode, decode }, two functions, or null",
    provoke: () => HotMesh.registerCodec(Object({ encode: "rot13" })),
  },
  {
    name: "pub with a codec that fails",
    kind: "codec-failed",
    message: "The registered codec could not encode a value: no key is left",
    provoke: async ({ mesh }) => {
      const encode = (): string => {
        throw new Error("no key is left");
      };
      HotMesh.registerCodec({ encode, decode: encode });
      return mesh.pub("tree.plant", { id: "fir", soil: { ph: 7 } }).finally(() => HotMesh.registerCodec(null));
    },
  },
  {
    name: "a read of what was encoded, without the codec",
    kind: "codec-missing",
    message:
      "A stored value is encoded, and this process has no codec: " +
      "register the one that wrote it, with HotMesh.registerCodec, before init",
    provoke: async (scene) => {
      const mesh = await grove(scene);
      HotMesh.registerCodec({ encode: (json) => `!${json}`, decode: (text) => text.slice(1) });
      await mesh.pub("tree.plant", { id: "fir", soil: { ph: 7 } }).finally(() => HotMesh.registerCodec(null));
      return mesh.export("fir");
    },
  },
];

const administration: readonly ErrorCase[] = [
  {
    name: "DBA.prune with an age that is none",
    kind: "invalid-argument",
    message: "expire is 'old'; expected seconds, or a duration such as '7 days'",
    provoke: (scene) => DBA.prune({ appId: scene.appId, connection: scene.url, expire: "old" }),
  },
  {
    name: "DBA.deploy for an app that cannot be",
    kind: "invalid-argument",
    message: "appId is 'par_cels'; expected letters, digits and '-' only",
    provoke: (scene) => DBA.deploy(scene.url, "par_cels"),
  },
];

const people = (scene: ErrorScene) => new Escalations.Client({ connection: scene.url });

const workItems: readonly ErrorCase[] = [
  {
    name: "Escalations.Client without a connection",
    kind: "invalid-config",
    message: "Escalations.Client needs a connection, or getHotMeshClient",
    provoke: () => new Escalations.Client({}),
  },
  {
    name: "create with the key of a work item that is still pending",
    kind: "escalation-pending",
    message: "a work item with the key peel is still pending in app APP",
    provoke: async (scene) => {
      const item = { namespace: scene.appId, signalKey: "peel", role: "cook", type: "peel" };
      await people(scene).create(item);
      await people(scene).create(item);
    },
  },
  {
    name: "claim for no time",
    kind: "invalid-argument",
    message: "durationMinutes is 0; expected a number above 0 and at most 525600",
    provoke: (scene) => people(scene).claim({ id: "none", assignee: "ann", durationMinutes: 0 }),
  },
];

export const storageCases: readonly ErrorCase[] = [...surroundings, ...encoded, ...administration, ...workItems];
