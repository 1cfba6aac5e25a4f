import { expect, test } from "vitest";
import { backendConformance, type Conformance, laws, proveBroken } from "../laws/conformance.js";
import type { Law, LawBackend } from "../laws/law.js";
import { TestClock } from "../test-clock.js";
import { type MemoryBackend, memoryBackend } from "./backend.js";
import { MemoryDatabase } from "./database.js";
import type { Faults, Guard } from "./faults.js";
import type { MemoryTransaction } from "./transaction.js";

interface MemoryHarness extends LawBackend<MemoryTransaction> {
  readonly backend: MemoryBackend;
}

function adapter(faults: Faults = {}): Conformance<MemoryTransaction, MemoryHarness> {
  return {
    name: "memory backend",
    open: async () => {
      const [database, clock] = [new MemoryDatabase(), new TestClock()];
      const backend = memoryBackend({ database, clock, faults });
      const another = async () => memoryBackend({ database, clock, faults });
      return { clock, backend, another, close: () => backend.close() };
    },
    transact: async ({ backend }, body, end) => {
      const tx = backend.begin();
      await body(tx);
      await (end === "commit" ? tx.commit() : tx.rollback());
    },
    interrupt: async ({ backend }) => backend.sub.gap(),
  };
}

backendConformance(adapter());

function named(name: string): Law {
  const found = Object.values(laws)
    .flat()
    .find((law) => law.name === name);
  if (found === undefined) throw new Error(`there is no law "${name}"`);
  return found;
}

const caught: Readonly<Record<Guard, string>> = {
  lease: "an answer by who lost the lease changes nothing",
  revision: "a commit on another revision than the job has changes nothing",
  key: "a key that is sent twice is stored once",
  due: "nothing is claimed before it is visible",
  parked: "a parked message stays, and only its job's later messages wait",
  open: "work of a job that is not open is not handed out",
  item: "a key has one pending work item, whoever opens another at the same time",
};

for (const guard of ["lease", "revision", "key", "due", "parked", "open", "item"] as const) {
  test(`without its guard "${guard}" a backend breaks the law that ${caught[guard]}`, async () => {
    await proveBroken(adapter({ without: new Set([guard]) }), named(caught[guard]));
  });
}

test("a law that is skipped though it holds is an error", async () => {
  const skipped = proveBroken(adapter(), named(caught.lease));

  await expect(skipped).rejects.toThrow("is skipped though it holds");
});

test("no two laws have one name", () => {
  const names = Object.values(laws).flatMap((those) => those.map((law) => law.name));

  expect(names.filter((name, at) => names.indexOf(name) < at)).toEqual([]);
});
