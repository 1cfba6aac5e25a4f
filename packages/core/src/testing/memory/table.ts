/** Which rows belong together: the value of each index for a row; null: in no group of that index. */
export type Indexes<Row> = Readonly<Record<string, (row: Row) => string | null>>;

/**
 * Rows by key, in the order of their insertion. A table laid over another one shows that one's rows with its own
 * changes, and keeps the changes to itself until they are applied: so a transaction is a layer.
 */
export class Table<Row> {
  readonly #indexes: Indexes<Row>;
  readonly #below: Table<Row> | null;
  readonly #rows = new Map<string, Row>();
  readonly #removed = new Set<string>();
  readonly #groups = new Map<string, Set<string>>();

  constructor(indexes: Indexes<Row> = {}, below: Table<Row> | null = null) {
    this.#indexes = indexes;
    this.#below = below;
  }

  get(key: string): Row | undefined {
    const own = this.#rows.get(key);
    if (own !== undefined) return own;
    return this.#removed.has(key) ? undefined : this.#below?.get(key);
  }

  put(key: string, row: Row): void {
    this.#forget(key);
    this.#removed.delete(key);
    this.#rows.set(key, row);
    for (const group of this.#groupsOf(row)) {
      const keys = this.#groups.get(group);
      if (keys === undefined) this.#groups.set(group, new Set([key]));
      else keys.add(key);
    }
  }

  remove(key: string): void {
    this.#forget(key);
    if (this.#below !== null) this.#removed.add(key);
  }

  all(): readonly Row[] {
    return [...this.#entries()].map(([, row]) => row);
  }

  /** The rows that have this value in this index, in no order. */
  group(index: string, value: string): readonly Row[] {
    return [...this.#group(`${index}\n${value}`)].map(([, row]) => row);
  }

  layer(): Table<Row> {
    return new Table(this.#indexes, this);
  }

  /** Makes the changes of this layer in the table below it. */
  apply(): void {
    for (const key of this.#removed) this.#below?.remove(key);
    for (const [key, row] of this.#rows) this.#below?.put(key, row);
  }

  *#entries(): Iterable<readonly [string, Row]> {
    if (this.#below !== null) yield* this.#showing(this.#below.#entries());
    yield* this.#rows;
  }

  *#group(group: string): Iterable<readonly [string, Row]> {
    if (this.#below !== null) yield* this.#showing(this.#below.#group(group));
    for (const key of this.#groups.get(group) ?? []) {
      const row = this.#rows.get(key);
      if (row !== undefined) yield [key, row];
    }
  }

  *#showing(entries: Iterable<readonly [string, Row]>): Iterable<readonly [string, Row]> {
    for (const entry of entries) if (!this.#rows.has(entry[0]) && !this.#removed.has(entry[0])) yield entry;
  }

  #forget(key: string): void {
    const row = this.#rows.get(key);
    if (row === undefined) return;
    this.#rows.delete(key);
    for (const group of this.#groupsOf(row)) {
      const keys = this.#groups.get(group);
      keys?.delete(key);
      if (keys?.size === 0) this.#groups.delete(group);
    }
  }

  #groupsOf(row: Row): readonly string[] {
    return Object.entries(this.#indexes).flatMap(([index, groupOf]) => {
      const value = groupOf(row);
      return value === null ? [] : [`${index}\n${value}`];
    });
  }
}
