import type { JsonObject } from "@hotmesh/core";

/** It waits for ever, and so does its child: both end when it is interrupted. */
const victim: JsonObject = {
  subscribes: "victim.run",
  activities: {
    victim: {
      type: "trigger",
      stats: { id: "{$self.input.data.id}" },
      job: { maps: { word: "{$self.input.data.word}" } },
    },
    victimchild: { type: "await", topic: "victim.child", input: { maps: { id: "{victim.output.data.child}" } } },
    victimwait: { type: "hook", escalation: { role: "nobody", type: "rescue" } },
    victimnap: { type: "hook", sleep: 1_000_000_000 },
  },
  transitions: { victim: [{ to: "victimchild" }, { to: "victimwait" }, { to: "victimnap" }] },
  hooks: {
    "victim.call": [
      {
        to: "victimwait",
        conditions: { match: [{ expected: "{$job.metadata.jid}", actual: "{$self.hook.data.id}" }] },
      },
    ],
  },
};

const victimsChild: JsonObject = {
  subscribes: "victim.child",
  activities: {
    orphan: { type: "trigger", stats: { id: "{$self.input.data.id}" } },
    orphanwait: { type: "hook" },
  },
  transitions: { orphan: [{ to: "orphanwait" }] },
  hooks: {
    "orphan.call": [
      {
        to: "orphanwait",
        conditions: { match: [{ expected: "{$job.metadata.jid}", actual: "{$self.hook.data.id}" }] },
      },
    ],
  },
};

/** It waits for a signal to all jobs of its index. */
const buoy: JsonObject = {
  subscribes: "buoy.run",
  activities: {
    buoy: {
      type: "trigger",
      stats: {
        id: "{$self.input.data.id}",
        key: "{$self.input.data.bay}",
        granularity: "infinity",
        measures: [{ measure: "index", target: "{$self.input.data.colour}" }],
      },
    },
    bob: { type: "hook", job: { maps: { tide: "{$self.hook.data.tide}", heard: "{$self.hook.data.id}" } } },
  },
  transitions: { buoy: [{ to: "bob" }] },
  hooks: {
    "buoy.call": [
      { to: "bob", conditions: { match: [{ expected: "{$job.metadata.jid}", actual: "{$self.hook.data.id}" }] } },
    ],
  },
};

/** Graphs of every random app: their jobs wait for what others do to them. */
export const bystanders: readonly JsonObject[] = [victim, victimsChild, buoy];

export const bystanderTopics: readonly string[] = ["victim.run", "victim.child", "buoy.run"];
