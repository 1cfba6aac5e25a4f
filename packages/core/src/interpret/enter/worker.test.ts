import { describe, expect, test } from "vitest";
import type { Plan } from "../../plan/plan.js";
import { planOf, play, sent, start } from "../../testing/builders.js";

const working = (maps: string, topic = "t"): Plan =>
  planOf(`
    - subscribes: ${topic}
      activities: { start: { type: trigger }, work: { type: worker, topic: card.charge ${maps} } }
      transitions: { start: [ { to: work } ] }
`);
const message = (plan: Plan) => sent(play(plan, [start(plan, { try: "3" })]))[0];
const input = (maps: string) => message(working(`, input: { maps: { ${maps} } }`));

describe("the message of a worker", () => {
  test("has no policy unless its payload names one, and then what it does not name has defaults", () => {
    expect(message(working(""))).toMatchObject({ body: {}, policy: null, codeRetries: [] });
    expect(input("initialInterval: 250ms")?.policy).toEqual({
      maximumAttempts: 51,
      backoffCoefficient: 10,
      maximumIntervalSeconds: 120,
      initialIntervalSeconds: 0.25,
    });
    expect(input("maximumAttempts: '{start.output.data.try}', backoffCoefficient: slow")?.policy).toMatchObject({
      maximumAttempts: 4,
      backoffCoefficient: 10,
    });
  });

  test("goes to the workflow that the payload names, else the graph's topic without the worker's", () => {
    expect(input("workflowName: refund")?.workflow).toBe("refund");
    expect(input("workflowName: ''")?.workflow).toBe("t");
    expect(message(working("", "card.charge-refund"))?.workflow).toBe("refund");
  });
});
