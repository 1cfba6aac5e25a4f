import { randomUUID } from "node:crypto";
import type { Lease, OutgoingMessage } from "@hotmesh/core";
import { messageKey } from "@hotmesh/core";
import { Client } from "pg";
import { openWorker, type WorkerBackend } from "../roles/open-worker.js";
import { provisionWorkerRole } from "../roles/worker-roles.js";
import { quoted } from "../schema/quoted.js";
import { openHarness, type PostgresHarness } from "./harness.js";
import { postgresUrl } from "./postgres-url.js";

export interface RoleHarness {
  readonly app: PostgresHarness;
  /** Quoted. */
  readonly schema: string;
  readonly credentials: { readonly user: string; readonly password: string };
  readonly worker: WorkerBackend;
  /** A client that is logged in as the role. */
  login(): Promise<Client>;
  /** Stores work for a topic; its key. */
  offer(topic: string, body?: OutgoingMessage["body"]): Promise<string>;
  claim(topic: string): Promise<Lease>;
  close(): Promise<void>;
}

/** An app and a role for some of its streams. */
export async function openRole(streams: readonly string[]): Promise<RoleHarness> {
  const connection = postgresUrl();
  const app = await openHarness(connection, { hasTestClock: false });
  const { schema } = app.backend;
  const { roleName: user, password } = await provisionWorkerRole({
    connection,
    namespace: schema,
    streamNames: streams,
  });
  const credentials = { user, password };
  const worker = await openWorker({ connection, credentials, appId: app.appId });
  const clients: Client[] = [];
  return {
    app,
    schema: quoted(schema),
    credentials,
    worker,
    login: async () => {
      const client = await loggedIn(credentials);
      clients.push(client);
      return client;
    },
    offer: async (topic, body = {}) => {
      const key = messageKey(`H${randomUUID()}`);
      await app.backend.stream.send([{ ...idle, key, topic, body }]);
      return key;
    },
    claim: async (topic) => {
      const { leases } = await worker.stream.claim({ topic, limit: 1, leaseMs: 30_000, holder: "w" });
      const [lease] = leases;
      if (lease === undefined) throw new Error(`nothing was offered for ${topic}`);
      return lease;
    },
    close: async () => {
      await worker.close();
      for (const client of clients) await client.end().catch(() => {});
      const owner = await app.client();
      await owner.query(`drop owned by ${quoted(user)}`);
      await app.close();
      await removeRole(user);
    },
  };
}

/** A client with another login for the database of the test run. */
export async function loggedIn({
  user,
  password,
}: {
  readonly user: string;
  readonly password: string;
}): Promise<Client> {
  const { host, port, database } = new Client({ connectionString: postgresUrl() });
  const client = new Client({ host, port, user, password, ...(database !== undefined && { database }) });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** Roles belong to the server and outlive the schemas of a test. */
export async function removeRole(user: string): Promise<void> {
  const owner = new Client({ connectionString: postgresUrl() });
  await owner.connect();
  await owner.query(`drop owned by ${quoted(user)}`).catch(() => {});
  await owner.query(`drop role if exists ${quoted(user)}`);
  await owner.end();
}

const idle: Omit<OutgoingMessage, "key" | "topic" | "body"> = {
  kind: "work",
  job: null,
  generation: null,
  path: null,
  visibleAt: null,
  attempt: 0,
  policy: null,
  codeRetries: [],
  workflow: null,
  trace: null,
};
