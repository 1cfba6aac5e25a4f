import {
  type ClaimOptions,
  type ClaimReport,
  failureData,
  type Instant,
  type Json,
  keyAfter,
  type Lease,
  type LeaseToken,
  type MessageKey,
  type OutgoingMessage,
  type Settled,
  type Settlement,
  type Stream,
  type Topic,
} from "@hotmesh/core";
import type { ClientBase } from "pg";
import { documentText, isCodecError } from "../codec/encoded.js";
import { runWithin } from "../connection/caller-transaction.js";
import type { Database, Run, Statement } from "../connection/database.js";
import { isLostRace, storageError } from "../connection/storage-error.js";
import { call, callOf, callSealed, type Sealed, type Timed } from "../rows/call.js";
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
/** A message that cannot be read comes again after as long as it has waited, within these bounds. */
const delayMsMin = 1_000;
const delayMsMax = 60_000;

type Name = "claim" | "extend" | "settle" | "send";

export class PostgresStream implements Stream<ClientBase> {
  readonly #options: PostgresStreamOptions;

  constructor(options: PostgresStreamOptions) {
    this.#options = options;
  }

  async claim({ topic, limit, leaseMs, holder }: ClaimOptions): Promise<ClaimReport> {
    const { result, open } = await this.#callSealed<Claimed>("claim", stored(topic), limit, leaseMs, stored(holder));
    const leases: Lease[] = [];
    const unreadable: { readonly row: LeaseRow; readonly error: unknown }[] = [];
    for (const row of result.leases) {
      try {
        leases.push(leaseOf(row, open));
      } catch (error) {
        if (!isCodecError(error)) throw error;
        unreadable.push({ row, error });
      }
    }
    const report = { leases, nextDueInMs: result.next_due_in };
    if (unreadable.length === 0) return report;
    await this.#postpone(
      unreadable.map(({ row }) => row),
      result.now,
    );
    return { ...report, postponed: { count: unreadable.length, error: unreadable[0]?.error } };
  }

  /** Gives back what no codec here makes sense of: a worker elsewhere may have the one that wrote it. */
  async #postpone(rows: readonly LeaseRow[], now: Instant): Promise<void> {
    const settlements = rows.map(({ key, lease_token, created_at }) => {
      const delay = Math.min(delayMsMax, Math.max(delayMsMin, now - created_at));
      return { key, token: lease_token, kind: "release", dead: false, delay };
    });
    await this.#call<Timed>("settle", JSON.stringify(settlements));
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
    const { isSecured = false } = this.#options;
    const counting = settlements.filter((_, at) => first.has(at));
    const json = JSON.stringify(counting.map((settlement) => settlementParameter(settlement, isSecured)));
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
  async #call<T extends Timed>(name: Name, ...values: readonly unknown[]): Promise<T> {
    return (await this.#callSealed<T>(name, ...values)).result;
  }

  async #callSealed<T extends Timed>(name: Name, ...values: readonly unknown[]): Promise<Sealed<T>> {
    const { clock, database, schema, isSecured = false } = this.#options;
    const statement = (): Statement =>
      isSecured
        ? callOf(schema, `worker_${name}`, ...values)
        : callOf(schema, `stream_${name}`, ...values, clock.parameter());
    const run: Run = (statement) => database.query(statement);
    for (let race = 1; ; race += 1) {
      try {
        const sealed = await callSealed<T>(run, statement());
        clock.told(sealed.result.now);
        return sealed;
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

function settlementParameter({ lease, outcome }: Settlement, isSecured: boolean) {
  const { key, token, attempt } = lease;
  const common = { key: stored(key), token, kind: outcome.kind, dead: false };
  switch (outcome.kind) {
    case "answer":
      return {
        ...common,
        // A worker role says what it answers, and not what is stored.
        ...(isSecured
          ? { ...outcome.answer, data: dataText(outcome.answer.data) }
          : { next_key: keyAfter(key, "answer"), body: documentText(outcome.answer) }),
        error: outcome.answer.status === "error" ? documentText(outcome.answer.data) : null,
        dead: outcome.deadLetter === true,
      };
    case "retry": {
      const failure: Json = failureData(outcome.failure);
      const next = keyAfter(key, "retry", attempt + 1);
      return { ...common, next_key: next, delay: outcome.delayMs, error: documentText(failure) };
    }
    case "release":
      return { ...common, delay: outcome.delayMs };
    case "hold":
      return common;
  }
}

/** The data as they stand in the text of an answer: they are a value of it, which a codec encodes as a whole. */
function dataText(data: Json): string {
  return documentText({ data }).slice('{"data":'.length, -1);
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
