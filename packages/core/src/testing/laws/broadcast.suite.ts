import { describe, expect, test } from "vitest";
import { generationId, jobId, messageKey } from "../../brand.js";
import { compileText } from "../../compile/compile.js";
import { graphProgram } from "../../interpret/batch.js";
import { broadcastMessage } from "../../interpret/broadcast.js";
import { prepareStart } from "../../interpret/start-event.js";
import { type JsonObject, jsonObjectOf } from "../../json.js";
import type { OutgoingMessage } from "../../ports/message.js";
import type { Program } from "../../ports/program.js";
import { counterField, counterName, facetPrefix, indexPrefix } from "../../statistics/counter-field.js";
import { readCounters } from "../../statistics/read-counters.js";
import type { ScenarioBackend } from "./scenario-conformance.js";

const { plan } = compileText(`
app:
  id: harbor
  version: '1'
  graphs:
    - subscribes: moor
      activities:
        anchor:
          type: trigger
          stats:
            id: '{$self.input.data.id}'
            key: bay
            granularity: 5m
            measures:
              - { measure: index, target: '{$self.input.data.color}' }
              - { measure: index, target: '{$self.input.data.size}' }
              - { measure: count, target: '{$self.input.data.color}' }
        crew: { type: worker, topic: crew.board }
        bob: { type: hook, job: { maps: { tide: '{$self.hook.data.tide}', heard: '{$self.hook.data.id}' } } }
      transitions:
        anchor:
          - { to: bob, conditions: { match: [ { expected: true, actual: '{$self.output.data.ready}' } ] } }
          - { to: crew, conditions: { match: [ { expected: false, actual: '{$self.output.data.ready}' } ] } }
        crew: [ { to: bob } ]
      hooks:
        call: [ { to: bob, conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$hook.data.id}' } ] } } ]
`);
const name = counterName("moor", "bay");
const forEver = { name, from: "0", to: "999999999999" };
const reds = { ...forEver, prefix: facetPrefix({ label: "color", value: "red" }) };
const everybody = { ...forEver, prefix: indexPrefix };

/**
 * A signal to all jobs of an index, played over a backend: page by page, by any number of engines, to each job once.
 * `open` gives an empty app.
 */
export function broadcastConformance<Tx>(options: {
  readonly name: string;
  readonly open: () => Promise<ScenarioBackend<Tx>>;
}): void {
  const law = (title: string, prove: (harbor: Harbor<Tx>) => Promise<void>): void => {
    test(`${title}, on ${options.name}`, async () => {
      const opened = await options.open();
      try {
        await opened.backend.store.deploy(plan);
        await opened.backend.store.activate("1");
        await prove(new Harbor(opened));
      } finally {
        await opened.close();
      }
    });
  };
  describe("a broadcast", () => {
    delivery(law);
    bookkeeping(law);
  });
}

type Prove = <Tx>(harbor: Harbor<Tx>) => Promise<void>;
type State = (title: string, prove: Prove) => void;

function delivery(law: State): void {
  law("reaches every job of its list once, however many pages and engines there are", async (harbor) => {
    const red = Array.from({ length: 7 }, (_, place) => `R${place}`);
    for (const id of red) await harbor.start(id, { color: "red" });
    await harbor.start("B", { color: "blue" });

    await harbor.broadcast({ list: reds, status: "pending", code: 202 });
    await harbor.settle(3);

    for (const id of red) expect(await harbor.heard(id)).toEqual({ data: { tide: "high", heard: id }, times: 1 });
    expect(await harbor.heard("B")).toEqual({ data: {}, times: 0 });
  });

  law("to all lists reaches a job once that is in several, and one that is in the second alone", async (harbor) => {
    await harbor.start("Y1", { color: "red", size: "big" });
    await harbor.start("Y2", { size: "big" });
    await harbor.start("Y3", {});

    await harbor.broadcast({ list: everybody, status: "pending", code: 202 });
    await harbor.settle();

    expect(await Promise.all(["Y1", "Y2", "Y3"].map(async (id) => (await harbor.heard(id)).times))).toEqual([1, 1, 0]);
  });

  law("whose step fails is decided again, and nobody hears it twice", async (harbor) => {
    for (const id of ["Y1", "Y2", "Y3"]) await harbor.start(id, { color: "red" });
    await harbor.broadcast({ list: reds, status: "pending", code: 202 });

    const failing: Program = {
      ...harbor.program,
      decide: () => {
        throw new Error("the process dies");
      },
    };
    await expect(harbor.step(failing)).rejects.toThrow("the process dies");
    await harbor.settle();

    for (const id of ["Y1", "Y2", "Y3"]) expect((await harbor.heard(id)).times).toBe(1);
  });

  law("is kept for a job that does not wait yet", async (harbor) => {
    await harbor.start("Y1", { color: "red", ready: false });

    await harbor.broadcast({ list: reds });
    await harbor.settle();
    expect(await harbor.heard("Y1")).toEqual({ data: {}, times: 0 });
    await harbor.board();
    await harbor.settle();

    expect(await harbor.heard("Y1")).toEqual({ data: { tide: "high", heard: "Y1" }, times: 1 });
  });

  law("reaches the jobs of its time alone", async (harbor) => {
    await harbor.start("Y1", { color: "red" });
    harbor.clock.advance(600_000);
    await harbor.start("Y2", { color: "red" });

    const [, late] = await harbor.slices(reds);
    await harbor.broadcast({ list: { ...reds, from: late ?? "" } });
    await harbor.settle();

    expect([(await harbor.heard("Y1")).times, (await harbor.heard("Y2")).times]).toEqual([0, 1]);
  });
}

