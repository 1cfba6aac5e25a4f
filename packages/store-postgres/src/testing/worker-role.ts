import { randomUUID } from "node:crypto";
import type { Lease, MessageKey, OutgoingMessage } from "@hotmesh/core";
import { messageKey } from "@hotmesh/core";
import { Client } from "pg";
import type { WorkerCredentials } from "../roles/credentials.js";
import { openWorker, type WorkerBackend } from "../roles/open-worker.js";
import { provisionWorkerRole } from "../roles/worker-roles.js";
import { quoted } from "../schema/quoted.js";
import { openHarness, type PostgresHarness } from "./harness.js";
import { postgresUrl } from "./postgres-url.js";

/** A worker role, and what a process that has its credentials can do. */
export interface RoleUse {
  readonly credentials: WorkerCredentials;
  readonly worker: WorkerBackend;
  /** A client that is logged in as the role. */
  login(): Promise<Client>;
  /** The only message that is due for a topic. */
  claim(topic: string): Promise<Lease>;
}

export interface RolesHarness<Name extends string> {
  readonly app: PostgresHarness;
  /** Quoted. */
  readonly schema: string;
  readonly roles: Readonly<Record<Name, RoleUse>>;
  /** With all rights. */
  readonly owner: Client;
  /** Stores work for a topic; its key. */
  offer(topic: string, over?: Partial<OutgoingMessage>): Promise<MessageKey>;
  close(): Promise<void>;
}

/** An app, and roles by the streams that each may work on. */
export async function openRoles<Name extends string>(
  streams: Readonly<Record<Name, readonly string[]>>,
): Promise<RolesHarness<Name>> {
  const connection = postgresUrl();
  const app = await openHarness(connection, { hasTestClock: false });
  const owner = await app.client();
  const opened: RoleUse[] = [];
  const clients: Client[] = [];
  const open = async (streamNames: readonly string[]): Promise<RoleUse> => {
    const given = { connection, namespace: app.appId, streamNames };
    const { roleName: user, password } = await provisionWorkerRole(given);
    const credentials = { user, password };
    const worker = await openWorker({ connection, credentials, appId: app.appId });
    const login = async (): Promise<Client> => {
      const client = await loggedIn(credentials);
      clients.push(client);
      return client;
    };
    const role = { credentials, worker, login, claim: (topic: string) => claimed(worker, topic) };
    opened.push(role);
    return role;
  };
  const roles = {} as Record<Name, RoleUse>;
  for (const name of Object.keys(streams) as Name[]) roles[name] = await open(streams[name]);
  return {
    app,
    schema: quoted(app.backend.schema),
    roles,
    owner,
    offer: async (topic, over = {}) => {
      const message = { ...workFor(topic), ...over };
      await app.backend.stream.send([message]);
      return message.key;
    },
    close: async () => {
      for (const { worker } of opened) await worker.close();
      for (const client of clients) await client.end().catch(() => {});
      await app.close();
      for (const { credentials } of opened) await removeRole(credentials.user);
    },
  };
}

export async function claimed(worker: WorkerBackend, topic: string): Promise<Lease> {
  const { leases } = await worker.stream.claim({ topic, limit: 1, leaseMs: 30_000, holder: "w" });
  const [lease] = leases;
  if (lease === undefined) throw new Error(`nothing was offered for ${topic}`);
  return lease;
}

/** A client with another login for the database of the test run. */
export async function loggedIn({ user, password }: WorkerCredentials, url = postgresUrl()): Promise<Client> {
  const { host, port, database } = new Client({ connectionString: url });
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

/** Work about no job. */
export function workFor(topic: string): OutgoingMessage {
  return {
    key: messageKey(`H${randomUUID()}`),
    topic,
    kind: "work",
    job: null,
    generation: null,
    path: null,
    body: {},
    visibleAt: null,
    attempt: 0,
    policy: null,
    codeRetries: [],
    workflow: null,
    trace: null,
  };
}
