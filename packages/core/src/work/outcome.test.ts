import { expect, test } from "vitest";
import { lease, policy } from "./lease.suite.js";
import { outcomeOf, poisonOf } from "./outcome.js";

const returned = (value: unknown) => outcomeOf(lease(), { kind: "returned", value }, null);
const thrown = (error: unknown) => outcomeOf(lease(), { kind: "thrown", error }, null);
const answer = (status: string, code: number, data: unknown) => ({ kind: "answer", answer: { status, code, data } });

test("an answer needs nothing but data", () => {
  expect(returned({ data: { fired: true } })).toEqual(answer("success", 200, { fired: true }));
});

test("status and code are independent", () => {
  expect(returned({ code: 422, data: {} })).toEqual(answer("success", 422, {}));
  expect(returned({ status: "pending", code: 202, data: { n: 1 } })).toEqual(answer("pending", 202, { n: 1 }));
  expect(returned({ status: "pending" })).toEqual(answer("pending", 200, {}));
});

test.each([[undefined], [null], ["done"], [7], [[1]]])("the answer %j leaves the activity open", (value) => {
  expect(returned(value)).toEqual({ kind: "hold" });
});

test("the data of an error is reduced to what everybody understands", () => {
  const data = { message: "glaze ran", code: 409, stack: "at kiln", error: { cone: 6 }, secret: 1 };

  const reduced = { message: "glaze ran", code: 422, stack: "at kiln", error: { cone: 6 } };
  expect(returned({ status: "error", code: 422, data })).toEqual(answer("error", 422, reduced));
  expect(returned({ status: "error", data: { code: 409 } })).toEqual(
    answer("error", 409, { message: "unknown", code: 409 }),
  );
  expect(returned({ status: "error", code: "404" })).toEqual(answer("error", 500, { message: "unknown", code: 500 }));
});

test("what a callback throws is an error with its numeric code, or 500", () => {
  const error = Object.assign(new Error("cracked"), { code: 599 });

  expect(thrown(error)).toEqual(
    answer("error", 599, { message: "cracked", code: 599, stack: error.stack, name: "Error" }),
  );
  expect(thrown("cracked")).toEqual(answer("error", 500, { message: "cracked", code: 500 }));
});

test("whatever a callback throws is an error, also what cannot be looked at", () => {
  const hidden = Proxy.revocable({}, {});
  hidden.revoke();
  const trap = {
    get message(): string {
      throw new Error("do not look");
    },
  };

  const unknown = answer("error", 500, { message: "unknown", code: 500 });
  for (const error of [Object.create(null), hidden.proxy, trap]) expect(thrown(error)).toEqual(unknown);
  expect(thrown(undefined)).toEqual(answer("error", 500, { message: "undefined", code: 500 }));
  expect(thrown(Symbol("s"))).toEqual(answer("error", 500, { message: "Symbol(s)", code: 500 }));
  const odd = Object.assign(new Error("odd"), { message: 7, stack: null, name: {}, code: Number.NaN });
  expect(thrown(odd)).toMatchObject({ answer: { code: 500, data: { message: expect.any(String), code: 500 } } });
});

test("a status that is none is an error, not a success", () => {
  const message = 'the callback of topic kiln.fire answered with status "done"; expected success, error or pending';

  expect(returned({ status: "done", data: {} })).toEqual(answer("error", 500, { message, code: 500 }));
});

test("data that JSON cannot say is stored as JSON says it", () => {
  expect(returned({ data: { at: new Date(0), none: undefined, ratio: Number.NaN } })).toEqual(
    answer("success", 200, { at: "1970-01-01T00:00:00.000Z", ratio: null }),
  );
});

test("a failure with attempts left is tried again, a business error too", () => {
  const message = lease({ policy: policy(), attempt: 1 });

  const outcome = outcomeOf(message, { kind: "returned", value: { status: "error", code: 503 } }, null);

  expect(outcome).toEqual({ kind: "retry", delayMs: 100_000, failure: { message: "unknown", code: 503 } });
});

test("a message that keeps killing its workers is answered with 999 and kept for people to see", () => {
  expect(poisonOf(lease({ deliveries: 5 }), null, 5)).toBeNull();
  expect(poisonOf(lease({ deliveries: 6 }), null, 5)).toEqual({
    ...answer("error", 999, { message: "message Hm1 was handed out more than 5 times without an answer", code: 999 }),
    deadLetter: true,
  });
});

test("retries and deliveries count together towards poison", () => {
  expect(poisonOf(lease({ attempt: 2, deliveries: 4 }), policy(), 5)).not.toBeNull();
  expect(poisonOf(lease({ attempt: 2, deliveries: 1 }), policy(), 5)).toBeNull();
});
