import { HotMeshError, invariant, type Json, type JsonObject } from "@hotmesh/core";
import type { Database, Run } from "../connection/database.js";
import { codeOf } from "../connection/storage-error.js";
import { restored } from "../rows/stored-text.js";
import {
  type ClaimTerms,
  claimFirst,
  claimItem,
  claimMany,
  handToRole,
  releaseItem,
  setPriority,
} from "./claim-items.js";
import {
  type Closed,
  type CloseRefusal,
  type Closing,
  closeItems,
  closeStandAlone,
  idByMetadata,
  refusalToResolve,
} from "./close-items.js";
import { type EscalationEntry, entryOf, type ItemRow } from "./entry.js";
import type { EscalationFilter } from "./filters.js";
import { type CreateEscalation, insertItem, type MigrateEscalation } from "./insert-item.js";
import {
  countItems,
  countsByRoleAndType,
  distinctTypes,
  type ItemPage,
  itemById,
  itemByKey,
  itemsByWait,
  listItems,
} from "./read-items.js";
import { appendMilestones, type PruneTerms, pruneItems, type UpdateEscalation, updateItem } from "./upkeep.js";

/** What comes of an attempt on one item. */
export type ItemResult<Reason extends string, More = unknown> =
  | ({ readonly ok: true; readonly entry: EscalationEntry } & More)
  | ({ readonly ok: false; readonly reason: Reason } & Partial<More>);

export interface WorkItemsOptions {
  readonly database: Database;
  /** Opens an app, so that the table is there. Null: it is there. */
  readonly prepare: ((app: string) => Promise<void>) | null;
}

/**
 * The work items of all apps of a database. What closes one tells whoever waits for it in the same
 * transaction.
 */
export class WorkItems {
  readonly #options: WorkItemsOptions;

  constructor(options: WorkItemsOptions) {
    this.#options = options;
  }

  /** One item; null: there is none, or not in this app. */
  get(id: string, name?: string): Promise<EscalationEntry | null> {
    return this.#one((run) => itemById(run, id, name));
  }

  /** The pending item of a key, or else its last one. */
  getBySignalKey(key: string, name?: string): Promise<EscalationEntry | null> {
    return this.#one((run) => itemByKey(run, key, name));
  }

  /** Items that steps have made, and that nobody has closed by hand. */
  async byWaits(
    waits: readonly { readonly key: string; readonly wait: string }[],
  ): Promise<readonly { readonly wait: string; readonly entry: EscalationEntry }[]> {
    const rows = await this.#read((run) => itemsByWait(run, waits));
    return rows.flatMap((row) => (row.wait === null ? [] : [{ wait: restored(row.wait), entry: entryOf(row) }]));
  }

  /** A page of the items that fulfil the filter. */
  list(filter: EscalationFilter, page: ItemPage): Promise<EscalationEntry[]> {
    return this.#many((run) => listItems(run, filter, page));
  }

  /** How many items fulfil the filter. */
  count(filter: EscalationFilter): Promise<number> {
    return this.#read((run) => countItems(run, filter));
  }

  /** What waits, what is claimed, and what came and was resolved of late, by role and type. */
  counts(options: Parameters<typeof countsByRoleAndType>[1]) {
    return this.#read((run) => countsByRoleAndType(run, options));
  }

