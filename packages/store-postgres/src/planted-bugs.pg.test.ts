import { HotMeshError } from "@hotmesh/core";
import { type Conformance, type Law, laws, prove } from "@hotmesh/core/testing/laws";
import type { ClientBase } from "pg";
import { describe, expect, test } from "vitest";
import { openHarness, type PostgresHarness } from "./testing/harness.js";
import { postgresUrl } from "./testing/postgres-url.js";

/** A guard that is taken out of a function of the schema. */
interface Bug {
  readonly name: string;
  readonly of: string;
  /** As it stands in the function, exactly once. */
  readonly guard: string;
  readonly instead: string;
}

/** Every statement of a stable function sees the snapshot of its caller, which is older than the locks it waits for. */
const oneSnapshot: Bug = {
  name: "locking and loading in one snapshot",
  of: "step_open",
  guard: " LANGUAGE plpgsql\n",
  instead: " LANGUAGE plpgsql STABLE\n",
};

const revisionGuard = "where j.revision is distinct from x.revision or j.generation is distinct from x.generation;";

/** Steps that decide on what their process remembers still have it: they name the jobs to lock, the others do not. */
const noRevisionGuardUnderLocks: Bug = {
  name: "steps that hold locks commit without revision guard",
  of: "step_commit",
  guard: revisionGuard,
  instead: "where cardinality(r.locks) > 0 and j.revision is distinct from x.revision;",
};

const noRevisionGuard: Bug = {
  name: "a commit without revision guard",
  of: "step_commit",
  guard: revisionGuard,
  instead: "where false;",
};

const settlesWithoutLease: Bug = {
  name: "settling without a look at the lease",
  of: "stream_settle",
  guard: `
      and m.lease_token = any(array(select x.token from json_to_recordset(settlements) as x(token text)))
      and m.lease_until > v_now`,
  instead: "",
};

const opensWithoutLease: Bug = {
  name: "opening a step without a look at the leases of its answers",
  of: "step_open",
  guard: `
        and m.lease_token = any(r.answer_tokens)
        and m.lease_until > v_now`,
  instead: "",
};

const commitsWithoutLease: Bug = {
  name: "committing answers without a look at their leases",
  of: "step_commit",
  guard: `
      and m.lease_token = any(r.answer_tokens)
      and m.lease_until > v_now`,
  instead: "",
};

const opensTaken: Bug = {
  name: "opening work items whatever is pending",
  of: "escalations_taken",
  guard: "return found;",
  instead: "return false;",
};

/** What the unique index would refuse is left out. */
const skipsTaken: Bug = {
  name: "a commit that goes on without its work item",
  of: "escalations_write",
  guard: "* 1000 as ms\n  ) as t;",
  instead: "* 1000 as ms\n  ) as t on conflict do nothing;",
};

const closesAny: Bug = {
  name: "closing whatever item is pending of a key",
  of: "escalations_write",
  guard: "and e.wait = x.wait;",
  instead: ";",
};

const dropsForeign: Bug = {
  name: "dropping more counters than begin so",
  of: "counters_drop",
  guard: "and c.field < s.below",
  instead: "",
};

const functionText = `
select pg_get_functiondef(p.oid) as text
from pg_proc as p
join pg_namespace as n on n.oid = p.pronamespace
where n.nspname = $1 and p.proname = $2`;

async function plant(harness: PostgresHarness, { of, guard, instead }: Bug): Promise<void> {
  const client = await harness.client();
  const { rows } = await client.query(functionText, [harness.backend.schema, of]);
  const parts: readonly string[] = rows[0].text.split(guard);
  expect(parts, `the guard stands in ${of} exactly once`).toHaveLength(2);
  await client.query(parts.join(instead));
}

function lawNamed(name: string): Law {
  const found = Object.values(laws)
    .flat()
    .find((law) => law.name === name);
  if (found === undefined) throw new Error(`No law is named ${name}`);
  return found;
}

/** Whether the law fails on a fresh app with the bugs. A plant that is no valid SQL is an error, not a catch. */
async function isCaught(law: string, bugs: readonly Bug[]): Promise<boolean> {
  const harness = await openHarness(postgresUrl());
  for (const bug of bugs) await plant(harness, bug);
  const adapter: Conformance<ClientBase, PostgresHarness> = { name: "Postgres", open: async () => harness };
  try {
    await prove(adapter, lawNamed(law));
    return false;
  } catch (thrown) {
    if (HotMeshError.is(thrown) && thrown.kind === "storage-failed") throw thrown;
    return true;
  }
}

describe("a bug that always shows", () => {
  const answered = "an answer without its lease is not decided";
  const cases: readonly (readonly [Bug, string])[] = [
    [settlesWithoutLease, "an answer by who lost the lease changes nothing"],
    [settlesWithoutLease, "a made-up token answers nothing"],
    // Each of the two is caught although the other one is in place: without the first a step holds a lost answer for a
    // held one and never gets to commit, without the second a step that decides from memory commits it.
    [opensWithoutLease, answered],
    [commitsWithoutLease, answered],
    [noRevisionGuard, "a commit on another revision than the job has changes nothing"],
    [noRevisionGuard, "a commit that inserts a job over a live one changes nothing"],
    [closesAny, "closing touches the pending item of its wait and nothing else"],
    [dropsForeign, "counters are dropped before others are counted in the same commit"],
  ];

  for (const [bug, law] of cases) {
    test(`${bug.name} is caught by: ${law}`, async () => {
      expect(await isCaught(law, [])).toBe(false);
      expect(await isCaught(law, [bug])).toBe(true);
    });
  }

  test(`answers without any look at their leases are caught by: ${answered}`, async () => {
    expect(await isCaught(answered, [opensWithoutLease, commitsWithoutLease])).toBe(true);
  });
});

// The lock and the look are there so that a caller's transaction goes on; without them the unique index still stands.
test("two pending items of a key are caught by the unique index, also when nobody looks before", async () => {
  const unique = "a key has one pending work item, whoever opens another at the same time";

  expect(await isCaught("a step that insists on a second pending item changes nothing", [opensTaken])).toBe(false);
  expect(await isCaught(unique, [opensTaken, skipsTaken])).toBe(true);
});

describe("a bug that shows in a race", () => {
  const law = "concurrent events of one job are all counted";

  /** Nine of ten proofs fail, measured on two cores. */
  async function isCaughtSoon(bugs: readonly Bug[]): Promise<boolean> {
    for (let proof = 0; proof < 20; proof += 1) if (await isCaught(law, bugs)) return true;
    return false;
  }

  async function neverCaught(bugs: readonly Bug[]): Promise<boolean> {
    for (let proof = 0; proof < 3; proof += 1) if (await isCaught(law, bugs)) return false;
    return true;
  }

  test(`${noRevisionGuard.name} is caught by: ${law}`, async () => {
    expect(await neverCaught([])).toBe(true);
    expect(await isCaughtSoon([noRevisionGuard])).toBe(true);
  });

  // The revision guard stops whoever decided on a stale job, and the step is done again: two layers protect. With that
  // layer switched off the locks alone are enough, but only while jobs are read in a later snapshot than they are
  // locked in.
  test(`${oneSnapshot.name}, and no guard behind it, is caught by: ${law}`, async () => {
    expect(await neverCaught([noRevisionGuardUnderLocks])).toBe(true);
    expect(await isCaughtSoon([oneSnapshot, noRevisionGuardUnderLocks])).toBe(true);
  });
});
