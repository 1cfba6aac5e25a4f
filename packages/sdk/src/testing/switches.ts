import type { SeedApp } from "./seed-app.js";

type JobsOf = Readonly<Record<string, number>>;

interface Switch {
  readonly version: string;
  /** Jobs that had started on each version when this one became active. */
  readonly jobs: JobsOf;
}

/** Jobs that started between a switch and the next one. */
export interface Between {
  /** What the switch made active. */
  readonly version: string;
  /** How many are on that version, and on others. */
  readonly active: number;
  readonly other: number;
}

/**
 * Writes down, in the very transaction that switches the version, how many jobs there are of each. Jobs keep their
 * version and are not removed here, and a job that the transaction does not see commits after this. So starts on a
 * version that is not active show as a number that has grown by the next switch, however close to the switch they are.
 */
export async function watchSwitches(app: SeedApp): Promise<void> {
  const schema = `"${app.appId}"`;
  await app.sql(`create table ${schema}.switched (n serial, version text, jobs json)`);
  await app.sql(`
    create function ${schema}.note_switch() returns trigger language plpgsql as $$
    begin
      insert into ${schema}.switched (version, jobs)
      select new.version, coalesce(json_object_agg(version, jobs), '{}')
      from (select version, count(*) as jobs from ${schema}.job group by version) as counted;
      return new;
    end $$`);
  await app.sql(
    `create trigger note_switch after update on ${schema}.app for each row execute function ${schema}.note_switch()`,
  );
}

/** What started after each switch since `watchSwitches`; to be asked when nothing starts any more. */
export async function startsBetween(app: SeedApp): Promise<readonly Between[]> {
  const schema = `"${app.appId}"`;
  const noted = await app.sql(`select version, jobs from ${schema}.switched order by n`);
  const counted = await app.sql(`select version, count(*)::int as jobs from ${schema}.job group by version`);
  const last: JobsOf = Object.fromEntries(counted.map(({ version, jobs }) => [String(version), Number(jobs)]));
  const switches = noted as unknown as readonly Switch[];
  return switches.map((one, index) => between(one, switches[index + 1]?.jobs ?? last));
}

function between({ version, jobs }: Switch, next: JobsOf): Between {
  const grown = (of: string): number => (next[of] ?? 0) - (jobs[of] ?? 0);
  const others = Object.keys(next).filter((one) => one !== version);
  return { version, active: grown(version), other: others.reduce((sum, one) => sum + grown(one), 0) };
}

/** Activates, and again when the members of a busy machine could not be counted in time. */
export async function switchPatiently(activate: (delayMs: number) => Promise<unknown>): Promise<void> {
  for (let delayMs = 20; ; delayMs *= 2) {
    try {
      await activate(delayMs);
      return;
    } catch (error) {
      if (!String(error).includes("Quorum not reached")) throw error;
    }
  }
}
