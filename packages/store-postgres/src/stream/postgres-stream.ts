import {
  type ClaimOptions,
  type ClaimReport,
  failureData,
  type Json,
  keyAfter,
  type LeaseToken,
  type MessageKey,
  type OutgoingMessage,
  type Settled,
  type Settlement,
  type Stream,
  type Topic,
} from "@hotmesh/core";
import type { ClientBase } from "pg";
import { runWithin } from "../connection/caller-transaction.js";
import type { Database, Run, Statement } from "../connection/database.js";
import { isLostRace, storageError } from "../connection/storage-error.js";
import { call, callOf, type Timed } from "../rows/call.js";
import { type LeaseRow, leaseOf, messageParameter } from "../rows/message-row.js";
import { stored } from "../rows/stored-text.js";
import { storedKeyOf } from "../rows/token.js";
import type { DatabaseClock } from "../step/database-clock.js";
import { laneHints } from "../step/stepper.js";
import type { PostgresSub } from "../sub/postgres-sub.js";

export interface PostgresStreamOptions {
  readonly database: Database;
  /** Quoted. */
  readonly schema: string;
  readonly clock: DatabaseClock;
  readonly sub: PostgresSub;
  /** The functions for worker roles, which go by the server's time. */
  readonly isSecured?: boolean;
}

interface Claimed extends Timed {
  readonly leases: readonly LeaseRow[];
  readonly next_due_in: number | null;
}

const racesMax = 5;

export class PostgresStream implements Stream<ClientBase> {
  readonly #options: PostgresStreamOptions;

  constructor(options: PostgresStreamOptions) {
    this.#options = options;
  }

  async claim({ topic, limit, leaseMs, holder }: ClaimOptions): Promise<ClaimReport> {
    const claimed = await this.#call<Claimed>("claim", stored(topic), limit, leaseMs, stored(holder));
    return { leases: claimed.leases.map(leaseOf), nextDueInMs: claimed.next_due_in };
  }

  async extend(leases: readonly LeaseToken[], leaseMs: number): Promise<readonly LeaseToken[]> {
    if (leases.length === 0) return [];
    const { held } = await this.#call<{ held: readonly LeaseToken[] } & Timed>(
      "extend",
      leases.map(storedKeyOf),
      leases,
      leaseMs,
    );
    const still = new Set(held);
    return leases.filter((token) => still.has(token));
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    if (settlements.length === 0) return [];
    const first = firstOfEach(settlements);
    const json = JSON.stringify(settlements.filter((_, at) => first.has(at)).map(settlementParameter));
    const { held } = await this.#call<{ held: readonly string[] } & Timed>("settle", json);
    const ended = new Set(held);
    const settled = settlements.map(
      ({ lease }, at): Settled => (first.has(at) && ended.has(stored(lease.key)) ? "settled" : "lease-lost"),
    );
    this.#options.sub.announce(laneHints(lanesOf(settlements.filter((_, at) => settled[at] === "settled"))));
    return settled;
  }

  async send(
    messages: readonly OutgoingMessage[],
    options: { readonly within?: ClientBase } = {},
  ): Promise<readonly MessageKey[]> {
    const keys = messages.map(({ key }) => key);
    if (messages.length === 0) return keys;
    const json = JSON.stringify(messages.map((message) => messageParameter(message)));
    const { clock, schema, sub } = this.#options;
    if (options.within === undefined) {
      sub.announce(laneHints(await this.#sent(messages, () => this.#call("send", json))));
      return keys;
    }
    const run = runWithin(options.within);
    try {
      const lanes = await this.#sent(messages, () => call(run, callOf(schema, "stream_send", json, clock.parameter())));
      await sub.announceWithin(run, laneHints(lanes));
      return keys;
    } catch (thrown) {
      throw storageError(thrown);
    }
  }

  /** The lanes that got something new which is due. */
  async #sent(
    messages: readonly OutgoingMessage[],
    send: () => Promise<{ stored: readonly string[] } & Timed>,
  ): Promise<ReadonlySet<Topic | null>> {
    const reply = await send();
    const arrived = new Set(reply.stored);
    const due = messages.filter(({ key, visibleAt }) => arrived.has(stored(key)) && (visibleAt ?? 0) <= reply.now);
    return new Set(due.map(({ topic }) => topic));
  }

  /** Every function takes the time last, but not those for worker roles. Two batches that meet are done again. */
  async #call<T extends Timed>(
    name: "claim" | "extend" | "settle" | "send",
    ...values: readonly unknown[]
  ): Promise<T> {
    const { clock, database, schema, isSecured = false } = this.#options;
    const statement = (): Statement =>
      isSecured
        ? callOf(schema, `worker_${name}`, ...values)
        : callOf(schema, `stream_${name}`, ...values, clock.parameter());
    const run: Run = (statement) => database.query(statement);
    for (let race = 1; ; race += 1) {
      try {
        const result = await call<T>(run, statement());
        clock.told(result.now);
        return result;
      } catch (thrown) {
        if (race >= racesMax || !isLostRace(thrown)) throw thrown;
      }
    }
  }
}

/** Positions of the settlements that count: a lease ends once. */
function firstOfEach(settlements: readonly Settlement[]): ReadonlySet<number> {
  const seen = new Set<string>();
  const first = new Set<number>();
  for (const [at, { lease }] of settlements.entries()) {
    if (!seen.has(lease.token)) first.add(at);
    seen.add(lease.token);
  }
  return first;
}

function settlementParameter({ lease, outcome }: Settlement) {
  const { key, token, attempt } = lease;
  const common = { key: stored(key), token, kind: outcome.kind, dead: false };
  switch (outcome.kind) {
    case "answer":
      return {
        ...common,
        next_key: keyAfter(key, "answer"),
        body: JSON.stringify(outcome.answer),
        error: outcome.answer.status === "error" ? JSON.stringify(outcome.answer.data) : null,
        dead: outcome.deadLetter === true,
      };
    case "retry": {
      const failure: Json = failureData(outcome.failure);
      const next = keyAfter(key, "retry", attempt + 1);
      return { ...common, next_key: next, delay: outcome.delayMs, error: JSON.stringify(failure) };
    }
    case "release":
      return { ...common, delay: outcome.delayMs };
    case "hold":
      return common;
  }
}

/** Where there is something to do now, once these have been settled. */
function lanesOf(settlements: readonly Settlement[]): ReadonlySet<Topic | null> {
  const lanes = new Set<Topic | null>();
  for (const { lease, outcome } of settlements) {
    if (outcome.kind === "answer") lanes.add(null);
    if ((outcome.kind === "release" || outcome.kind === "retry") && outcome.delayMs <= 0) lanes.add(lease.topic);
  }
  return lanes;
}
