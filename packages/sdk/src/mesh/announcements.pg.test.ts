import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Announced, Elsewhere } from "../testing/elsewhere.js";
import { connection, SeedApp } from "../testing/seed-app.js";

const subjects = ["order.place", "order.ship", "invoice.send"];
/** Each subject's jobs tell how far they are, then something of any length, and end as the worker says. */
const graph = (subject: string, n: number): string => `
    - subscribes: ${subject}
      publishes: ${subject}.told
      activities:
        begin${n}: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        noted${n}: { type: hook, emit: true, job: { maps: { step: noted, text: '{begin${n}.output.data.text}' } } }
        work${n}:
          type: worker
          topic: text.repeat
          input: { maps: { text: '{begin${n}.output.data.text}', refuse: '{begin${n}.output.data.refuse}' } }
          job: { maps: { step: worked, text: '{$self.output.data.text}' } }
        rest${n}: { type: hook, sleep: '{begin${n}.output.data.rest}' }
      transitions:
        begin${n}: [ { to: noted${n} } ]
        noted${n}: [ { to: work${n} } ]
        work${n}:
          - to: rest${n}
            conditions: { code: 200, match: [ { expected: true, actual: '{begin${n}.output.data.rests}' } ] }
`;

let app: SeedApp;
/** Another process that hears everything of orders, and one that makes two mistakes before it hears something. */
let listener: Elsewhere;
let clumsy: Elsewhere;

beforeAll(async () => {
  app = await SeedApp.open("announced", [
    {
      topic: "text.repeat",
      connection: connection(),
      callback: async ({ data }) => {
        if (data["refuse"] === true) throw new Error("the text is refused");
        return { data: { text: String(data["text"]).repeat(3) } };
      },
    },
  ]);
  await app.activate(`
app:
  id: ${app.appId}
  version: '1'
  graphs:${subjects.map(graph).join("")}`);
  const patterns = ["order.*"];
  [listener, clumsy] = await Promise.all([
    app.join("listener", [], { engine: "reader", patterns }),
    app.join("clumsy", ["label.print"], { patterns, isClumsy: true }),
  ]);
});

afterAll(() => app.close());

const heardOf = ({ announced }: Elsewhere, job: string): readonly Announced[] =>
  announced.filter(({ output }) => output.metadata["jid"] === job);

/** What was told of a job: `order.place.told running noted`. Notifications may overtake each other. */
const toldOf = (process: Elsewhere, job: string): readonly string[] =>
  heardOf(process, job)
    .map(({ topic, output: { metadata, data } }) => `${topic} ${metadata["state"]} ${data?.["step"]}`)
    .sort();

/** Each of them is heard, once. */
const told = (job: string, expected: readonly string[], process = listener) =>
  vi.waitFor(() => expect(toldOf(process, job)).toEqual([...expected].sort()), 5_000);

test("A3 S70 S71 F22 psub hears emissions and ends of all matching topics elsewhere, and no other", async () => {
  const start = { text: "x", rests: false };
  for (const subject of subjects) {
    await app.desk.pub(subject, { ...start, id: `${subject}/completes` });
    await app.desk.pub(subject, { ...start, id: `${subject}/fails`, refuse: true });
    await app.desk.pub(subject, { ...start, id: `${subject}/rests`, rests: true, rest: 3_600 });
  }
  await vi.waitFor(async () => {
    const states = await Promise.all(subjects.map((subject) => app.desk.getState(subject, `${subject}/rests`)));
    expect(states.map(({ data }) => data?.["step"])).toEqual(subjects.map(() => "worked"));
  }, 5_000);
  for (const subject of subjects) await app.desk.interrupt(subject, `${subject}/rests`, { throw: false });

  for (const subject of ["order.place", "order.ship"]) {
    const noted = `${subject}.told running noted`;
    await told(`${subject}/completes`, [noted, `${subject}.told completed worked`]);
    await told(`${subject}/fails`, [noted, `${subject}.told failed worked`]);
    await told(`${subject}/rests`, [noted, `${subject}.told interrupted worked`]);
  }
  expect(listener.announced).toHaveLength(12);
});

test.each([
  { text: "grüße aus 東京 und 𝄞, ", times: 400 },
  { text: "𝄞", times: 100_000 },
  { text: '\\\u0000\u2028"\ud800', times: 2_000 },
])("A3 F6 results of many bytes arrive whole in another process: $times times $text", async ({ text, times }) => {
  const long = text.repeat(times);
  const id = `long/${times}`;

  await app.desk.pub("order.place", { id, text: long, rests: false });

  await told(id, ["order.place.told running noted", "order.place.told completed worked"]);
  const texts = heardOf(listener, id).map(({ output }) => String(output.data?.["text"]));
  expect(Buffer.byteLength(long)).toBeGreaterThan(8_000);
  texts.sort((one, other) => one.length - other.length);
  expect(texts.map((one) => one.length)).toEqual([long.length, 3 * long.length]);
  expect([texts[0] === long, texts[1] === long.repeat(3)]).toEqual([true, true]);
});

test("A3 F9 callbacks that throw or reject are logged, and harm neither other callbacks nor the process", async () => {
  const mistakes = (event: string): number => clumsy.logged.filter((logged) => logged.event === event).length;
  await app.desk.pub("order.ship", { id: "clumsy", text: "x", rests: false });
  const message = { type: "user", topic: "settings.reload", message: { by: "desk" } } as const;
  await app.desk.pubQuorum(message);

  await told("clumsy", ["order.ship.told running noted", "order.ship.told completed worked"], clumsy);
  await vi.waitFor(() => expect(clumsy.heard.map((heard) => heard.message)).toContainEqual(message), 5_000);

  // Two mistakes for each that was heard: one callback has thrown, one has rejected.
  await vi.waitFor(() => {
    expect(mistakes("subscription-callback-failed")).toBe(2 * clumsy.announced.length);
    expect(mistakes("quorum-callback-failed")).toBe(2 * clumsy.heard.length);
  }, 5_000);
  expect(clumsy.logged.every(({ level }) => level === "error")).toBe(true);
  expect(clumsy.isAlive).toBe(true);
  expect((await app.desk.rollCall(400)).map(({ engine_id: guid }) => guid)).toContain("clumsy");
  expect(await clumsy.call("pub", "order.ship", { id: "after", text: "x", rests: false })).toBe("after");
  await told("after", ["order.ship.told running noted", "order.ship.told completed worked"], clumsy);
});
