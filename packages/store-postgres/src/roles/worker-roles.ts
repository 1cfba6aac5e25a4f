import { randomBytes } from "node:crypto";
import { HotMeshError } from "@hotmesh/core";
import type { PostgresConnection } from "../connection/connection.js";
import type { Database, Run } from "../connection/database.js";
import { borrow, thisProcess } from "../connection/shared-connections.js";
import { codeOf } from "../connection/storage-error.js";
import { call, callOf } from "../rows/call.js";
import { restored, stored } from "../rows/stored-text.js";
import { quoted } from "../schema/quoted.js";
import { defaultNamespace, schemaName } from "../schema/schema-name.js";
import { workerRoleName } from "./role-name.js";
import { scramVerifier } from "./scram-verifier.js";

/** Where the worker roles of an app are. */
export interface RolesOf {
  /** Of somebody who owns the schema and may create roles. */
  readonly connection: PostgresConnection;
  /** The schema; of an app in the default namespace that is the app id. `durable`. */
  readonly namespace?: string;
}

/** Which worker role to make. */
export interface ProvisionWorkerRole extends RolesOf {
  /** Topics of worker activities. */
  readonly streamNames: readonly string[];
  /** Printable ASCII; generated unless given. */
  readonly password?: string;
}

/** A worker role. */
export interface WorkerRole {
  /** Stays the same whatever becomes of its password. */
  id: string;
  /** Its login: `hmsh_wrk_<schema>_<streams…>`, hashed when that is too long. */
  roleName: string;
  /** Topics it may work on. */
  streamNames: string[];
  /** When it was made. */
  createdAt: Date;
  /** When it was revoked; null: it is in force. */
  revokedAt: Date | null;
  /** When it got its password. */
  lastRotatedAt: Date;
}

interface RoleRow {
  readonly id: string;
  readonly role_name: string;
  readonly streams: readonly string[];
  readonly created_at: number;
  readonly last_rotated_at: number;
  readonly revoked_at: number | null;
}

/**
 * Makes a login that can work on these streams of one app and do nothing else; or, if there is one for the same
 * streams, gives it a new password and takes back that it was revoked. Roles belong to a server: apps of the same name
 * in two of its databases share them.
 */
export async function provisionWorkerRole(
  options: ProvisionWorkerRole,
): Promise<{ roleName: string; password: string }> {
  const { streamNames } = options;
  if (
    !Array.isArray(streamNames) ||
    streamNames.length === 0 ||
    !streamNames.every((name) => typeof name === "string")
  ) {
    throw invalid("streamNames must be a list of at least one topic");
  }
  const password = checkedPassword(options.password);
  const roleName = workerRoleName(schemaOf(options), streamNames);
  const streams = [...new Set(streamNames)].sort().map((name) => stored(name));
  await within(options, (ask) => ask<boolean>("worker_role_put", roleName, scramVerifier(password), streams));
  return { roleName, password };
}

/** Gives a role a new password. Connections that are open stay open. */
export async function rotateWorkerPassword(
  options: RolesOf & { readonly roleName: string; readonly newPassword?: string },
): Promise<{ password: string }> {
  const { roleName } = options;
  const password = checkedPassword(options.newPassword);
  const isDone = await within(options, (ask) => ask<boolean>("worker_role_rotate", roleName, scramVerifier(password)));
  if (!isDone) throw unknownRole(roleName, options, "or it is revoked; listWorkerRoles tells which there are");
  return { password };
}

/**
 * Ends a role: it cannot log in any more, and what is logged in can do nothing. It stays in the list; to provision it
 * again brings it back.
 */
export async function revokeWorkerRole(options: RolesOf & { readonly roleName: string }): Promise<void> {
  const { roleName } = options;
  const isKnown = await within(options, async (ask, database) => {
    const known = await ask<boolean>("worker_role_revoke", roleName);
    if (known) await hangUp(database, roleName);
    return known;
  });
  if (!isKnown) throw unknownRole(roleName, options, "so nothing was revoked; listWorkerRoles tells which there are");
}

/** All roles of an app, those that are revoked too, oldest first. */
export async function listWorkerRoles(options: RolesOf): Promise<WorkerRole[]> {
  const rows = await within(options, (ask) => ask<readonly RoleRow[]>("worker_roles"));
  return rows.map((row) => ({
    id: row.id,
    roleName: row.role_name,
    streamNames: row.streams.map((name) => restored(name)),
    createdAt: new Date(row.created_at),
    revokedAt: row.revoked_at === null ? null : new Date(row.revoked_at),
    lastRotatedAt: new Date(row.last_rotated_at),
  }));
}

type Ask = <T>(name: string, ...values: readonly unknown[]) => Promise<T>;

/** Calls functions of the schema with the rights of the connection that was given. */
async function within<T>(options: RolesOf, work: (ask: Ask, database: Database) => Promise<T>): Promise<T> {
  const schema = schemaOf(options);
  const lent = borrow(options.connection, "", thisProcess);
  const run: Run = (statement) => lent.database.query(statement);
  try {
    return await work((name, ...values) => call(run, callOf(quoted(schema), name, ...values)), lent.database);
  } catch (thrown) {
    throw explained(thrown, schema);
  } finally {
    await lent.giveBack();
  }
}

/** Best effort: a connection that stays can only listen. */
async function hangUp(database: Database, roleName: string): Promise<void> {
  const text = `select pg_terminate_backend(a.pid) from pg_stat_activity as a
    where a.usename = $1 and a.datname = current_database()`;
  try {
    await database.query({ text, values: [roleName] });
  } catch (thrown) {
    if (!refused(thrown, "42501")) throw thrown;
  }
}

function explained(thrown: unknown, schema: string): unknown {
  if (refused(thrown, "3F000", "42883", "42P01")) {
    const message = `schema ${schema} has no app, or an earlier one; init an engine or call DBA.deploy first`;
    return new HotMeshError("app-not-found", message, { cause: thrown });
  }
  if (refused(thrown, "42501")) {
    const message = `worker roles of schema ${schema} are for its owner, with the right to create roles`;
    return new HotMeshError("forbidden", message, { cause: thrown });
  }
  if (refused(thrown, "42710")) {
    const hint = "drop it, or take its other rights from it";
    return new HotMeshError("role-exists", `${reasonOf(thrown)}; ${hint}`, { cause: thrown });
  }
  return thrown;
}

/** The server's own words. */
function reasonOf(thrown: unknown): string {
  const cause = HotMeshError.is(thrown) ? thrown.cause : thrown;
  return cause instanceof Error ? cause.message : String(cause);
}

function refused(thrown: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(codeOf(HotMeshError.is(thrown) ? thrown.cause : thrown));
}

function schemaOf({ namespace = "durable" }: RolesOf): string {
  if (typeof namespace !== "string" || !/^[A-Za-z0-9.~-]+$/.test(namespace)) {
    throw invalid(`namespace '${namespace}' is not the name of an app's schema`);
  }
  return schemaName(defaultNamespace, namespace);
}

/** Other characters are normalised in one way by one driver, and in another by the next. */
function checkedPassword(given: string | undefined): string {
  if (given === undefined) return randomBytes(24).toString("base64url");
  if (typeof given === "string" && /^[\x20-\x7e]+$/.test(given)) return given;
  throw invalid("the password must be a text of printable ASCII characters");
}

function unknownRole(roleName: string, options: RolesOf, hint: string): HotMeshError {
  return new HotMeshError("role-not-found", `${roleName} is no worker role of ${schemaOf(options)}, ${hint}`);
}

function invalid(message: string): HotMeshError {
  return new HotMeshError("invalid-argument", message);
}
