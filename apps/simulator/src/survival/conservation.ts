import type { Client } from "pg";
import { labelActivities, orderActivities, workTopics } from "./document.js";

/** What must not have happened: all counts are 0 when all is well. */
export interface Losses {
  /** Jobs that were taken and are not there, or not complete. */
  readonly lost: number;
  /** Transitions that were counted more than once, or not at all. */
  readonly doubled: number;
  /** Messages and hooks that nobody needs any more, and jobs that nobody knows. */
  readonly left: number;
}

/** Looks at an app whose jobs have all been waited for. */
export async function losses(client: Client, appId: string, taken: readonly string[]): Promise<Losses> {
  const count = counter(client, appId);
  const passes = [...orderActivities, ...labelActivities];
  return {
    lost: await count(
      `select count(*) from unnest($1::text[]) as t(id)
       where not exists (select 1 from {{app}}.jobs as j where j.id = t.id and j.state = 'completed' and j.status = 0)
          or not exists (select 1 from {{app}}.jobs as j where j.id = t.id || '/label' and j.state = 'completed')`,
      taken,
    ),
    doubled: await count(
      `select count(*) from (
         select a.activity_id from unnest($2::text[]) as a(activity_id)
         left join (select activity_id, count(*) as passes from {{app}}.activities group by 1) as p using (activity_id)
         where coalesce(p.passes, 0) <> cardinality($1::text[])
       ) as wrong`,
      taken,
      passes,
    ),
    left: await count(
      `select (select count(*) from {{app}}.message) + (select count(*) from {{app}}.hook)
         + (select count(*) from {{app}}.job where not regexp_replace(id, '/label$', '') = any($1)) as count`,
      taken,
    ),
  };
}

/** Answers that count although somebody else had the work by then, by the ledger of claims. */
export function staleAnswers(client: Client, appId: string): Promise<number> {
  return counter(
    client,
    appId,
  )(
    `select count(*) from {{app}}.jobs as j
       cross join lateral (values ${workTopics.map((topic) => `('${topic}')`).join(", ")}) as w(topic)
       where j.context ->> w.topic is not null
         and j.context ->> w.topic is distinct from (
           select c.nonce from claim as c where c.job = j.id and c.topic = w.topic order by c.at desc limit 1
         )`,
  );
}

function counter(client: Client, appId: string) {
  return async (text: string, ...values: unknown[]): Promise<number> =>
    Number((await client.query(text.replaceAll("{{app}}", `"${appId}"`), values)).rows[0]?.["count"] ?? 0);
}
