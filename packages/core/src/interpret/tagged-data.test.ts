import { expect, test } from "vitest";
import { jobOutput } from "../job/output.js";
import type { JsonObject } from "../json.js";
import { jobExport } from "../reads/job-export.js";
import { answer, planOf, play, sent, signal, start } from "../testing/builders.js";

/** What a Date and other values are stored as, as somebody's own data. */
const odd: JsonObject = {
  date: { $hotmesh: "date", v: 0 },
  deep: { list: [{ $hotmesh: "number", v: "NaN" }, [{ $hotmesh: "map", v: { $hotmesh: "codec", v: "x" } }]] },
  code: { $hotmesh: "codec", v: "x" },
};

const plan = planOf(`
    - subscribes: t
      activities:
        begin:
          type: trigger
          job:
            maps:
              at: { '@pipe': [ [ '1970-01-01T00:00:00.000Z' ], [ '{@date.fromISOString}' ] ] }
              given: '{begin.input.data}'
        work:
          type: worker
          topic: work
          job: { maps: { made: '{$self.output.data}', one: { of: '{$self.output.data.date}' } } }
        wait: { type: hook, job: { maps: { said: '{$self.hook.data}' } } }
        tell:
          type: worker
          topic: tell
          input:
            maps:
              given: '{begin.output.data}'
              made: '{work.output.data}'
              said: '{wait.hook.data}'
              kept: '{$job.data.made}'
              date: '{work.output.data.date}'
      transitions: { begin: [ { to: work } ], work: [ { to: wait } ], wait: [ { to: tell } ] }
      hooks: { go: [ { to: wait, conditions: { match: [ { expected: k, actual: k } ] } } ] }
  `);

test.each([
  ["data that only has it below", odd],
  ["data that has it itself", { ...odd, $hotmesh: "date", v: 1 }],
])("the tag of dates is a key like any other: %s comes back as it came", (_, data) => {
  const played = play(plan, [start(plan, data), answer("work,0,0", data), signal("wait,0,0,0", data)]);
  const record = played.job?.record;
  if (record === undefined) throw new Error("there is no job");

  expect(sent(played).map(({ body }) => body)).toEqual([
    { given: data, made: data, said: data, kept: data, date: odd["date"] },
  ]);
  expect(jobOutput(record).data).toMatchObject({ given: data, made: data, said: data, one: { of: odd["date"] } });
  expect(jobExport(record, [...(played.job?.passes.values() ?? [])]).process).toMatchObject({
    0: { begin: { output: { data } }, 0: { work: { output: { data } }, 0: { wait: { hook: { data } } } } },
  });
});

test("a search field that is a Date is its text", () => {
  const dated = planOf(`
    - subscribes: t
      activities:
        begin:
          type: trigger
          job: { maps: { _at: { '@pipe': [ [ '1970-01-01T00:00:00.000Z' ], [ '{@date.fromISOString}' ] ] } } }
  `);

  expect(play(dated, [start(dated)]).job?.record.fields).toEqual({ _at: "1970-01-01T00:00:00.000Z" });
});
