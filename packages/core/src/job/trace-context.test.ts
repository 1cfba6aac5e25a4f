import { describe, expect, test } from "vitest";
import { type TraceContext, traceContext, traceContextOf, traceIdOf, traceText } from "./trace-context.js";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";
const context: TraceContext = { traceId, spanId, sampled: true };

describe("the context of a caller's ids", () => {
  test("is sampled", () => {
    expect(traceContext(traceId, spanId)).toEqual(context);
  });

  test.each([undefined, null, 7, "", "0".repeat(16), spanId.toUpperCase(), `${spanId}0`, "b7ad"])(
    "has no span when that is %j",
    (span) => {
      expect(traceContext(traceId, span)).toEqual({ ...context, spanId: null });
    },
  );

  test.each([undefined, null, 7, "", "0".repeat(32), traceId.toUpperCase(), `${traceId}0`, ` ${traceId}`, "order 7"])(
    "is none when the trace is %j",
    (trace) => {
      expect(traceContext(trace, spanId)).toBeNull();
    },
  );
});

describe("text", () => {
  test("of a context is a W3C traceparent, and is read as the same context", () => {
    const text = traceText(context);

    expect(text).toBe(`00-${traceId}-${spanId}-01`);
    expect(traceContextOf(text)).toEqual(context);
  });

  test("of a context that is not sampled says so, and is read so", () => {
    const text = traceText({ ...context, sampled: false });

    expect(text).toBe(`00-${traceId}-${spanId}-00`);
    expect(traceContextOf(text)).toEqual({ ...context, sampled: false });
  });

  test("of a trace without a span is its id alone, and is read as sampled", () => {
    const text = traceText({ ...context, spanId: null });

    expect(text).toBe(traceId);
    expect(traceContextOf(text)).toEqual({ ...context, spanId: null });
  });

  test("with a span of zeros is a trace without a span", () => {
    expect(traceContextOf(`00-${traceId}-${"0".repeat(16)}-01`)).toEqual({ ...context, spanId: null });
  });

  test.each([
    ["nothing", null],
    ["an empty text", ""],
    ["a name", "order 7"],
    ["a trace of zeros", `00-${"0".repeat(32)}-${spanId}-01`],
    ["a trace id of zeros", "0".repeat(32)],
    ["another version", `01-${traceId}-${spanId}-01`],
    ["flags of another version", `00-${traceId}-${spanId}-ff`],
    ["capital letters", `00-${traceId}-${spanId}-01`.toUpperCase()],
    ["more after the flags", `00-${traceId}-${spanId}-01-more`],
    ["ids without flags", `00-${traceId}-${spanId}`],
  ])("that is %s is no context", (_, text) => {
    expect(traceContextOf(text)).toBeNull();
  });
});

test("the trace's id is that of the context, and any other text is a name of its own", () => {
  const ids = [`00-${traceId}-${spanId}-00`, traceId, "order 7", "", null].map(traceIdOf);

  expect(ids).toEqual([traceId, traceId, "order 7", "", null]);
});
