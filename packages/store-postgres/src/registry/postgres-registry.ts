import {
  type MemberRecord,
  memberForgottenMs,
  memberFreshMs,
  memberGoneMs,
  type PresentMember,
  type Registry,
  type ThrottleRule,
  type Turn,
} from "@hotmesh/core";
import { sql } from "kysely";
import type { Database, Run } from "../connection/database.js";
import { call, callOf } from "../rows/call.js";
import { restored, stored } from "../rows/stored-text.js";
import { instantOr, listOf, type QueryBuilder, statementOf } from "../schema/query-builder.js";
import type { DatabaseClock } from "../step/database-clock.js";

export interface PostgresRegistryOptions {
  readonly database: Database;
  /** Quoted. */
  readonly schema: string;
  readonly builder: QueryBuilder;
  readonly clock: DatabaseClock;
}

/** The mesh of an app, in the tables `member`, `throttle` and `turn`. */
export class PostgresRegistry implements Registry {
  readonly #options: PostgresRegistryOptions;

  constructor(options: PostgresRegistryOptions) {
    this.#options = options;
  }

  async checkIn(members: readonly MemberRecord[]): Promise<readonly ThrottleRule[]> {
    const rows = JSON.stringify(members.map(rowOf));
    const rules: readonly ThrottleRule[] = await this.#call("check_in", rows, this.#now(), memberFreshMs, memberGoneMs);
    return rules.map((rule) => ({ ...rule, topic: restored(rule.topic), guid: restored(rule.guid) }));
  }

  async checkOut(members: readonly MemberRecord[]): Promise<void> {
    const { builder } = this.#options;
    if (members.length === 0) return;
    // They are gone, but not forgotten: an instance that is started anew obeys what was commanded to it.
    const leaving = builder
      .updateTable("member")
      .set({ seen_at: sql<PresentMember["seenAt"]>`least(seen_at, ${this.#ago(memberGoneMs)})` })
      .where((row) => row.or(members.map(rowOf).map(({ guid, role, topic }) => row.and({ guid, role, topic }))));
    await this.#run(statementOf(leaving));
  }

  async members(): Promise<readonly PresentMember[]> {
    const { builder } = this.#options;
    const query = builder
      .selectFrom("member")
      .select(["guid", "version", "connected_at as connectedAt", "seen_at as seenAt"])
      .select([sql<MemberRecord["role"]>`role`.as("role"), sql<string | null>`nullif(topic, '')`.as("topic")])
      .where("seen_at", ">", this.#ago(memberGoneMs))
      .orderBy("guid")
      .orderBy("role")
      .orderBy("member.topic");
    const present = await listOf(this.#run, query);
    return present.map((member) => ({
      ...member,
      guid: restored(member.guid),
      topic: restored(member.topic),
      version: restored(member.version),
    }));
  }

  async throttle(rule: ThrottleRule): Promise<void> {
    // A topic is a matter of workers.
    const scope = rule.topic === null ? rule.scope : "workers";
    const { topic, guid } = rule;
    const row = { throttle: rule.throttle, topic: stored(topic), guid: stored(guid), scope };
    await this.#run(callOf(this.#options.schema, "throttle_put", JSON.stringify(row), this.#now()));
  }

  takeTurn({ name, holder }: Turn, forMs: number): Promise<number | null> {
    return this.#call("take_turn", name, holder, this.#now(), forMs);
  }

  async endTurn({ name, holder }: Turn): Promise<void> {
    await this.#run(callOf(this.#options.schema, "end_turn", name, holder));
  }

  async forget(): Promise<void> {
    const { builder } = this.#options;
    await this.#run(statementOf(builder.deleteFrom("member").where("seen_at", "<=", this.#ago(memberForgottenMs))));
    const known = builder.selectFrom("member").select("guid");
    const forgotten = builder
      .deleteFrom("throttle")
      .where("created_at", "<=", this.#ago(memberForgottenMs))
      .where("guid", "<>", "")
      .where("guid", "not in", known);
    await this.#run(statementOf(forgotten));
  }

  #ago(ms: number) {
    return sql<PresentMember["seenAt"]>`${instantOr(this.#options.clock.parameter())} - ${ms}::bigint`;
  }

  #now(): number | null {
    return this.#options.clock.parameter();
  }

  #call<T>(name: string, ...values: readonly unknown[]): Promise<T> {
    return call(this.#run, callOf(this.#options.schema, name, ...values));
  }

  readonly #run: Run = (statement) => this.#options.database.query(statement);
}

export function rowOf({ guid, role, topic, version }: MemberRecord) {
  return { guid: stored(guid), role, topic: stored(topic ?? ""), version: stored(version) };
}
