import { Ajv } from "ajv";
import { parse } from "yaml";
import schema from "../../../schema/hotmesh.schema.json" with { type: "json" };
import { compileText } from "../../compile/compile.js";
import { CompileError } from "../../errors.js";

const ajv = new Ajv({ strict: false, allErrors: false, logger: false }).addSchema(schema, "hotmesh");

/** Does the schema that editors use take it? As a whole document, or as one of its parts. */
export function accepts(document: unknown, part?: string): boolean {
  return ajv.validate(part === undefined ? "hotmesh" : `hotmesh#/definitions/${part}`, document);
}

/** A document as an editor reads it. */
export function yaml(text: string): unknown {
  return parse(text, { merge: true });
}

/** The codes of what the compiler refuses a document for; empty when it compiles. */
export function problemsOf(document: unknown): readonly string[] {
  try {
    compileText(JSON.stringify(document));
    return [];
  } catch (error) {
    if (error instanceof CompileError) return error.problems.map(({ code }) => code);
    throw error;
  }
}

/** One of everything. */
export const whole = {
  app: {
    id: "demo",
    version: "1",
    settings: { a: 1 },
    graphs: [
      {
        subscribes: "t",
        publishes: "u",
        expire: 60,
        persistent: "{a.output.data.p}",
        title: "All there is",
        input: { validate: true, schema: { type: "object", properties: { n: { type: ["number", "null"] } } } },
        output: { schema: true, 422: { schema: { items: [{ const: 1 }] } } },
        activities: {
          a: {
            type: "trigger",
            entity: "e",
            description: "starts",
            emit: "{$job.data.x}",
            stats: {
              id: "{$self.input.data.i}",
              key: "k",
              granularity: "1h",
              measures: [{ measure: "count", target: "{a.x.y.z}" }],
            },
          },
          w: {
            type: "worker",
            topic: "{a.output.data.t}",
            retry: { 503: [2] },
            cycle: false,
            input: { maps: { x: "{a.output.data.x}" } },
          },
          v: {
            type: "await",
            subtype: "v",
            await: false,
            job: { maps: { "s[3]": "{$self.output.data}", y: { z: [1, null] } } },
          },
          h: { type: "hook", sleep: 5, hook: { type: "object" }, escalation: { role: "r", metadata: { m: 1 } } },
          s: {
            type: "signal",
            subtype: "all",
            topic: "k",
            key_name: "n",
            resolver: { maps: {} },
            signal: { maps: { q: 1 } },
            code: 201,
          },
          i: { type: "interrupt", target: "{a.output.data.j}", throw: false, telemetry: { t: 1 } },
          j: {
            type: "activity",
            join: "all",
            output: {
              maps: {
                n: {
                  "@pipe": [
                    { "@pipe": [["{w.output.data.n}", 1], ["{@math.add}"]] },
                    ["{@math.add}", { a: "{not.run}" }],
                    { "@reduce": [["{$item.x}", "{@date.now}"]] },
                  ],
                },
              },
            },
          },
          c: { type: "cycle", ancestor: "h", input: { maps: { n: 1 } }, statusThreshold: 0 },
        },
        transitions: {
          a: [
            { to: "w" },
            { to: "v", conditions: { code: [200, "201"], gate: "or", match: [{ expected: null, actual: "{a.x}" }] } },
          ],
          w: [{ to: "h", conditions: { code: 200 } }],
          v: [{ to: "s" }],
          h: [{ to: "c", conditions: true }, { to: "j" }],
          s: [{ to: "i" }],
          i: [{ to: "j" }],
        },
        hooks: {
          k: [{ to: "h", conditions: { match: [{ expected: "{$job.metadata.jid}", actual: "{$self.hook.data.i}" }] } }],
        },
      },
    ],
  },
};
