import { Client } from "pg";
import { afterAll, expect, inject, test } from "vitest";
import { Durable } from "../durable/durable.js";
import { workflow } from "../durable/workflow.js";
import { DBA, Escalations, HotMesh, HotMeshError } from "../index.js";
import { auditedDocument } from "../testing/audited-app.js";

const url = inject("postgresUrl");
const connection = { class: Client, options: { connectionString: url } };
const graphs = `busy-${process.pid}`;
const functions = `busyf${process.pid}`;
const rounds = 25;

afterAll(async () => {
  await Durable.shutdown();
  await HotMesh.stop();
  const sql = new Client({ connectionString: url });
  await sql.connect();
  for (const schema of [graphs, functions]) await sql.query(`drop schema if exists "${schema}" cascade`);
  await sql.query("delete from public.hmsh_escalations where app_id = $1", [graphs]);
  await sql.end();
});

let failures = 0;
const callbacks = {
  quick: async () => ({ data: { done: true } }),
  flaky: async () => {
    failures += 1;
    if (failures % 3 > 0) throw new Error("not today");
    return { data: { done: true } };
  },
};

const { greet } = workflow.proxyActivities<{ greet(n: number): Promise<number> }>({
  activities: {
    async greet(n: number) {
      if (n % 5 === 0 && Math.random() < 0.5) throw new Error("not today");
      return n;
    },
  },
  retry: { maximumAttempts: 20, initialInterval: "1ms", maximumInterval: "5ms" },
});

const bodies = {
  async leaf(n: number) {
    return greet(n);
  },
  async busy(n: number) {
    await workflow.sleep("20ms");
    const [greeted] = await Promise.all([greet(n), workflow.sleep("10ms")]);
    await workflow.executeChild({ workflowName: "leaf", taskQueue: "busy", args: [n], workflowId: `leaf-${n}` });
    await workflow.condition(`ring-${n}`, "5s");
    return greeted;
  },
};

/** Two processes' worth of engines and workers. */
async function openMesh(): Promise<HotMesh> {
  const workers = Object.entries(callbacks).map(([topic, callback]) => ({ topic, connection, callback }));
  const instance = () => HotMesh.init({ appId: graphs, logLevel: "silent", engine: { connection }, workers });
  const mesh = await instance();
  await mesh.deploy(auditedDocument(graphs));
  await mesh.activate("1", 1);
  await instance();
  return mesh;
}

/** Everything there is, begun, ended and broken off, and a signal before or after its wait. */
async function round(mesh: HotMesh, n: number): Promise<void> {
  const topic = n % 2 === 0 ? "quick" : "flaky";
  if (n % 2 === 0) await mesh.signal("signed", { id: `sign-${n}` });
  await Promise.all([
    mesh.pub("work", { id: `work-${n}`, topic }),
    mesh.pub("nap", { id: `nap-${n}`, seconds: 0.05 }),
    mesh.pub("sign", { id: `sign-${n}`, seconds: n % 3 === 0 ? 0.1 : 600 }),
    mesh.pub("sign", { id: `people-${n}`, seconds: 600 }),
    mesh.pub("parent", { id: `parent-${n}`, child: `child-${n}`, topic }),
    mesh.pub("both", { id: `both-${n}`, topic, seconds: 0.03 }),
    mesh.pub("both", { id: `off-${n}`, topic, seconds: 600 }),
  ]);
  if (n % 2 === 1) await mesh.signal("signed", { id: `sign-${n}` });
  await mesh.interrupt("both", `off-${n}`, { throw: false, descend: true });
}

async function runFunctions(): Promise<void> {
  const options = { logLevel: "silent" as const };
  await Durable.Worker.create({ connection, namespace: functions, taskQueue: "busy", workflow: bodies, options });
  const { workflow: client } = new Durable.Client({ connection });
  const runs = Array.from({ length: rounds }, async (_, n) => {
    const start = { namespace: functions, taskQueue: "busy", workflowName: "busy", args: [n], workflowId: `busy-${n}` };
    const handle = await client.start(start);
    if (n % 4 === 0) await handle.terminate({ reason: "off" });
    else if (n % 4 === 1) await handle.cancel();
    else await client.signal(`ring-${n}`, {}, functions);
    return handle.result();
  });
  await Promise.allSettled(runs);
}

async function closeItems(): Promise<void> {
  const items = new Escalations.Client({ connection });
  for (const item of await items.list({ namespace: graphs, status: "pending", limit: 1_000 })) {
    await items.resolve({ id: item.id, resolverPayload: { seen: true } });
  }
}

/** Before the app is there. */
function unlessAbsent(thrown: unknown): null {
  if (HotMeshError.is(thrown) && (thrown.kind === "app-not-found" || thrown.kind === "invalid-config")) return null;
  throw thrown;
}

test("whenever one looks at a mesh that is busy, nothing in it contradicts itself", async () => {
  const mesh = await openMesh();
  const audits: string[] = [];
  let isBusy = true;
  const watching = (async () => {
    while (isBusy) {
      for (const appId of [graphs, functions]) {
        const found = await DBA.audit({ connection, appId }).catch(unlessAbsent);
        audits.push(...(found?.findings.map((finding) => JSON.stringify(finding)) ?? []));
        if (found !== null) audits.push(appId);
      }
    }
  })();

  const playing = (async () => {
    for (let n = 0; n < rounds; n += 1) await round(mesh, n);
    await closeItems();
  })();
  await Promise.all([playing, runFunctions()]);
  isBusy = false;
  await watching;

  const looks = audits.filter((text) => !text.startsWith("{")).length;
  expect(looks).toBeGreaterThan(10);
  expect(audits.filter((text) => text.includes('"severity":"broken"'))).toEqual([]);
  expect([...new Set(audits.filter((text) => text.includes('"severity":"attention"')))]).toEqual([]);
});
