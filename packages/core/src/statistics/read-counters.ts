import type { CounterRecord, CounterSpan } from "../ports/records.js";
import type { Store } from "../ports/store.js";

/** Everything a span holds, read page by page: what is counted meanwhile may be seen or not, but nothing twice. */
export async function readCounters(
  store: Pick<Store, "readCounters">,
  span: CounterSpan,
  limit = 1_000,
): Promise<readonly CounterRecord[]> {
  const records: CounterRecord[] = [];
  for (;;) {
    const last = records.at(-1);
    const after = last === undefined ? null : { slice: last.slice, field: last.field };
    const page = await store.readCounters({ ...span, after, limit });
    records.push(...page);
    if (page.length < limit) return records;
  }
}
