import { describe, expect, test } from "vitest";
import { generationId, jobId, messageKey } from "../../brand.js";
import { compileText } from "../../compile/compile.js";
import { graphProgram } from "../../interpret/batch.js";
import { type JobRequestBody, signalRequestKind } from "../../interpret/event-codec.js";
import { requestMessage } from "../../interpret/job-request.js";
import type { JsonObject } from "../../json.js";
import type { OutgoingMessage } from "../../ports/message.js";
import type { Program } from "../../ports/program.js";
import { message } from "./builders.js";
import type { ScenarioBackend } from "./scenario-conformance.js";

const orchard = (version: string) =>
  compileText(`
app:
  id: orchard
  version: '${version}'
  graphs:
    - subscribes: apples.weigh
      expire: 60
      activities:
        scale: { type: trigger, job: { maps: { kilos: '{$self.output.data.apples}' } } }
    - subscribes: apples.press
      activities:
        press: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        wait: { type: hook, job: { maps: { told: '{$self.hook.data.say}' } } }
      transitions: { press: [ { to: wait } ] }
      hooks:
        press.done:
          - to: wait
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.id}' } ] }
`).plan;
const plans = ["1", "2"].map(orchard);

/**
 * What a statement of SQL leaves for the engines: messages about no job, that ask for a job or bring a signal. `open`
 * gives an empty app.
 */
export function requestConformance<Tx>(options: {
  readonly name: string;
  readonly open: () => Promise<ScenarioBackend<Tx>>;
}): void {
  const law = (title: string, prove: (press: Press<Tx>) => Promise<void>): void => {
    test(`${title}, on ${options.name}`, async () => {
      const opened = await options.open();
      try {
        for (const plan of plans) await opened.backend.store.deploy(plan);
        await opened.backend.store.activate("1");
        await prove(new Press(opened));
      } finally {
        await opened.close();
      }
    });
  };
  describe("a request for a job", () => {
    naming(law);
    refusals(law);
  });
}

type Prove = <Tx>(press: Press<Tx>) => Promise<void>;
type State = (title: string, prove: Prove) => void;

function naming(law: State): void {
  law("gives it the id it names, and nothing is left", async (press) => {
    await press.ask({ topic: "apples.weigh", data: { apples: 3 }, job: "A1" });

    expect(await press.settle()).toBe(0);

    expect(await press.store.readJob(jobId("A1"))).toMatchObject({ status: 0, data: { kilos: 3 }, version: "1" });
    expect(await press.store.depth(null)).toBe(0);
  });

  law("gives it the id of its trigger first", async (press) => {
    await press.ask({ topic: "apples.press", data: { id: "P1" }, job: "A1" });
    await press.settle();

    expect(await press.store.readJob(jobId("A1"))).toBeNull();
    expect(await press.store.readJob(jobId("P1"))).toMatchObject({ status: 1 });
  });

  law("that was prepared for a version which is no longer active starts on the new one", async (press) => {
    await press.ask({ topic: "apples.press", data: { id: "P1" }, job: "A1" });
    await press.step();
    await press.store.activate("2");

    expect(await press.settle()).toBe(0);

    expect(await press.store.readJob(jobId("P1"))).toMatchObject({ version: "2", status: 1 });
  });

  law("that may repeat counts once while its job is kept", async (press) => {
    for (const attempt of [1, 2]) {
      await press.ask({ topic: "apples.weigh", data: { apples: attempt }, job: "A1", once: true });
      expect(await press.settle()).toBe(0);
    }
    const first = await press.store.readJob(jobId("A1"));
    press.clock.advance(61_000);
    await press.ask({ topic: "apples.weigh", data: { apples: 3 }, job: "A1", once: true });
    await press.settle();

    expect(first?.data).toEqual({ kilos: 1 });
    expect((await press.store.readJob(jobId("A1")))?.data).toEqual({ kilos: 3 });
  });
}

function refusals(law: State): void {
  law("is kept for people when the id is taken, and the job that has it goes on", async (press) => {
    await press.ask({ topic: "apples.press", data: { id: "P1" }, job: "A1" });
    await press.ask({ topic: "apples.press", data: { id: "P1" }, job: "A2" });
    expect(await press.settle()).toBe(1);

    await press.signal({ topic: "press.done", data: { id: "P1", say: "juice" } });
    await press.settle();

    expect(await press.store.readJob(jobId("P1"))).toMatchObject({ status: 0, data: { told: "juice" } });
  });

  law("is kept for people when it can never be met, and others are", async (press) => {
    await press.ask({ topic: "pears.weigh", data: {}, job: "A1" });
    await press.ask({ topic: "apples.weigh", data: {}, job: "A2" });

    expect(await press.settle()).toBe(1);

    expect(await press.store.readJob(jobId("A1"))).toBeNull();
    expect(await press.store.readJob(jobId("A2"))).toMatchObject({ status: 0 });
    expect(await press.store.depth(null)).toBe(0);
  });

  law("and a stored signal are alike: without a rule it is kept for people", async (press) => {
    await press.signal({ topic: "pears.done", data: {} });

    expect(await press.settle()).toBe(1);
  });
}

/** An app, and how a statement of SQL would use it. */
class Press<Tx> {
  readonly clock: ScenarioBackend<Tx>["clock"];
  readonly #backend: ScenarioBackend<Tx>["backend"];
  readonly #program: Program = graphProgram({ plans: new Map(plans.map((plan) => [plan.id, plan])), policy: null });
  #drawn = 0;

  constructor({ backend, clock }: ScenarioBackend<Tx>) {
    this.#backend = backend;
    this.clock = clock;
  }

  get store() {
    return this.#backend.store;
  }

  async ask(body: JobRequestBody): Promise<void> {
    const key = this.#key("request");
    await this.#send(requestMessage(key, generationId(key), body));
  }

  async signal({ topic, data }: { readonly topic: string; readonly data: JsonObject }): Promise<void> {
    const body = { topic, data, status: "success", code: 200, plans: plans.map(({ id }) => id) };
    await this.#send(message(this.#key("signal"), { kind: signalRequestKind, body }));
  }

  /** One step; how many messages it parked. */
  async step(): Promise<{ readonly claimed: number; readonly parked: number }> {
    return this.store.step({ limit: 100 }, this.#program);
  }

  /** Steps until there is nothing to do; how many messages were parked. */
  async settle(): Promise<number> {
    let parked = 0;
    for (;;) {
      const report = await this.step();
      parked += report.parked;
      if (report.claimed === 0) return parked;
    }
  }

  async #send(outgoing: OutgoingMessage): Promise<void> {
    await this.#backend.stream.send([outgoing]);
  }

  #key(noun: string) {
    this.#drawn += 1;
    return messageKey(`${noun}-${this.#drawn}`);
  }
}
