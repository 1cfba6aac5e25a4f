import { expect } from "vitest";
import { jobId } from "../../brand.js";
import type { StepReport } from "../../ports/store.js";
import { laneChannel } from "../../ports/sub.js";
import {
  act,
  answer,
  hook,
  leases,
  message,
  note,
  onlyLease,
  opened,
  opening,
  pass,
  readJob,
  signal,
  topic,
  work,
} from "./builders.js";
import { type Law, law } from "./law.js";
import { ledger, seenBy } from "./ledger.js";
import { caughtUp, listen } from "./listening.js";

const commits = law(
  "a start inside a caller's transaction appears with its commit",
  async ({ backend, another, transact }) => {
    const other = await another();

    await transact("commit", async (within) => {
      const report = await backend.store.step({ limit: 0, events: [opening("a")], within }, ledger());
      expect(report.verdicts.map((verdict) => verdict.outcome)).toEqual(["applied"]);
      expect(await other.store.readJob(jobId("a"))).toBeNull();
    });

    expect(await other.store.readJob(jobId("a"))).toMatchObject({ id: "a", revision: 1 });
  },
  ["transact"],
);

const vanishes = law(
  "a start inside a caller's transaction vanishes with its rollback",
  async ({ backend, transact }) => {
    const job = await opened(backend, "b");
    const reaction = { passes: [pass(job)], hooksOpened: [hook(job, "k")], sends: [work(job, "w"), note(job, "m")] };
    const events = [opening("a"), message("act", { kind: "act", job: job.id })];

    await transact("rollback", async (within) => {
      await backend.store.step({ limit: 0, events, within }, ledger({ act: () => reaction }));
      await backend.stream.send([message("sent")], { within });
    });

    expect(await backend.store.readJob(jobId("a"))).toBeNull();
    expect(await readJob(backend, job)).toEqual(job);
    expect(await backend.store.readPasses(job.id, job.generation)).toEqual([]);
    expect([await backend.store.depth(topic), await backend.store.depth(null)]).toEqual([0, 0]);
    const again = await backend.store.step({ limit: 0, events: [opening("a")] }, ledger());
    expect(again.verdicts[0]?.outcome).toBe("applied");
  },
  ["transact"],
);

const hidden = law(
  "what happens in a caller's transaction is worked on by nobody before its commit",
  async ({ backend, another, transact }) => {
    const other = await another();
    const job = await opened(backend, "b");
    await backend.stream.send([note(job, "waits for the job")]);
    const reaction = { sends: [work(job, "w"), message("m")] };
    const events = [message("act", { kind: "act", job: job.id })];

    await transact("commit", async (within) => {
      await backend.store.step({ limit: 0, events, within }, ledger({ act: () => reaction }));
      expect((await other.store.step({ limit: 10 }, ledger())).claimed).toBe(0);
      expect(await leases(other)).toEqual([]);
    });

    expect((await other.store.step({ limit: 10 }, ledger())).claimed).toBe(2);
    expect(await leases(other)).toHaveLength(1);
  },
  ["transact"],
);

const noHint = law(
  "no hint and no publication of a caller's transaction goes out before its commit",
  async ({ backend, another, transact }) => {
    const other = await another();
    const job = await opened(backend, "a");
    const [news, lane] = [await listen(other, "news"), await listen(other, laneChannel(topic))];
    const here = await listen(backend, "news");
    const reaction = { publications: [{ channel: "news", body: 1 }], sends: [work(job, "w")] };
    const events = [message("act", { kind: "act", job: job.id })];
    const before: number[] = [];

    await transact("rollback", async (within) => {
      await backend.store.step({ limit: 0, events, within }, ledger({ act: () => reaction }));
      await backend.stream.send([work(job, "sent")], { within });
      await caughtUp(backend, other);
      before.push(news.bodies.length, lane.bodies.length, here.bodies.length);
    });
    await caughtUp(backend, other);

    expect(before).toEqual([0, 0, 0]);
    expect([news.bodies, lane.bodies, here.bodies]).toEqual([[], [], []]);
  },
  ["transact"],
);

