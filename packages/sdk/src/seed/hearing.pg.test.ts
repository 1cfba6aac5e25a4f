import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { HotMesh, type JobCallback, type JobOutput } from "../index.js";
import { connection, SeedApp } from "../testing/seed-app.js";

const graph = (subject: string, n: number): string => `
    - subscribes: ${subject}.booked
      publishes: ${subject}.done
      activities:
        booked${n}: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        begun${n}: { type: hook, emit: true, job: { maps: { step: begun } } }
        noted${n}: { type: hook, emit: true, job: { maps: { step: noted } } }
        label${n}:
          type: worker
          topic: label.print
          emit: true
          input: { maps: { id: '{booked${n}.output.data.id}' } }
          job: { maps: { step: printed, sheet: '{$self.output.data.sheet}' } }
        approved${n}: { type: hook, hook: { type: object }, job: { maps: { step: approved } } }
      transitions:
        booked${n}: [ { to: begun${n} } ]
        begun${n}: [ { to: noted${n} } ]
        noted${n}: [ { to: label${n} } ]
        label${n}: [ { to: approved${n} } ]
      hooks:
        ${subject}.approved:
          - to: approved${n}
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.id}' } ] }
`;
const subjects = ["road.parcel", "road.letter", "sea.crate"];

let app: SeedApp;
/** Another point of presence than the one that starts the jobs and works on them. */
let listener: HotMesh;

beforeAll(async () => {
  app = await SeedApp.open("seedhear", [
    {
      topic: "label.print",
      connection: connection(),
      callback: async ({ data }) => ({ data: { sheet: `sheet of ${data["id"]}` } }),
    },
  ]);
  await app.activate(`
app:
  id: ${app.appId}
  version: '1'
  graphs:${subjects.map(graph).join("")}`);
  listener = await HotMesh.init({ appId: app.appId, logLevel: "silent", engine: { connection: connection() } });
});

afterAll(() => app.close());

interface Note {
  readonly topic: string;
  readonly job: unknown;
  readonly state: unknown;
  readonly step: unknown;
}

/** A callback, and what it has been called with. */
function notebook(): { readonly notes: Note[]; readonly write: JobCallback } {
  const notes: Note[] = [];
  const write = (topic: string, { metadata, data }: JobOutput): void => {
    notes.push({ topic, job: metadata["jid"], state: metadata["state"], step: data?.["step"] });
  };
  return { notes, write };
}

const stepsOf = (notes: readonly Note[], job: string): readonly string[] =>
  notes.filter((note) => note.job === job).map(({ topic, state, step }) => `${topic} ${state} ${step}`);

const emissionsOf = (subject: string): readonly string[] => [
  `${subject}.done running begun`,
  `${subject}.done running noted`,
  `${subject}.done running printed`,
];
const completionOf = (subject: string): string => `${subject}.done completed approved`;

/** A job whose interim results `notes` has, and which waits for its approval. */
async function printed(subject: string, id: string, notes: readonly Note[]): Promise<void> {
  await app.desk.pub(`${subject}.booked`, { id });
  await vi.waitFor(() => expect(stepsOf(notes, id)).toEqual(emissionsOf(subject)), 5_000);
}

async function completed(subject: string, id: string, notes: readonly Note[]): Promise<void> {
  await app.desk.signal(`${subject}.approved`, { id });
  await vi.waitFor(() => expect(stepsOf(notes, id)).toContain(completionOf(subject)), 5_000);
}

test("S68 sub hears the output and the interim emissions of one topic, and of no other", async () => {
  const { notes, write } = notebook();
  const everything = notebook();
  await listener.sub("road.parcel.done", write);
  await listener.psub("*", everything.write);

  for (const subject of subjects) {
    const id = `68/${subject}`;
    await printed(subject, id, everything.notes);
    await completed(subject, id, everything.notes);
  }

  expect(everything.notes).toHaveLength(12);
  expect(stepsOf(notes, "68/road.parcel")).toEqual([...emissionsOf("road.parcel"), completionOf("road.parcel")]);
  expect(notes).toHaveLength(4);
});

test("S69 the callback fires each time that a job emits, and each time that one completes", async () => {
  const { notes, write } = notebook();
  await listener.sub("road.letter.done", write);

  await printed("road.letter", "69/A", notes);
  await printed("road.letter", "69/B", notes);
  expect(notes).toHaveLength(6);
  await completed("road.letter", "69/B", notes);
  expect(notes).toHaveLength(7);
  await completed("road.letter", "69/A", notes);

  expect(notes).toHaveLength(8);
  for (const id of ["69/A", "69/B"]) {
    expect(stepsOf(notes, id)).toEqual([...emissionsOf("road.letter"), completionOf("road.letter")]);
  }
});

test("S69 an interim result is heard in another process as it was then, however far the job is by now", async () => {
  const { notes, write } = notebook();
  await listener.sub("sea.crate.done", write);
  const van = await app.join("van-17", [], { engine: "reader", patterns: ["sea.*"] });

  await van.kill("SIGSTOP");
  await printed("sea.crate", "69/C", notes);
  await completed("sea.crate", "69/C", notes);
  await van.kill("SIGCONT");

  const heard = notebook();
  await vi.waitFor(() => expect(van.announced).toHaveLength(4), 10_000);
  for (const { topic, output } of van.announced) heard.write(topic, output);
  const inOrder = (all: readonly Note[]) => all.map((note) => JSON.stringify(note)).sort();
  expect(inOrder(heard.notes)).toEqual(inOrder(notes));
});

test.each([
  { pattern: "*.parcel.done", heard: ["road.parcel"] },
  { pattern: "road.*.done", heard: ["road.parcel", "road.letter"] },
  { pattern: "*.*.done", heard: subjects },
  { pattern: "sea.*", heard: ["sea.crate"] },
])("S70 psub hears the emissions of all topics that match $pattern", async ({ pattern, heard }) => {
  const { notes, write } = notebook();
  const everything = notebook();
  await listener.psub(pattern, write);
  await listener.psub("*", everything.write);

  for (const subject of subjects) await printed(subject, `70/${pattern}/${subject}`, everything.notes);

  const steps = notes.map(({ topic, job, state, step }) => `${job} ${topic} ${state} ${step}`);
  expect(steps).toEqual(
    heard.flatMap((subject) => emissionsOf(subject).map((emission) => `70/${pattern}/${subject} ${emission}`)),
  );
});

test("S71 one psub watches a whole domain of workflows, from their first emission to their end", async () => {
  const { notes, write } = notebook();
  const everything = notebook();
  await listener.psub("road.*", write);
  await listener.psub("*", everything.write);

  for (const subject of subjects) await printed(subject, `71/${subject}`, everything.notes);
  for (const subject of subjects) await completed(subject, `71/${subject}`, everything.notes);

  for (const subject of ["road.parcel", "road.letter"]) {
    expect(stepsOf(notes, `71/${subject}`)).toEqual([...emissionsOf(subject), completionOf(subject)]);
  }
  expect(notes).toHaveLength(8);
});
