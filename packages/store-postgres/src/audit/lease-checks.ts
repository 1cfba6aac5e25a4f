import { type Check, patienceMs } from "./check.js";
import { timeOf } from "./sql-text.js";

/** The right to answer a message. */
export const leaseChecks: readonly Check[] = [
  {
    name: "lease-malformed",
    severity: "broken",
    meaning: "A lease is incomplete, is another message's, or is one of a message that nobody may work on.",
    sql: `
      select m.job_id as job, m.key as message,
        format('%s: token %s, until %s', coalesce(m.topic, 'the engines'), coalesce(m.lease_token, 'none'),
          coalesce(m.lease_until::text, 'never')) as detail
      from {{schema}}.message as m
      where (m.lease_token is null) <> (m.lease_until is null)
        or (
          m.lease_token is not null
          and (
            m.topic is null
            or m.held
            or m.parked_reason is not null
            or m.dead_lettered_at is not null
            or right(m.lease_token, length(m.key) + 1) <> ' ' || m.key
          )
        )`,
  },
  {
    name: "lease-too-long",
    severity: "attention",
    meaning: "A lease ends in more than a day: nobody else gets the message before, whatever becomes of its holder.",
    sql: `
      select m.job_id as job, m.key as message,
        format('%s, leased to %s until %s', m.topic, coalesce(m.lease_holder, 'nobody'), m.lease_until) as detail
      from live as m
      where m.lease_token is not null and m.lease_until > $1::bigint + ${patienceMs.longestLease}`,
  },
  {
    name: "lease-abandoned",
    severity: "attention",
    meaning: "A lease is long over, its holder is gone, and nobody has taken the message since.",
    sql: `
      select m.job_id as job, m.key as message,
        format('%s, leased to %s until %s', m.topic, coalesce(m.lease_holder, 'nobody'), ${timeOf("m.lease_until")})
          as detail
      from live as m
      where m.lease_token is not null
        and m.parked_reason is null
        and m.lease_until < $1::bigint - ${patienceMs.lease}
        and not exists (select 1 from present as p where p.guid = m.lease_holder)`,
  },
];