const hints = law(
  "hints and publications of a caller's transaction go out with its commit",
  async ({ backend, another, transact }) => {
    const other = await another();
    const job = await opened(backend, "a");
    const [news, lane] = [await listen(other, "news"), await listen(other, laneChannel(topic))];
    const reaction = { publications: [{ channel: "news", body: 1 }], sends: [work(job, "w")] };
    const events = [message("act", { kind: "act", job: job.id })];

    await transact("commit", async (within) => {
      await backend.store.step({ limit: 0, events, within }, ledger({ act: () => reaction }));
    });
    await news.heard(1);
    await lane.heard(1);

    expect(news.bodies).toEqual([1]);
  },
  ["transact"],
);

const noClaim = law(
  "a step inside a caller's transaction claims nothing",
  async ({ backend, transact }) => {
    const job = await opened(backend, "a");
    await backend.stream.send([note(job, "m"), message("about nothing")]);
    const reports: StepReport[] = [];

    await transact("commit", async (within) => {
      reports.push(await backend.store.step({ limit: 10, events: [opening("b")], within }, ledger()));
    });

    expect(reports).toMatchObject([{ claimed: 0, missing: [] }]);
    expect(await backend.store.depth(null)).toBe(2);
  },
  ["transact"],
);

const usable = law(
  "a refused event leaves the caller's transaction usable",
  async ({ backend, transact }) => {
    await opened(backend, "taken");
    const broken = ledger({
      bad: () => {
        throw new Error("a bug");
      },
    });
    const outcomes: unknown[] = [];

    await transact("commit", async (within) => {
      const refused = await backend.store.step({ limit: 0, events: [opening("taken")], within }, ledger());
      outcomes.push(refused.verdicts[0]?.outcome);
      const events = [opening("undone"), message("bad", { kind: "bad" })];
      await expect(backend.store.step({ limit: 0, events, within }, broken)).rejects.toThrow("a bug");
      const applied = await backend.store.step({ limit: 0, events: [opening("fresh")], within }, ledger());
      outcomes.push(applied.verdicts[0]?.outcome);
    });

    expect(outcomes).toEqual(["duplicate", "applied"]);
    expect(await backend.store.readJob(jobId("fresh"))).not.toBeNull();
    expect(await backend.store.readJob(jobId("undone"))).toBeNull();
  },
  ["transact"],
);

const missing = law(
  "a step that lacks plans leaves no trace in the caller's transaction",
  async ({ backend, transact }) => {
    const job = await opened(backend, "a");
    const lacking = ledger({}, { missing: { at: "decide", plans: [job.plan] } });

    await transact("commit", async (within) => {
      const first = await backend.store.step({ limit: 0, events: [opening("b")], within }, lacking);
      expect(first.missing).toEqual([job.plan]);
      const second = await backend.store.step({ limit: 0, events: [opening("b")], within }, ledger());
      expect(second.verdicts[0]?.outcome).toBe("applied");
    });

    expect(await backend.store.readJob(jobId("b"))).toMatchObject({ revision: 1 });
  },
  ["transact"],
);

const ownWrites = law(
  "steps in one transaction see each other's writes",
  async ({ backend, transact }) => {
    await transact("commit", async (within) => {
      await backend.store.step({ limit: 0, events: [opening("a")], within }, ledger());
      const again = await backend.store.step({ limit: 0, events: [opening("a")], within }, ledger());
      expect(again.verdicts).toEqual([{ outcome: "duplicate" }]);
      await backend.store.step({ limit: 0, events: [message("m", { job: jobId("a") })], within }, ledger());
    });

    const job = await backend.store.readJob(jobId("a"));
    expect(seenBy(job)).toEqual(["note m"]);
    expect(job?.revision).toBe(2);
  },
  ["transact"],
);

const contested = law(
  "a start outside waits for a transaction that starts the same job",
  async ({ backend, another, transact }) => {
    const other = await another();
    const outcomes: unknown[] = [];
    const start = async (id: string): Promise<void> => {
      const report = await other.store.step({ limit: 0, events: [opening(id)] }, ledger());
      outcomes.push(report.verdicts[0]?.outcome);
    };

    for (const end of ["commit", "rollback"] as const) {
      let outside: Promise<void> = Promise.resolve();
      await transact(end, async (within) => {
        await backend.store.step({ limit: 0, events: [opening(end)], within }, ledger());
        outside = start(end);
        await backend.store.depth(null);
      });
      await outside;
    }

    expect(outcomes).toEqual(["duplicate", "applied"]);
  },
  ["transact"],
);

