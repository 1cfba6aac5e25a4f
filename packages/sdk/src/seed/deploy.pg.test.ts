import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { HotMesh, StreamStatus } from "../index.js";
import { connection, SeedApp } from "../testing/seed-app.js";

let app: SeedApp;
let folder = "";
/** Each test deploys a version of its own. */
let version = 0;

beforeAll(async () => {
  const callback = async ({ data }: { readonly data: Record<string, unknown> }) => ({
    status: StreamStatus.SUCCESS,
    data: { sheet: `${data["weight"]} g` },
  });
  app = await SeedApp.open("seeddeploy", [{ topic: "label.print", connection: connection(), callback }]);
  folder = await mkdtemp(join(tmpdir(), "flows-"));
});

beforeEach(() => {
  version += 1;
});

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

const graph = (topic: string): string => `
- subscribes: ${topic}
  input: { type: object, properties: { weight: { type: number } } }
  activities:
    booked: { type: trigger }
    label:
      type: worker
      topic: label.print
      input: { maps: { weight: '{booked.output.data.weight}' } }
      job: { maps: { sheet: '{$self.output.data.sheet}' } }
  transitions:
    booked: [ { to: label } ]
`;

const documentOf = (topic: string, written = `'${version}'`): string =>
  `app:\n  id: ${app.appId}\n  version: ${written}\n  graphs:${graph(topic).replaceAll("\n", "\n    ")}`;

const versions = async (): Promise<Record<string, unknown>> =>
  Object.fromEntries((await app.rows("versions")).map((row) => [String(row["version"]), row["status"]]));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function printed(topic: string): Promise<unknown> {
  return (await app.desk.pubsub(topic, { weight: 300 })).data;
}

test("S34 deploy stores a workflow graph in Postgres, where every process finds it", async () => {
  await app.desk.deploy(documentOf("parcel.stored"));

  expect(await versions()).toEqual({ [version]: "deployed" });
  const stranger = await HotMesh.init({ appId: app.appId, logLevel: "silent", engine: { connection: connection() } });
  expect(await stranger.activate(String(version), 20)).toBe(true);
  expect((await stranger.pubsub("parcel.stored", { weight: 300 })).data).toEqual({ sheet: "300 g" });
  await stranger.stop();
});

test("S35 deploy takes YAML inline", async () => {
  await app.desk.deploy(documentOf("parcel.inline"));
  await app.desk.activate(String(version), 20);

  expect(await printed("parcel.inline")).toEqual({ sheet: "300 g" });
});

test("S36 deploy takes the path of a file", async () => {
  await app.desk.deploy(await file("whole.yaml", documentOf("parcel.filed")));
  await app.desk.activate(String(version), 20);

  expect(await printed("parcel.filed")).toEqual({ sheet: "300 g" });
});

test("S37 references to other files are resolved and merged", async () => {
  await file("schema.yaml", "weight: { type: number }");
  await file(
    "graph.yaml",
    graph("parcel.referred")
      .replace("{ weight: { type: number } }", "{ $ref: './schema.yaml' }")
      .trim()
      .slice(2)
      .replaceAll("\n  ", "\n"),
  );
  const path = await file(
    "parts.yaml",
    `app:\n  id: ${app.appId}\n  version: '${version}'\n  graphs:\n    - $ref: './graph.yaml'\n`,
  );

  const { app: deployed } = await app.desk.deploy(path);
  await app.desk.activate(String(version), 20);

  expect(deployed.graphs).toEqual((await app.desk.plan(documentOf("parcel.referred"))).app.graphs);
  expect(JSON.stringify(deployed)).not.toContain("$ref");
  expect(await printed("parcel.referred")).toEqual({ sheet: "300 g" });
});

test("S38 a deployed version does nothing until it is activated", async () => {
  await app.desk.deploy(documentOf("parcel.waits"));
  const fresh = await HotMesh.init({ appId: app.appId, logLevel: "silent", engine: { connection: connection() } });

  for (const mesh of [app.desk, fresh]) {
    await expect(mesh.pub("parcel.waits", { weight: 300 })).rejects.toMatchObject({ kind: "topic-not-found" });
    expect((await mesh.pubsub("parcel.referred", { weight: 1 })).metadata).toMatchObject({ vrs: String(version - 1) });
  }
  await app.desk.activate(String(version), 20);

  expect(await printed("parcel.waits")).toEqual({ sheet: "300 g" });
  await fresh.stop();
});

