import { expect, test } from "vitest";
import { jsonLogger, type LogLevel } from "./logger.js";

function logged(level: LogLevel, say: (logger: ReturnType<typeof jsonLogger>) => void): unknown[] {
  const lines: string[] = [];
  say(jsonLogger({ level, appId: "parcels", guid: "H1", write: (line) => lines.push(line), now: () => 0 }));
  return lines.map((line) => JSON.parse(line));
}

test("a line is one JSON object with the facts of its event", () => {
  expect(logged("warn", (logger) => logger.warn("guid-taken", { guid: "H1" }))).toEqual([
    { level: "warn", message: "guid-taken", ts: "1970-01-01T00:00:00.000Z", app: "parcels", id: "H1", guid: "H1" },
  ]);
});

test("an error becomes its message and its stack", () => {
  const error = Object.assign(new Error("gone"), { code: 503 });

  const [line] = logged("warn", (logger) => logger.error("engine-step-failed", { error }));

  expect(line).toMatchObject({ error: { message: "gone", code: 503, stack: error.stack } });
});

test("an error is shown however it is handed over", () => {
  const error = new Error("gone");

  const lines = logged("warn", (logger) => {
    logger.error("a", error);
    logger.error("a", { error });
    logger.error("a", { cause: error });
  });

  const plain = { message: "gone", stack: error.stack };
  expect(lines).toMatchObject([{ error: plain }, { error: plain }, { cause: plain }]);
});

test("facts cannot take the place of the event, and are not lost", () => {
  const facts = { message: "Hm1", level: 3, topic: "kiln.fire" };

  expect(logged("warn", (logger) => logger.warn("worker-lease-lost", facts))).toEqual([
    {
      ...{ level: "warn", message: "worker-lease-lost", ts: "1970-01-01T00:00:00.000Z", app: "parcels", id: "H1" },
      topic: "kiln.fire",
      detail: { message: "Hm1", level: 3 },
    },
  ]);
});

test("whatever is logged, logging does not throw", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;

  const lines = logged("warn", (logger) => {
    logger.warn("a", circle);
    logger.warn("b", { n: 3n }, "text", null);
  });

  expect(lines).toMatchObject([
    { message: "a", detail: expect.stringContaining("no JSON") },
    { message: "b", n: "3" },
  ]);
});

test("what is below the level is not written", () => {
  expect(logged("error", (logger) => logger.warn("guid-taken"))).toEqual([]);
  expect(logged("silent", (logger) => logger.error("engine-step-failed"))).toEqual([]);
});