const answers = law(
  "an answer inside a caller's transaction counts with its commit",
  async ({ backend, transact }) => {
    const job = await opened(backend, "a");
    await backend.stream.send([work(job, "w")]);
    const lease = await onlyLease(backend);

    for (const end of ["rollback", "commit"] as const) {
      await transact(end, async (within) => {
        const report = await backend.store.step({ limit: 0, answers: [answer(lease)], within }, ledger());
        expect(report.answers).toEqual(["settled"]);
      });
    }

    expect(seenBy(await readJob(backend, job))).toHaveLength(1);
    expect(await backend.stream.settle([answer(lease)])).toEqual(["lease-lost"]);
  },
  ["transact"],
);

const signals = law(
  "a signal inside a caller's transaction is kept or delivered with its commit",
  async ({ backend, transact }) => {
    const job = await opened(backend, "a");
    const events = [message("act", { kind: "act", job: job.id })];
    await backend.store.step({ limit: 0, events }, ledger({ act: () => ({ hooksOpened: [hook(job, "k")] }) }));

    for (const [end, depth] of [
      ["rollback", 0],
      ["commit", 1],
    ] as const) {
      await transact(end, async (within) => {
        await backend.store.step(
          { limit: 0, events, within },
          ledger({ act: () => ({ signals: [signal("s", job)] }) }),
        );
      });
      expect(await backend.store.depth(null)).toBe(depth);
    }
  },
  ["transact"],
);

const meet = law(
  "a signal inside a caller's transaction and a hook outside meet",
  async ({ backend, another, transact }) => {
    const other = await another();
    const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
    const events = [message("act", { kind: "act", job: a.id })];
    let outside: Promise<unknown> = Promise.resolve();

    await transact("commit", async (within) => {
      await backend.store.step({ limit: 0, events, within }, ledger({ act: () => ({ signals: [signal("s", a)] }) }));
      outside = act(other, b, { hooksOpened: [hook(b, "k")] });
      await backend.store.depth(null);
    });
    await outside;

    expect(await backend.store.depth(null)).toBe(1);
  },
  ["transact"],
);

const sends = law(
  "a message sent in a caller's transaction appears with its commit",
  async ({ backend, transact }) => {
    await transact("commit", async (within) => {
      expect(await backend.stream.send([message("m")], { within })).toEqual(["m"]);
      expect(await backend.store.depth(null)).toBe(0);
    });

    expect((await backend.store.step({ limit: 10 }, ledger())).claimed).toBe(1);
  },
  ["transact"],
);

const contestedKey = law(
  "a message sent outside waits for a transaction that sends the same key",
  async ({ backend, another, transact }) => {
    const other = await another();
    const bodies: unknown[] = [];
    const order: string[] = [];

    for (const end of ["commit", "rollback"] as const) {
      let outside: Promise<unknown> = Promise.resolve();
      await transact(end, async (within) => {
        await backend.stream.send([message(end, { topic, body: "inside" })], { within });
        outside = other.stream
          .send([message(end, { topic, body: "outside" })])
          .then(() => order.push(`outside after ${end}`));
        // Round trips in which a send that does not wait would be done.
        await backend.store.depth(null);
        await backend.store.depth(null);
        order.push(end);
      });
      await outside;
      bodies.push(...(await leases(backend)).map((lease) => lease.body));
    }

    expect(bodies).toEqual(["inside", "outside"]);
    expect(order).toEqual(["commit", "outside after commit", "rollback", "outside after rollback"]);
  },
  ["transact"],
);

export const transactionLaws: readonly Law[] = [
  commits,
  vanishes,
  hidden,
  noHint,
  hints,
  noClaim,
  usable,
  missing,
  ownWrites,
  contested,
  answers,
  signals,
  meet,
  sends,
  contestedKey,
];
