import { expect, test } from "vitest";
import { FunctionHost } from "../interpret/code/function-host.suite.js";
import { acceptsHooks } from "./accepts-hooks.js";

async function accepts(host: FunctionHost, id: string): Promise<boolean> {
  const job = await host.job(id);
  if (job === null) throw new Error(`job ${id} is gone`);
  return acceptsHooks(job);
}

test("functions come into a job as long as its main function runs", async () => {
  const host = await FunctionHost.open();
  await host.start("pot");
  expect(await accepts(host, "pot")).toBe(true);

  await host.answer(await host.entry(), { end: { kind: "returned" } });

  expect(await accepts(host, "pot")).toBe(false);
});

test("into a persistent job they come when it has returned as well, and into one that wants none never", async () => {
  const host = await FunctionHost.open();
  await host.start("open", { persistent: true });
  await host.answer(await host.entry(), { end: { kind: "returned" } });
  await host.start("closed", { signalIn: false });

  expect([await accepts(host, "open"), await accepts(host, "closed")]).toEqual([true, false]);
});
