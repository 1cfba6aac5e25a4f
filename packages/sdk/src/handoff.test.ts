import { generationId, instant, type Lease, leaseToken, messageKey } from "@hotmesh/core";
import { expect, test } from "vitest";
import { handoffTo } from "./handoff.js";

function worker(topic: string, free: number) {
  const accepted: (readonly [readonly string[], number])[] = [];
  return {
    topic,
    leaseMs: 30_000,
    accepted,
    reserve: () => free,
    accept: (leases: readonly Lease[], reserved: number) =>
      void accepted.push([leases.map(({ key }) => key), reserved]),
  };
}

function lease(key: string, topic: string): Lease {
  return {
    key: messageKey(key),
    topic,
    kind: "work",
    job: null,
    generation: generationId("Hg"),
    path: null,
    body: {},
    visibleAt: null,
    attempt: 0,
    policy: null,
    codeRetries: [],
    workflow: null,
    trace: null,
    token: leaseToken(key),
    until: instant(0),
    deliveries: 1,
    plan: null,
    createdAt: instant(0),
  };
}

test("free slots of one topic add up, and what is handed over is spread over their owners", () => {
  const [one, two, other] = [worker("kiln.fire", 1), worker("kiln.fire", 2), worker("label.print", 1)];
  const handoff = handoffTo([one, two, other]);

  const offered = handoff.offer();
  if (offered !== null) {
    handoff.deliver(
      ["a", "b"].map((key) => lease(key, "kiln.fire")),
      offered,
    );
  }

  expect(offered).toEqual({
    slots: new Map([
      ["kiln.fire", 3],
      ["label.print", 1],
    ]),
    leaseMs: 30_000,
  });
  expect([one.accepted, two.accepted, other.accepted]).toEqual([[[["a"], 1]], [[["b"], 2]], [[[], 1]]]);
});

test("nothing is offered when nobody has a free slot", () => {
  expect(handoffTo([worker("kiln.fire", 0)]).offer()).toBeNull();
});
