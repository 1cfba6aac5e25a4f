/**
 * The program of the guard, a Node process of its own that runs initdb and postgres for us and outlives us just long
 * enough to clean up. Its standard input is a pipe that only we hold, so the kernel closes it however we end, kill -9
 * included; then the guard stops what it runs at once and removes the folders that it was told to remove.
 *
 * It is text because it must run from the sources, from an ESM and from a CommonJS build, where a file beside this
 * one is in a different place and a function's own text is rewritten by the tool that loads it.
 *
 * Commands come as lines of JSON: { run }, { signal }, { remove } and { end }. Reports go out the same way:
 * { started }, { ended } and { failed }.
 */
export const guardSource = `
const { spawn } = require("node:child_process");
const { closeSync, openSync, rmSync } = require("node:fs");
const { createInterface } = require("node:readline");

const remove = JSON.parse(process.argv[1]);
let child = null;
let isEnding = false;
// initdb runs postgres in turn, which would write on into a folder that is being removed.
const hasGroups = process.platform !== "win32";

function report(line) {
  process.stdout.write(JSON.stringify(line) + "\\n");
}

function run({ file, args, cwd, env, log, uid, gid }) {
  const out = openSync(log, "a");
  const account = uid === undefined ? {} : { uid, gid };
  const stdio = ["ignore", out, out];
  child = spawn(file, args, { cwd, env, detached: hasGroups, windowsHide: true, stdio, ...account });
  closeSync(out);
  if (child.pid) report({ started: child.pid });
  child.once("error", (error) => ended({ failed: error.message }));
  const { pid } = child;
  child.once("exit", (code, signal) => {
    if (isEnding) killAll(pid, "SIGKILL");
    ended({ ended: { code, signal } });
  });
}

function killAll(pid, signal) {
  try {
    process.kill(hasGroups ? -pid : pid, signal);
  } catch {
    // None of them is left.
  }
}

function ended(line) {
  child = null;
  report(line);
  if (isEnding) finish();
}

function end() {
  if (isEnding) return;
  isEnding = true;
  if (child === null) return finish();
  if (!child.pid) return;
  killAll(child.pid, "SIGQUIT");
  setTimeout(() => child && killAll(child.pid, "SIGKILL"), 8000);
}

function finish() {
  for (const folder of remove) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
  process.exit();
}

process.stdout.on("error", () => {});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);
const lines = createInterface({ input: process.stdin });
lines.on("line", (text) => {
  const line = JSON.parse(text);
  if (line.run && !isEnding) run(line.run);
  if (line.remove) remove.push(...line.remove);
  if (line.signal && child) child.kill(line.signal);
  if (line.end) end();
});
lines.on("close", end);
`;
