import type { JobId } from "../brand.js";
import type { CounterRecord } from "../ports/records.js";
import { counterField, facetText } from "./counter-field.js";
import { facetIn, type StatsQuery } from "./query.js";
import { sliceTime } from "./time-range.js";

/** The jobs of one list of an index that were started in one slice. */
export interface IdsMeasure {
  readonly type: "ids";
  /** `<path>:<value>`. */
  readonly target: string;
  /** When the slice begins: `2026-11-22T16:00Z`. */
  readonly time: string;
  /** How many jobs. */
  readonly count: number;
  /** Their ids, in the order they are stored. */
  readonly ids: readonly JobId[];
}

/** The ids of jobs, by list of an index. */
export interface IdsResponse {
  /** What `stats.key` made of the data that were asked about. */
  readonly key: string;
  /** As they were asked for; none: every list of the index. */
  readonly facets: readonly string[];
  /** Length of a slice: `5m`, `10m`, `15m`, `30m`, `1h` or `infinity`. */
  readonly granularity: string;
  /** As it was asked for. */
  readonly range?: string;
  /** As it was asked for, else where the slices begin: `2026-11-22T16:00Z`. */
  readonly start?: string;
  /** Per list, those that were asked for first, in that order. */
  readonly counts: readonly { readonly facet: string; readonly count: number }[];
  /** The slices in which a job was listed, oldest first. */
  readonly segments: readonly { readonly time: string; readonly measures: readonly IdsMeasure[] }[];
}

/** The job ids of an index: what was read of the lists that `facets` names. */
export function idsResponse(
  query: StatsQuery,
  facets: readonly string[],
  records: readonly CounterRecord[],
): IdsResponse {
  const { key, granularity, range, start } = query.options;
  const asked = new Map(facets.map((facet) => [facetText(facetIn(query, facet)), facet]));
  const counts = new Map(facets.map((facet) => [facet, 0]));
  const slices = new Map<string, Map<string, JobId[]>>();
  for (const { slice, field: text } of records) {
    const field = counterField(text);
    if (field?.kind !== "index") continue;
    const stored = facetText(field);
    const target = asked.get(stored) ?? stored;
    const lists = slices.get(slice) ?? new Map<string, JobId[]>();
    const ids = lists.get(target) ?? [];
    ids.push(field.job);
    lists.set(target, ids);
    slices.set(slice, lists);
    counts.set(target, (counts.get(target) ?? 0) + 1);
  }
  const ordered = [...slices].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    key,
    facets,
    granularity,
    ...(range !== undefined && { range }),
    ...(start !== undefined && { start }),
    counts: [...counts].map(([facet, count]) => ({ facet, count })),
    segments: ordered.map(([slice, lists]) => {
      const time = sliceTime(slice);
      const measures = [...lists].map(([target, ids]) => ({
        type: "ids" as const,
        target,
        time,
        count: ids.length,
        ids,
      }));
      return { time, measures };
    }),
  };
}
