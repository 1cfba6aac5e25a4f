import { Durable, Errors } from "../../index.js";
import type { ErrorCase } from "./error-case.js";
import type { ErrorScene } from "./error-scene.js";

const { DuplicateJobError, GetStateError, WorkflowFailedError } = Errors;

const functions = {
  async fail(code: number) {
    throw new Errors.DurableFatalError(`it broke with ${code}`);
  },
  async wait() {
    await Durable.workflow.condition("never");
  },
};

const namespaces = new WeakMap<ErrorScene, string>();

/** A client of a namespace of the scene, and how to start a workflow in it. */
async function at(scene: ErrorScene) {
  const { connection } = scene;
  const namespace = namespaces.get(scene) ?? scene.newApp();
  namespaces.set(scene, namespace);
  const options = { logLevel: "silent" } as const;
  await Durable.Worker.create({ connection, namespace, taskQueue: "errors", workflow: functions, options });
  const { workflow } = new Durable.Client({ connection });
  const start = (workflowId: string, workflowName: string, over: object = {}) =>
    workflow.start({ namespace, taskQueue: "errors", workflowName, args: [], workflowId, ...over });
  return { workflow, namespace, start };
}

const clients: readonly ErrorCase[] = [
  {
    name: "a start whose id is taken",
    type: DuplicateJobError,
    kind: "job-exists",
    message: "Duplicate job: twice",
    fields: { jobId: "twice" },
    provoke: async (scene) => {
      const { start } = await at(scene);
      await start("twice", "wait");
      await start("twice", "fail");
    },
  },
  {
    name: "a start without a queue",
    kind: "invalid-argument",
    message: "taskQueue is missing; expected it, or entity in its place",
    provoke: ({ connection }) => new Durable.Client({ connection }).workflow.start({ args: [] }),
  },
  {
    name: "a version that is no number",
    kind: "invalid-argument",
    message: "Invalid version number",
    provoke: ({ connection }) => new Durable.Client({ connection }).deployAndActivate("durable", "two"),
  },
  ...["nobody", "deaf"].map(
    (workflowId): ErrorCase => ({
      name: `a hook for ${workflowId}`,
      kind: "hook-closed",
      message:
        workflowId === "nobody"
          ? "Workflow nobody takes no hook: there is none"
          : "Workflow deaf takes no hook: it is over, or was started with signalIn: false",
      provoke: async (scene) => {
        const { workflow, namespace, start } = await at(scene);
        if (workflowId === "deaf") await start("deaf", "wait", { signalIn: false });
        await workflow.hook({ workflowId, namespace, taskQueue: "errors", workflowName: "wait", args: [] });
      },
    }),
  ),
  {
    name: "a namespace whose graphs are not made for functions",
    kind: "invalid-config",
    message: /^app \S+ runs graphs, of version 1; workflow functions need a namespace of their own$/,
    provoke: ({ connection, appId }) => new Durable.Client({ connection }).getHotMeshClient(null, appId),
  },
];

const handles: readonly ErrorCase[] = [
  {
    name: "the result of a workflow that failed",
    type: WorkflowFailedError,
    called: "DurableFatalError",
    kind: "job-failed",
    code: 598,
    message: "it broke with 7",
    fields: { job_id: "broken", type: "DurableFatalError" },
    provoke: async (scene) => (await (await at(scene)).start("broken", "fail", { args: [7] })).result(),
  },
  {
    name: "the result of a workflow that was terminated",
    type: WorkflowFailedError,
    called: "Terminated",
    kind: "job-failed",
    code: 410,
    message: "job [ended] interrupted",
    fields: { job_id: "ended", type: "Terminated" },
    provoke: async (scene) => {
      const handle = await (await at(scene)).start("ended", "wait");
      await handle.terminate();
      await handle.result();
    },
  },
  {
    name: "the result of a workflow that is not there",
    type: GetStateError,
    kind: "job-not-found",
    message: "nobody Not Found",
    fields: { jobId: "nobody" },
    provoke: async (scene) => {
      const { workflow, namespace } = await at(scene);
      await (await workflow.getHandle("errors", "wait", "nobody", namespace)).result();
    },
  },
];

const activities: readonly ErrorCase[] = [
  {
    name: "the context of an activity outside of activities",
    kind: "no-activity",
    message: "Durable.activity.getContext() is to be called inside an activity; none runs around this call",
    provoke: () => Durable.activity.getContext(),
  },
];

const workers: readonly ErrorCase[] = [
  {
    name: "a worker without functions",
    kind: "invalid-config",
    message: "workflow is missing; expected a function, or a map of functions",
    provoke: ({ connection }) => Durable.Worker.create({ connection, taskQueue: "errors", workflow: {} }),
  },
];

export const workflowCases: readonly ErrorCase[] = [...clients, ...handles, ...activities, ...workers];