  /** The types there are, in the order of their characters. */
  async distinctTypes(name?: string): Promise<string[]> {
    return [...(await this.#read((run) => distinctTypes(run, name)))];
  }

  /** Throws `escalation-pending` (409) when another pending item of the app has the key. */
  async create(item: CreateEscalation, name: string): Promise<EscalationEntry> {
    const row = await this.#insert(item, name);
    invariant(row !== null, "a work item with an id of its own was there already");
    return row;
  }

  /** Null: an item has the id. */
  migrate(item: MigrateEscalation, name: string): Promise<EscalationEntry | null> {
    return this.#insert(item, name);
  }

  /** Merges metadata and replaces what else is given; null: there is no such item. */
  update(change: UpdateEscalation): Promise<EscalationEntry | null> {
    return this.#one((run) => updateItem(run, change));
  }

  /** Adds to an item's history; null: there is no such item. */
  appendMilestones(id: string, milestones: readonly JsonObject[]): Promise<EscalationEntry | null> {
    return this.#one((run) => appendMilestones(run, id, milestones));
  }

  /** Takes one item for some minutes. */
  async claim(
    terms: ClaimTerms & { readonly id: string; readonly namespace: string | undefined },
  ): Promise<ItemResult<"not-found" | "conflict", { readonly isExtension: boolean }>> {
    const outcome = await this.#write((run) => claimItem(run, terms));
    if (!outcome.ok) return outcome;
    return { ok: true, entry: entryOf(outcome.row), isExtension: outcome.isExtension };
  }

  /**
   * Takes the most urgent, then oldest item that fulfils the filter and is free. Concurrent callers get different ones.
   */
  async claimFirst(
    terms: Parameters<typeof claimFirst>[1],
  ): Promise<
    ItemResult<"not-found" | "conflict", { readonly isExtension: boolean }> & { readonly candidatesExist: number }
  > {
    const { candidates, ...outcome } = await this.#write((run) => claimFirst(run, terms));
    if (!outcome.ok) return { ...outcome, candidatesExist: candidates };
    const { row, isExtension } = outcome;
    return { ok: true, entry: entryOf(row), isExtension, candidatesExist: candidates };
  }

  /** Takes those of the items that are free; they are what it gives. */
  claimMany(terms: Parameters<typeof claimMany>[1]): Promise<EscalationEntry[]> {
    return this.#many((run) => claimMany(run, terms), true);
  }

  /** Gives an item back before its claim has lapsed. */
  async release(
    id: string,
    assignee: string | null,
  ): Promise<ItemResult<"not-found" | "wrong-assignee", { readonly wasClaimed: boolean }>> {
    const outcome = await this.#write((run) => releaseItem(run, id, assignee));
    return outcome.ok ? { ok: true, entry: entryOf(outcome.row), wasClaimed: outcome.wasClaimed } : outcome;
  }

  /** Hands pending items to another role and ends their claims; they are what it gives. */
  handToRole(ids: readonly string[], role: string): Promise<EscalationEntry[]> {
    return this.#many((run) => handToRole(run, ids, role));
  }

  /** Sets the priority of pending items; how many there were. */
  setPriority(ids: readonly string[], priority: number): Promise<number> {
    return this.#read((run) => setPriority(run, ids, priority));
  }

  /** Closes an item and wakes who waits for it, both or neither. */
  async resolve(
    closing: Omit<Closing, "status">,
    options: { readonly namespace: string | undefined; readonly assertClaim: string | undefined },
  ): Promise<ItemResult<CloseRefusal>> {
    const refuse = (row: ItemRow | undefined) => refusalToResolve(row, options.assertClaim);
    const terms = { namespace: options.namespace, refuse };
    return onlyOne(await this.#write((run) => closeItems(run, [{ ...closing, status: "resolved" }], terms)));
  }

  /** The most urgent pending item that fulfils the filter; null: there is none. */
  idByMetadata(filter: EscalationFilter): Promise<string | null> {
    return this.#read((run) => idByMetadata(run, filter));
  }

  /** Closes an item that is not to be done, and wakes who waits for it. */
  async cancel(id: string, name: string | undefined): Promise<ItemResult<"not-found" | "already-terminal">> {
    const refuse = (row: ItemRow | undefined) => {
      if (row === undefined) return "not-found";
      return row.status === "pending" ? null : "already-terminal";
    };
    const closing = { id, status: "cancelled", payload: null, metadata: null } as const;
    return onlyOne(await this.#write((run) => closeItems(run, [closing], { namespace: name, refuse })));
  }

  /** Resolves those of the pending items that nobody waits for; they are what it gives. */
  resolveStandAlone(options: {
    readonly ids: readonly string[];
    readonly payload: Json;
    readonly metadata: JsonObject | null;
  }): Promise<EscalationEntry[]> {
    return this.#many((run) => closeStandAlone(run, options));
  }

  /** All items and all who wait for them, or nothing. */
  async resolveAllOrNone<Reason extends string>(
    closings: readonly Omit<Closing, "status">[],
    refuse: (entry: EscalationEntry | null) => Reason | null,
  ): Promise<{ readonly entries: EscalationEntry[]; readonly failed: { id: string; reason: Reason }[] }> {
    const terms = {
      namespace: undefined,
      refuse: (row: ItemRow | undefined) => refuse(row === undefined ? null : entryOf(row)),
    };
    const all = closings.map((closing) => ({ ...closing, status: "resolved" as const }));
    const { rows, refused } = await this.#write((run) => closeItems(run, all, terms));
    const place = new Map(closings.map(({ id }, at) => [id.toLowerCase(), at]));
    const entries = rows.map(entryOf).sort((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0));
    return { entries, failed: [...refused] };
  }

  /** Deletes items that are over, the oldest first; how many. */
  prune(terms: PruneTerms): Promise<number> {
    return this.#read((run) => pruneItems(run, terms));
  }

  async #insert(item: CreateEscalation & Partial<MigrateEscalation>, name: string): Promise<EscalationEntry | null> {
    const { prepare } = this.#options;
    const insert = () => this.#options.database.transaction((run) => insertItem(run, item, name));
    try {
      const row = await insert().catch(async (thrown: unknown) => {
        if (prepare === null || !isAbsent(thrown)) throw thrown;
        await prepare(name);
        return insert();
      });
      return row === null ? null : entryOf(row);
    } catch (thrown) {
      if (sqlState(thrown) !== "23505") throw thrown;
      const message = `a work item with the key ${item.signalKey} is still pending in app ${name}`;
      throw new HotMeshError("escalation-pending", message, { cause: thrown });
    }
  }

  async #one(read: (run: Run) => Promise<ItemRow | null>): Promise<EscalationEntry | null> {
    const row = await this.#read(read);
    return row === null ? null : entryOf(row);
  }

  async #many(read: (run: Run) => Promise<readonly ItemRow[]>, isTransaction = false): Promise<EscalationEntry[]> {
    const rows = isTransaction ? await this.#write(read) : await this.#read(read);
    return rows.map(entryOf);
  }

  /** One statement. */
  #read<T>(work: (run: Run) => Promise<T>): Promise<T> {
    return told(work((statement) => this.#options.database.query(statement)));
  }

  #write<T>(work: (run: Run) => Promise<T>): Promise<T> {
    return told(this.#options.database.transaction(work));
  }
}

function onlyOne<Reason extends string>({ rows, refused }: Closed<Reason>): ItemResult<Reason> {
  const [row] = rows;
  if (row !== undefined) return { ok: true, entry: entryOf(row) };
  const [refusal] = refused;
  invariant(refusal !== undefined, "an item was neither closed nor refused");
  return { ok: false, reason: refusal.reason };
}

async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (!isAbsent(thrown)) throw thrown;
    const message = "public.hmsh_escalations is not there: it is made when the first app of the database is opened";
    throw new HotMeshError("app-not-found", message, { cause: thrown });
  }
}

function isAbsent(thrown: unknown): boolean {
  return sqlState(thrown) === "42P01";
}

function sqlState(thrown: unknown): string {
  return codeOf(HotMeshError.is(thrown) ? thrown.cause : thrown);
}
