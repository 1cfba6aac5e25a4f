import type { QuorumMessage, ThrottleOptions } from "../../index.js";
import type { ErrorCase } from "./error-case.js";
import type { ErrorScene } from "./error-scene.js";

function said(message: string, given: unknown): ErrorCase {
  const provoke = ({ mesh }: ErrorScene) => mesh.pubQuorum(given as QuorumMessage);
  return {
    name: `pubQuorum: ${message}`,
    kind: "invalid-argument",
    message: `not a quorum message: ${message}`,
    provoke,
  };
}

const messages: readonly ErrorCase[] = [
  said("a quorum message is a map with a type", "hello"),
  said("a quorum message is a map with a type", undefined),
  said('type "shout" is none of ping, pong, activate, throttle, job, user, work, cron, rollcall, duress', {
    type: "shout",
  }),
  said("originator of a message of type ping is undefined; expected a text", { type: "ping" }),
  said("originator of a message of type pong is 7; expected a text, or null", {
    type: "pong",
    guid: "g",
    originator: 7,
  }),
  said(`cache_mode of a message of type activate is "off"; expected nocache or cache`, {
    type: "activate",
    cache_mode: "off",
    until_version: "1",
  }),
  said(
    "topic of a message of type user is undefined; expected a text; " +
      "message of a message of type user is 1; expected a map",
    {
      type: "user",
      message: 1,
    },
  ),
  said("job of a message of type job is undefined; expected a map", { type: "job", topic: "t" }),
  said("originator of a message of type work is null; expected a text", { type: "work", originator: null }),
  said("id of a message of type cron is 7; expected a text, or nothing", { type: "cron", originator: "g", id: 7 }),
  said(`interval of a message of type rollcall is "1s"; expected a number, or nothing`, {
    type: "rollcall",
    interval: "1s",
  }),
  said("throttle_ms of a message of type duress is undefined; expected a number", {
    type: "duress",
    originator: "g",
    duress_score_ms: 1,
    level: "mild",
  }),
];

const rates = "Throttle must be -1 (pause) or a non-negative integer (ms delay); 0 = resume";

function throttled(message: string, options: object): ErrorCase {
  const provoke = ({ mesh }: ErrorScene) => mesh.throttle(options as ThrottleOptions);
  return { name: `throttle: ${message}`, kind: "invalid-argument", message, provoke };
}

const throttles: readonly ErrorCase[] = [
  ...[-2, 1.5, 3e9, Number.NaN, undefined].map((throttle) =>
    throttled(`${rates}; it is ${throttle}, and at most 2147483647 is allowed`, { throttle }),
  ),
  throttled(`${rates}; it is '500', and at most 2147483647 is allowed`, { throttle: "500" }),
  throttled("a throttle of topic fruit.press has scope engines; a topic addresses workers only", {
    throttle: 1,
    topic: "fruit.press",
    scope: "engines",
  }),
  throttled("scope of a throttle is 'some'; expected engines, workers, all", { throttle: 1, scope: "some" }),
  throttled("topic of a throttle is ''; expected the topic of a worker", { throttle: 1, topic: "" }),
  throttled("guid of a throttle is 7; expected the guid of an instance", { throttle: 1, guid: 7 }),
  {
    name: "pubQuorum of a message of type throttle is a call of throttle",
    kind: "invalid-argument",
    message: `${rates}; it is -5, and at most 2147483647 is allowed`,
    provoke: ({ mesh }) => mesh.pubQuorum({ type: "throttle", throttle: -5 }),
  },
];

export const meshCases: readonly ErrorCase[] = [...messages, ...throttles];
