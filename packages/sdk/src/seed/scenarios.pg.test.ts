import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Client as Postgres } from "pg";
import { afterEach, expect, inject, test } from "vitest";
import { HotMesh, type StreamData, type StreamDataResponse, StreamStatus } from "../index.js";
import { programFile } from "../testing/program.js";

/** The scenarios name their app, so each has the schema for itself. */
afterEach(async () => {
  await HotMesh.stop();
  const client = new Postgres({ connectionString: inject("postgresUrl") });
  await client.connect();
  await client.query("drop schema if exists parcels cascade");
  await client.end();
});

const document = `
app:
  id: parcels
  version: '2'
  graphs:
    - subscribes: parcel.booked
      activities:
        booked:
          type: trigger
        label:
          type: worker
          topic: label.print
          input: { maps: { weight: '{booked.output.data.weight}' } }
          job: { maps: { sheet: '{$self.output.data.sheet}' } }
      transitions:
        booked:
          - to: label
`;

const print = async (data: StreamData) =>
  ({
    code: 200,
    status: StreamStatus.SUCCESS,
    metadata: { ...data.metadata },
    data: { sheet: `${data.data["weight"]} g` },
  }) as StreamDataResponse;

test("S121 an engine and workers are made in one call", async () => {
  const connectionString = inject("postgresUrl");

  const hotMesh = await HotMesh.init({
    appId: "parcels",
    engine: {
      connection: {
        class: Postgres,
        options: { connectionString },
      },
    },
    workers: ["label.print", "fee.collect"].map((topic) => ({
      topic,
      connection: { class: Postgres, options: { connectionString } },
      callback: print,
    })),
  });

  const members = (await hotMesh.rollCall(300)).map(({ engine_id: id, worker_topic: topic }) => [
    id,
    topic ?? "engine",
  ]);
  expect(members.sort()).toEqual([
    [hotMesh.guid, "engine"],
    [hotMesh.guid, "fee.collect"],
    [hotMesh.guid, "label.print"],
  ]);
  await hotMesh.deploy(document);
  await hotMesh.activate("2", 20);
  expect((await hotMesh.pubsub("parcel.booked", { weight: 12 })).data).toEqual({ sheet: "12 g" });
});

test("S124 the whole life: init, deploy, activate, pub, pubsub, stop; then the process exits by itself", async () => {
  const connection = { class: Postgres, options: { connectionString: inject("postgresUrl") } };

  const hotMesh = await HotMesh.init({
    appId: "parcels",
    engine: { connection },
    workers: [{ topic: "label.print", connection, callback: print }],
  });
  await hotMesh.deploy(document);
  await hotMesh.activate("2");
  const id = await hotMesh.pub("parcel.booked", { weight: 200 });
  const output = await hotMesh.pubsub("parcel.booked", { weight: 300 });
  await hotMesh.stop();

  expect(id).toMatch(/^H[\w-]{22}$/);
  expect(output.data).toEqual({ sheet: "300 g" });
  expect(output.metadata).toMatchObject({ vrs: "2", js: 0, state: "completed" });
  await expect(hotMesh.pub("parcel.booked", {})).rejects.toMatchObject({ kind: "stopped" });

  // The same life in a process of its own: one that does not end by itself is killed, and the promise rejects.
  const life = promisify(execFile)(process.execPath, [programFile("whole-life"), inject("postgresUrl"), "parcels"], {
    timeout: 25_000,
  });
  // Version 1 is deployed beside version 2 and becomes the active one.
  expect((await life).stdout).toBe('{"sheet":300}');
});