function bookkeeping(law: State): void {
  law("that scrubs leaves what was counted, other lists, and whoever comes later", async (harbor) => {
    for (const id of ["Y1", "Y2", "Y3"]) await harbor.start(id, { color: "red", size: "big" });
    await harbor.start("B", { color: "blue" });

    await harbor.broadcast({ list: reds, scrub: true });
    await harbor.settle();
    await harbor.start("Y0", { color: "red" });

    expect(await harbor.listed(reds)).toEqual(["Y0"]);
    expect(await harbor.listed({ ...forEver, prefix: facetPrefix({ label: "size", value: "big" }) })).toEqual([
      "Y1",
      "Y2",
      "Y3",
    ]);
    expect(await harbor.listed({ ...forEver, prefix: facetPrefix({ label: "color", value: "blue" }) })).toEqual(["B"]);
    const counted = await readCounters(harbor.store, { ...forEver, prefix: 'm["count","color","red"]' });
    expect(counted.reduce((sum, { value }) => sum + value, 0)).toBe(4);
  });

  law("that does not scrub leaves the index, and leaves no work behind", async (harbor) => {
    for (const id of ["Y1", "Y2", "Y3"]) await harbor.start(id, { color: "red" });

    await harbor.broadcast({ list: reds });
    await harbor.settle();

    expect(await harbor.listed(reds)).toEqual(["Y1", "Y2", "Y3"]);
    expect(await harbor.store.depth(null)).toBe(0);
  });
}

/** An app whose engines take two jobs of an index at a time. */
class Harbor<Tx> {
  readonly clock: ScenarioBackend<Tx>["clock"];
  readonly program: Program = graphProgram({
    plans: new Map([[plan.id, plan]]),
    policy: null,
    limits: { broadcastPage: 2 },
  });
  readonly #backend: ScenarioBackend<Tx>["backend"];
  #drawn = 0;

  constructor({ backend, clock }: ScenarioBackend<Tx>) {
    this.#backend = backend;
    this.clock = clock;
  }

  get store() {
    return this.#backend.store;
  }

  async start(id: string, data: JsonObject): Promise<void> {
    const generation = generationId(`G-${id}`);
    const key = messageKey(`start-${id}`);
    const payload = { ready: true, ...data, id };
    await this.#event(
      prepareStart(plan, { topic: "moor", payload, generatedId: jobId(id), generation, key, now: this.clock.now() }),
    );
  }

  async broadcast(
    change: Pick<Parameters<typeof broadcastMessage>[1], "list"> & Partial<Parameters<typeof broadcastMessage>[1]>,
  ): Promise<void> {
    this.#drawn += 1;
    const content = {
      topic: "call",
      data: { tide: "high" },
      status: "success",
      code: 200,
      plans: [],
      scrub: false,
    } as const;
    await this.#event(broadcastMessage(messageKey(`broadcast-${this.#drawn}`), { ...content, ...change }));
  }

  async step(program: Program = this.program): Promise<number> {
    return (await this.store.step({ limit: 100 }, program)).claimed;
  }

  /** Steps until there is nothing to do, with several engines at once. */
  async settle(engines = 1): Promise<void> {
    for (;;) {
      const claimed = await Promise.all(Array.from({ length: engines }, () => this.step()));
      if (claimed.every((count) => count === 0)) return;
    }
  }

  /** Does the work of every crew. */
  async board(): Promise<void> {
    const { stream } = this.#backend;
    const { leases } = await stream.claim({ topic: "crew.board", limit: 100, leaseMs: 60_000, holder: "crew" });
    const answer = { status: "success", code: 200, data: {} } as const;
    await stream.settle(leases.map((lease) => ({ lease, outcome: { kind: "answer", answer } })));
  }

  /** What a job has made of the signal, and how often it got it. */
  async heard(id: string): Promise<{ readonly data: JsonObject; readonly times: number }> {
    const record = await this.store.readJob(jobId(id));
    if (record === null) throw new Error(`no job ${id}`);
    const passes = await this.store.readPasses(record.id, record.generation);
    const times = passes.filter(({ activity, hook }) => activity === "bob" && hook !== null).length;
    return { data: jsonObjectOf(record.data), times };
  }

  async listed(span: typeof reds): Promise<readonly string[]> {
    const fields = (await readCounters(this.store, span, 2)).map(({ field }) => counterField(field));
    return fields.flatMap((field) => (field?.kind === "index" ? [field.job] : []));
  }

  async slices(span: typeof reds): Promise<readonly string[]> {
    return [...new Set((await readCounters(this.store, span)).map(({ slice }) => slice))];
  }

  async #event(message: OutgoingMessage): Promise<void> {
    const { verdicts } = await this.store.step({ limit: 0, events: [message] }, this.program);
    expect(verdicts).toMatchObject([{ outcome: "applied" }]);
  }
}
