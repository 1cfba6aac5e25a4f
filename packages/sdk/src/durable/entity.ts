import { HotMeshError, type Json, jsonOf } from "@hotmesh/core";
import type { EntityIndexType, EntityRow } from "@hotmesh/store-postgres";
import { conditionOf, conditionsOf, type EntityConditions, fieldPath, isComparison } from "./entity-conditions.js";
import type { StoredObject } from "./replay/stored-object.js";
import { postgresOf } from "./sql-access.js";

/** Which part of what was found is wanted. */
export interface FindOptions {
  /** At most so many; all unless given. */
  limit?: number;
  /** Leave out so many first; 0. */
  offset?: number;
}

/** A job that was found. */
export interface FoundEntity<Document = Record<string, unknown>> {
  /** `<namespace>:<app>:j:<job id>`. */
  key: string;
  /** The entity document; empty when it was never set. */
  context: Document;
  /** 0: the job has completed; above: it runs. */
  status: number;
}

interface InstanceOf {
  readonly namespace: string;
  readonly appId: string;
}

/**
 * One JSON document per job, shared by its function and all its hooks: what `workflow.entity()` resolves with.
 * Document and history change together, once per call, however often the function is replayed; and calls of functions
 * that run at once happen one after the other, so that none is lost. Paths have dots, `stock.bowls.0`.
 *
 * @example
 * ```ts
 * const entity = await workflow.entity<Order>();
 * await entity.set({ customer: "Ana", lines: [] });
 * await entity.append("lines", { sku: "bowl", n: 4 });
 * const total = await entity.increment("total", 48);
 * ```
 */
export class Entity<Document = Record<string, unknown>> {
  readonly #stored: StoredObject;

  /** @internal `workflow.entity()` makes them. */
  constructor(stored: StoredObject) {
    this.#stored = stored;
  }

  /** Replaces the document, which has to be a map, and resolves with it. */
  set<Whole = Document>(document: Whole): Promise<Whole> {
    return this.#call("set", document);
  }

  /** Merges into maps at every depth; anything else replaces what is there. Resolves with the document. */
  merge<Whole = Document>(partial: object): Promise<Whole> {
    return this.#call("merge", partial);
  }

  /** What stands at a path, undefined when nothing does; without a path the document, empty when it was never set. */
  // biome-ignore lint/suspicious/noExplicitAny: the type of a place is known to the caller alone
  get<Value = any>(path?: string): Promise<Value> {
    return path === undefined ? this.#call("get") : this.#call("get", path);
  }

  /** Takes away what stands at a path, and resolves with the document. */
  delete<Whole = Document>(path: string): Promise<Whole> {
    return this.#call("delete", path);
  }

  /** Adds to the end of a list, which is made when it is missing, and resolves with it. */
  append<Item = unknown>(path: string, value: Item): Promise<Item[]> {
    return this.#call("append", path, value);
  }

  /** Adds to the beginning of a list, which is made when it is missing, and resolves with it. */
  prepend<Item = unknown>(path: string, value: Item): Promise<Item[]> {
    return this.#call("prepend", path, value);
  }

  /** Takes an item out of a list, -1 being the last one, and resolves with the list. */
  remove<Item = unknown>(path: string, index: number): Promise<Item[]> {
    return this.#call("remove", path, index);
  }

  /** Adds to a number, which counts as 0 when it is missing, and resolves with the sum. */
  increment(path: string, by = 1): Promise<number> {
    return this.#call("increment", path, by);
  }

  /** Turns false, or nothing, to true and true to false, and resolves with what it is now. */
  toggle(path: string): Promise<boolean> {
    return this.#call("toggle", path);
  }

  /** Sets what is missing, and resolves with what stands there now. */
  setIfNotExists<Value = unknown>(path: string, value: Value): Promise<Value> {
    return this.#call("setIfNotExists", path, value);
  }

  async #call<Result>(method: string, ...given: readonly unknown[]): Promise<Result> {
    // The engine gives what the method promises, and the caller knows best what the document holds.
    return (await this.#stored.operate(method, ...given)) as Result;
  }

