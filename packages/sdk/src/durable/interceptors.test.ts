import { afterEach, expect, test } from "vitest";
import {
  clearActivityInboundInterceptors,
  clearInterceptors,
  clearOutboundInterceptors,
  registerActivityInboundInterceptor,
  registerInboundInterceptor,
  registerOutboundInterceptor,
  throughActivityInbound,
} from "./interceptors.js";
import { Engine, returned } from "./replay/engine.suite.js";
import { proxyActivities, workflowFunctions as workflow } from "./replay/index.js";

afterEach(clearInterceptors);

const { charge, ship } = proxyActivities<Record<"charge" | "ship", (given?: unknown) => string>>({
  headers: { own: 1 },
});

test("the first interceptor of workflows is the outermost, on every entry", async () => {
  const log: string[] = [];
  for (const name of ["outer", "inner"]) {
    registerInboundInterceptor({
      async execute(context, next) {
        log.push(`${name} ${String(context.get("replay"))}`);
        const result = await next();
        log.push(`${name} after`);
        return `${name} ${String(result)}`;
      },
    });
  }

  const end = await new Engine(() => charge()).run(() => ({ data: "c" }));

  expect(end).toEqual(returned("outer inner c"));
  expect(log).toEqual(["outer false", "inner false", "outer true", "inner true", "inner after", "outer after"]);
});

test("an interceptor of workflows sees errors and the context, and may make durable calls", async () => {
  const seen: unknown[] = [];
  registerInboundInterceptor({
    async execute(context, next) {
      seen.push(
        context.get("workflowId"),
        context.get("workflowName"),
        context.get("taskQueue"),
        context.get("counter"),
      );
      await workflow.sleep("1s");
      try {
        return await next();
      } catch (error) {
        seen.push(String(error));
        throw error;
      }
    },
  });
  const engine = new Engine(async () => {
    throw new Error("broken");
  });

  await engine.enter();
  engine.settle("");

  await expect(engine.enter()).rejects.toThrow("broken");
  expect(seen).toEqual(["order-1", "order", "orders", 0, "order-1", "order", "orders", 0, "Error: broken"]);
});

test("interceptors of calls change them, see results where known, and the first is the outermost", async () => {
  const log: unknown[] = [];
  for (const name of ["outer", "inner"]) {
    registerOutboundInterceptor({
      async execute(call, context, next) {
        call.args = [...call.args, name];
        call.options = { ...call.options, headers: { ...call.options?.headers, [name]: context.get("workflowId") } };
        log.push([name, context.get("replay")]);
        const result = await next();
        log.push([name, result]);
        return `${name} ${String(result)}`;
      },
    });
  }
  const engine = new Engine(() => charge("a"), { replayCheck: "strict" });

  await engine.enter();
  const [open] = engine.open;
  engine.settle("charge", { data: "c" });
  const end = await engine.enter();

  expect(open?.request).toMatchObject({
    input: ["a", "outer", "inner"],
    body: { headers: { own: 1, outer: "order-1", inner: "order-1" } },
  });
  expect(end).toEqual(returned("outer inner c"));
  expect(log).toEqual([
    ["outer", false],
    ["inner", false],
    ["outer", true],
    ["inner", true],
    ["inner", "c"],
    ["outer", "inner c"],
  ]);
});

test("an interceptor of calls may make durable calls, and call activities through the same interceptors", async () => {
  const seen: string[] = [];
  registerOutboundInterceptor({
    async execute({ activityName }, _, next) {
      seen.push(activityName);
      if (activityName === "charge") {
        await workflow.sleep("1s");
        await ship();
      }
      return next();
    },
  });
  const engine = new Engine(() => charge(), { replayCheck: "strict" });

  const end = await engine.run(() => ({ data: "x" }));

  expect([end, seen.slice(-2)]).toEqual([returned("x"), ["charge", "ship"]]);
  expect(engine.records.map(({ kind, n, record }) => [kind, n, record.name])).toEqual([
    ["sleep", 1, ""],
    ["proxy", 2, "ship"],
    ["proxy", 3, "charge"],
  ]);
});

test("interceptors of activities wrap them where they are executed", async () => {
  for (const name of ["outer", "inner"]) {
    registerActivityInboundInterceptor({
      execute: async (activity, args, next) => `${name}(${activity} ${args.join()}: ${String(await next())})`,
    });
  }

  const wrapped = await throughActivityInbound("charge", [1, 2], async () => "c");

  expect(wrapped).toBe("outer(charge 1,2: inner(charge 1,2: c))");
});

test("each kind is cleared by itself, or all at once", async () => {
  const result = async () => {
    const end = await new Engine(() => charge()).run(() => ({ data: "c" }));
    return [end, await throughActivityInbound("charge", [], async () => "c")];
  };
  const register = () => {
    registerInboundInterceptor({ execute: async (_, next) => `i${String(await next())}` });
    registerOutboundInterceptor({ execute: async (_, __, next) => `o${String(await next())}` });
    registerActivityInboundInterceptor({ execute: async (_, __, next) => `a${String(await next())}` });
  };
  register();

  const all = await result();
  clearOutboundInterceptors();
  const some = await result();
  clearActivityInboundInterceptors();
  const one = await result();
  register();
  clearInterceptors();

  expect([all, some, one, await result()]).toEqual([
    [returned("ioc"), "ac"],
    [returned("ic"), "ac"],
    [returned("ic"), "c"],
    [returned("c"), "c"],
  ]);
});
