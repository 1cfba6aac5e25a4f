import { describe, expect, test } from "vitest";
import { answerLaws } from "./answer.suite.js";
import { attemptLaws } from "./attempt.suite.js";
import { batchLaws } from "./batch.suite.js";
import { claimLaws } from "./claim.suite.js";
import { concurrencyLaws } from "./concurrency.suite.js";
import { counterLaws } from "./counters.suite.js";
import { escalationLaws } from "./escalation.suite.js";
import { handoffLaws } from "./handoff.suite.js";
import { jobLaws } from "./job.suite.js";
import type { Bench, Law, LawBackend } from "./law.js";
import { leaseLaws } from "./lease.suite.js";
import { passLaws } from "./pass.suite.js";
import { planLaws } from "./plan.suite.js";
import { registryLaws } from "./registry.suite.js";
import { scrubLaws } from "./scrub.suite.js";
import { sendLaws } from "./send.suite.js";
import { settleLaws } from "./settle.suite.js";
import { signalLaws } from "./signal.suite.js";
import { stepLaws } from "./step.suite.js";
import { subLaws } from "./sub.suite.js";
import { sweepLaws } from "./sweep.suite.js";
import { transactionLaws } from "./transaction.suite.js";

/** An adapter, as the laws of the ports see it. */
export interface Conformance<Tx, Harness extends LawBackend<Tx>> {
  readonly name: string;
  readonly open: () => Promise<Harness>;
  /** Runs `body` in a transaction of the caller's and ends it so. Without it such transactions are not tested. */
  readonly transact?: (harness: Harness, body: (tx: Tx) => Promise<void>, end: "commit" | "rollback") => Promise<void>;
  /** Breaks the connection on which the harness's backend hears hints, and lets it come back. */
  readonly interrupt?: (harness: Harness) => Promise<void>;
  /** Laws this adapter does not keep. One that it does keep is an error. */
  readonly skip?: readonly { readonly law: string; readonly reason: string }[];
}

/** Every promise of the ports. */
export const laws: Readonly<Record<string, readonly Law[]>> = {
  step: [...stepLaws, ...batchLaws, ...sendLaws],
  claim: [...claimLaws, ...concurrencyLaws],
  job: [...jobLaws, ...passLaws, ...attemptLaws, ...scrubLaws, ...sweepLaws],
  stream: [...leaseLaws, ...settleLaws, ...answerLaws, ...handoffLaws],
  signal: signalLaws,
  counters: counterLaws,
  escalation: escalationLaws,
  plan: planLaws,
  registry: registryLaws,
  sub: subLaws,
  transaction: transactionLaws,
};

/** Registers every law as a test of this adapter. */
export function backendConformance<Tx, Harness extends LawBackend<Tx>>(adapter: Conformance<Tx, Harness>): void {
  describe(adapter.name, () => {
    for (const [subject, those] of Object.entries(laws)) {
      describe(subject, () => {
        for (const one of those) register(adapter, one);
      });
    }
    test("every skip names a law", () => {
      const names = Object.values(laws).flatMap((those) => those.map((one) => one.name));
      expect((adapter.skip ?? []).filter((skip) => !names.includes(skip.law))).toEqual([]);
    });
  });
}

/** Opens a database, proves one law on it, and closes it again. */
export async function prove<Tx, Harness extends LawBackend<Tx>>(
  adapter: Conformance<Tx, Harness>,
  one: Law,
): Promise<void> {
  const harness = await adapter.open();
  try {
    await one.run(benchOf(adapter, harness));
  } finally {
    await harness.close();
  }
}

/** The proof of a skip: a law that is skipped though it holds is an error. */
export async function proveBroken<Tx, Harness extends LawBackend<Tx>>(
  adapter: Conformance<Tx, Harness>,
  one: Law,
): Promise<void> {
  const broken = await prove(adapter, one).then(
    () => false,
    () => true,
  );
  expect(broken, `"${one.name}" is skipped though it holds`).toBe(true);
}

function register<Tx, Harness extends LawBackend<Tx>>(adapter: Conformance<Tx, Harness>, one: Law): void {
  const skip = adapter.skip?.find((skipped) => skipped.law === one.name);
  if (one.needs.some((need) => adapter[need] === undefined)) {
    test.skip(one.name);
  } else if (skip === undefined) {
    test(one.name, () => prove(adapter, one));
  } else {
    test(`${one.name} (skipped: ${skip.reason})`, () => proveBroken(adapter, one));
  }
}

function benchOf<Tx, Harness extends LawBackend<Tx>>(adapter: Conformance<Tx, Harness>, harness: Harness): Bench<Tx> {
  return {
    harness,
    backend: harness.backend,
    clock: harness.clock,
    another: () => harness.another(),
    transact: async (end, body) => {
      if (adapter.transact === undefined) throw new Error(`${adapter.name} offers no transactions`);
      await adapter.transact(harness, body, end);
    },
    interrupt: async () => {
      if (adapter.interrupt === undefined) throw new Error(`${adapter.name} offers no interruptions`);
      await adapter.interrupt(harness);
    },
  };
}