  /**
   * Jobs with a label whose entity documents fulfil all conditions, the youngest first. A condition is a value to be
   * equal to, or operators: `{ status: "open", total: { $gte: 10, $lt: 20 }, kind: { $in: ["bowl", "jar"] } }`. Names
   * may be dot paths. What is missing is as null; greater and less hold between two numbers or two texts only.
   *
   * @param entity The label that the jobs were started with.
   * @throws `HotMeshError` of kind `invalid-argument` (400) for names that are no identifiers, and unknown operators.
   */
  static async find<Document = Record<string, unknown>>(
    entity: string,
    conditions: EntityConditions,
    hotMesh: InstanceOf,
    options: FindOptions = {},
  ): Promise<FoundEntity<Document>[]> {
    const found = await postgresOf(hotMesh, "Entity.find").entities.find({
      entity: labelOf(entity),
      conditions: conditionsOf(conditions),
      ...pageOf(options),
    });
    return found.map((row) => foundEntity<Document>(hotMesh, row));
  }

  /** The job with an id and a label; null when there is none. */
  static async findById<Document = Record<string, unknown>>(
    entity: string,
    id: string,
    hotMesh: InstanceOf,
  ): Promise<FoundEntity<Document> | null> {
    const { entities } = postgresOf(hotMesh, "Entity.findById");
    const [row] = await entities.find({ entity: labelOf(entity), id: String(id) });
    return row === undefined ? null : foundEntity<Document>(hotMesh, row);
  }

  /**
   * As `find`, of one field. `operator`: `=`, `!=`, `>`, `<`, `>=`, `<=`, `IN` with a list, or `LIKE` with an SQL
   * pattern such as `'wood%'`.
   */
  static async findByCondition<Document = Record<string, unknown>>(
    entity: string,
    field: string,
    value: unknown,
    operator: "=" | "!=" | ">" | "<" | ">=" | "<=" | "LIKE" | "IN",
    hotMesh: InstanceOf,
    options: FindOptions = {},
  ): Promise<FoundEntity<Document>[]> {
    const wanted = operator === undefined ? "=" : String(operator).toLowerCase();
    if (!isComparison(wanted)) throw invalid(`'${operator}' is no operator; expected = != > < >= <= LIKE or IN`);
    const { entities } = postgresOf(hotMesh, "Entity.findByCondition");
    const condition = conditionOf({ field, operator: wanted, value });
    const found = await entities.find({ entity: labelOf(entity), conditions: [condition], ...pageOf(options) });
    return found.map((row) => foundEntity<Document>(hotMesh, row));
  }

  /**
   * Makes an index that serves conditions on one field of the jobs of one label; when it is there already, nothing
   * happens. `gin` serves equality, `btree` also greater and less. Nobody has to wait while it is built.
   *
   * @throws `HotMeshError` of kind `invalid-argument` (400) for a name that is no identifier, and `forbidden` (403)
   * when the login does not own the schema.
   */
  static async createIndex(
    entity: string,
    field: string,
    hotMesh: InstanceOf,
    type: EntityIndexType = "gin",
  ): Promise<void> {
    if (type !== "gin" && type !== "btree")
      throw invalid(`'${String(type)}' is no type of index; expected gin or btree`);
    const path = fieldPath(field);
    await postgresOf(hotMesh, "Entity.createIndex").entities.createIndex(labelOf(entity), path, type);
  }
}

function foundEntity<Document>({ namespace, appId }: InstanceOf, row: EntityRow): FoundEntity<Document> {
  const { id, status, document } = row;
  // What the documents of a label hold is known to the caller alone.
  return { key: `${namespace}:${appId}:j:${id}`, context: document as Document, status };
}

function labelOf(entity: unknown): string {
  if (typeof entity === "string" && entity !== "") return entity;
  throw invalid(`the entity is ${shown(entity)}; expected the label of jobs`);
}

function pageOf({ limit, offset }: FindOptions): FindOptions {
  for (const [name, value] of Object.entries({ limit, offset })) {
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) continue;
    throw invalid(`${name} is ${shown(value)}; expected a whole number from 0`);
  }
  return { ...(limit !== undefined && { limit }), ...(offset !== undefined && { offset }) };
}

function shown(value: unknown): string {
  return JSON.stringify(jsonOf(value) satisfies Json | undefined) ?? typeof value;
}

function invalid(message: string): HotMeshError {
  return new HotMeshError("invalid-argument", `Entity: ${message}`);
}