test("S39 a document has an app with an id, a version that may be text, and graphs", async () => {
  const { app: deployed } = await app.desk.deploy(documentOf("parcel.shaped", "'2b-final'"));

  expect(deployed).toMatchObject({
    id: app.appId,
    version: "2b-final",
    graphs: [
      {
        subscribes: "parcel.shaped",
        activities: { booked: { type: "trigger" }, label: { type: "worker" } },
        transitions: { booked: [{ to: "label" }] },
      },
    ],
  });
  expect(await app.desk.activate("2b-final", 20)).toBe(true);
  expect((await app.desk.pubsub("parcel.shaped", { weight: 1 })).metadata).toMatchObject({ vrs: "2b-final" });
  await expect(app.desk.deploy(`app:\n  id: ${app.appId}\n  graphs: []\n`)).rejects.toMatchObject({
    name: "CompileError",
  });
});

test("S40 a trigger and a worker, joined by a transition, are the smallest useful graph", async () => {
  await app.desk.deploy(`
app:
  id: ${app.appId}
  version: '${version}'
  graphs:
    - subscribes: parcel.small
      activities:
        booked:
          type: trigger
        label:
          type: worker
          topic: label.print
      transitions:
        booked:
          - to: label
`);
  await app.desk.activate(String(version), 20);

  const { metadata } = await app.desk.pubsub("parcel.small", {});

  expect(metadata).toMatchObject({ state: "completed", js: 0 });
  const passes = await app.sql(
    `select activity_id as id, type, topic, state, output from "${app.appId}".activities
     where job_id = $1 and type = 'worker'`,
    [metadata["jid"]],
  );
  expect(passes).toEqual([
    { id: "label", type: "worker", topic: "label.print", state: "completed", output: { sheet: "undefined g" } },
  ]);
});

/** The app of the scenarios, whose name is in their text. */
const parcels = async (): Promise<HotMesh> =>
  HotMesh.init({ appId: "parcels", logLevel: "silent", engine: { connection: connection() } });

afterEach(() => app.sql("drop schema if exists parcels cascade"));

test("S111 an inline document is deployed, and nothing runs it yet", async () => {
  const hotMesh = await parcels();

  await hotMesh.deploy(`
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
      transitions:
        booked:
          - to: label
`);

  expect(await app.sql("select version, status from parcels.versions")).toEqual([{ version: "2", status: "deployed" }]);
  await expect(hotMesh.pub("parcel.booked", {})).rejects.toMatchObject({ kind: "not-active" });
  expect(await app.sql("select id from parcels.jobs")).toEqual([]);
  await hotMesh.stop();
});

test("S112 a file with references to its neighbours deploys the same as the document written out inline", async () => {
  const head = "app:\n  id: parcels\n  version: '2'\n  graphs:\n";
  const rest = `
activities:
  booked: { type: trigger }
  label: { type: worker, topic: label.print }
transitions:
  booked: [ { to: label } ]
`;
  await file("weight.yaml", "type: object\nproperties: { weight: { type: number, minimum: 1 } }\n");
  await file("booked.yaml", `subscribes: parcel.booked\ninput: { $ref: './weight.yaml' }${rest}`);
  const path = await file("parcels.yaml", `${head}    - $ref: './booked.yaml'\n`);
  const hotMesh = await parcels();

  await hotMesh.deploy(`./${relative(process.cwd(), path)}`);
  const byFile = await app.sql("select id, document::text from parcels.plan");
  const schema = "{ type: object, properties: { weight: { type: number, minimum: 1 } } }";
  await hotMesh.deploy(
    `${head}    - subscribes: parcel.booked\n      input: ${schema}${rest.replaceAll("\n", "\n      ")}`,
  );
  const inline = await app.sql(
    "select v.plan as id, p.document::text from parcels.version v join parcels.plan p on p.id = v.plan",
  );

  expect(byFile).toHaveLength(1);
  expect(inline).toEqual(byFile);
  await hotMesh.stop();
});
