import { randomUUID } from "node:crypto";
import type { Instant, Json } from "@hotmesh/core";
import { sql } from "kysely";
import type { Statement } from "../connection/database.js";
import { instantOr, type QueryBuilder, statementOf } from "../schema/query-builder.js";

/** A payload that is too long to travel by itself, as JSON text. */
export interface Notice {
  readonly id: string;
  readonly body: string;
}

/** How such payloads are stored and found. */
export interface Notices {
  readonly store: (notices: readonly Notice[]) => Statement;
  /** The row that is found has a column `body`, JSON text. */
  readonly fetch: (id: string) => Statement;
}

/** Rows with such ids can be written and read with rights to the table, and by no worker role. */
const vouchedPrefix = "vouched/";

export function noticeId(vouched: boolean): string {
  return `${vouched ? vouchedPrefix : ""}${randomUUID()}`;
}

export function isVouched(id: string): boolean {
  return id.startsWith(vouchedPrefix);
}

/** How long a payload can be fetched. */
export const noticeMs = 60_000;

/** In the table `notice`. */
export function noticeTable(builder: QueryBuilder): Notices {
  return {
    store: (notices) => {
      const rows = notices.map(({ id, body }) => ({
        id,
        body: sql<Json>`${body}::json`,
        expires_at: sql<Instant>`${instantOr(null)} + ${noticeMs}`,
      }));
      return statementOf(builder.insertInto("notice").values(rows));
    },
    fetch: (id) => {
      const body = sql<string>`body::text`.as("body");
      return statementOf(builder.selectFrom("notice").select(body).where("id", "=", id));
    },
  };
}
