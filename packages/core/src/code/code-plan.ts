import { type AppId, planId } from "../brand.js";
import { compileConditions } from "../expression/compile-conditions.js";
import { compileExpression } from "../expression/compile-expression.js";
import { canonicalJson } from "../plan/canonical.js";
import type { ActivityCommon, ActivityPlan, CodePlan, Edge, GraphPlan, Plan } from "../plan/plan.js";
import { base64url, sha256 } from "../plan/sha-256.js";
import { hookTopic, runTopic, waitTopic } from "./protocol.js";

/** The version of {@link codePlan}: raised with every change to it. */
export const codePlanVersion = "1";

/** The activity that runs the main function; its pass is the first below the trigger. */
export const mainActivity = "main";
/** The hook that lets other functions into a job. */
export const doorActivity = "door";

/**
 * The plan of an app whose jobs are functions. It is made here and not compiled, because its activities are of a type
 * that documents cannot name: how many steps they have is not known before they run.
 */
export function codePlan(app: AppId, version: string = codePlanVersion): Plan {
  const content: Omit<Plan, "id"> = { format: 1, app, version, settings: null, graphs: [graph] };
  return { ...content, id: planId(base64url(sha256(canonicalJson(content)))) };
}

const unconnected: Omit<ActivityCommon, "id"> = {
  edges: [],
  writes: [],
  emit: null,
  persist: null,
  statusThreshold: null,
  telemetry: null,
  join: null,
  pivot: false,
  inbound: [],
  mentions: [],
};

const always = (to: string): Edge => ({ to, when: { on: "always" } });

const code = (id: string, payload: string, from: string): CodePlan => ({
  ...unconnected,
  id,
  type: "code",
  payload: compileExpression(payload),
  inbound: [from],
  mentions: ["begin", ...(from === "begin" ? [] : [from])],
});

const hook = (id: string, more: Partial<ActivityCommon>): ActivityPlan => ({
  ...unconnected,
  ...more,
  id,
  type: "hook",
  sleep: null,
  output: null,
  escalation: null,
});

const opensDoor: Edge = {
  to: doorActivity,
  when: compileConditions({ match: [{ expected: false, actual: closesDoor() }] }),
};

/** `signalIn: false`: nothing comes in. */
function closesDoor(): object {
  return { "@pipe": [["{begin.output.data.signalIn}", false], ["{@conditional.strict_equality}"]] };
}

const graph: GraphPlan = {
  topic: runTopic,
  publishes: null,
  expire: compileExpression("{begin.output.data.expire}"),
  persistent: null,
  inputSchema: null,
  trigger: "begin",
  activities: [
    {
      ...unconnected,
      id: "begin",
      type: "trigger",
      stats: {
        id: compileExpression("{$self.input.data.workflowId}"),
        key: null,
        granularity: "infinity",
        measures: [],
      },
      entity: null,
      edges: [always(mainActivity), opensDoor],
    },
    code(mainActivity, "{begin.output.data}", "begin"),
    // A pivot: what comes in is numbered from 1, so that no hook function stands below the main one.
    hook(doorActivity, { inbound: ["begin"], edges: [always("side")], mentions: ["begin"], pivot: true }),
    code("side", `{${doorActivity}.hook.data}`, doorActivity),
    hook("wait", {}),
  ],
  hooks: [
    {
      topic: hookTopic,
      to: doorActivity,
      gate: "and",
      match: [
        { expected: compileExpression("{$job.metadata.jid}"), actual: compileExpression("{$self.hook.data.job}") },
      ],
    },
    {
      topic: waitTopic,
      to: "wait",
      wakes: "newest",
      gate: "and",
      match: [{ expected: compileExpression("{$self.id}"), actual: compileExpression("{$self.hook.data.id}") }],
    },
  ],
  jobFields: [],
};
