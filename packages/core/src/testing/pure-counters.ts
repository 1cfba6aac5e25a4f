import type { CounterChange, CounterRange, CounterRecord, CounterSpan } from "../ports/records.js";

/** Counters as the ports define them, kept in a list that is looked through. */
export class PureCounters {
  #records: CounterRecord[] = [];

  count({ add, ...counter }: CounterChange): void {
    const known = this.#records.find((record) => compare(record, counter) === 0 && record.name === counter.name);
    this.#records = this.#records.filter((record) => record !== known);
    this.#records.push({ ...counter, value: add + (known?.value ?? 0) });
  }

  forget(span: CounterSpan): void {
    this.#records = this.#records.filter((record) => !isIn(span, record));
  }

  page(range: CounterRange): readonly CounterRecord[] {
    const { after, limit } = range;
    return this.#records
      .filter((record) => isIn(range, record) && (after === null || compare(record, after) > 0))
      .sort(compare)
      .slice(0, limit);
  }
}

type Place = Pick<CounterRecord, "slice" | "field">;

function isIn({ name, from, to, prefix }: CounterSpan, record: CounterRecord): boolean {
  return record.name === name && record.slice >= from && record.slice <= to && record.field.startsWith(prefix);
}

function compare(one: Place, other: Place): number {
  if (one.slice !== other.slice) return one.slice < other.slice ? -1 : 1;
  return one.field === other.field ? 0 : one.field < other.field ? -1 : 1;
}
