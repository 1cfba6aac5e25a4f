import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Audit, auditChecks } from "@hotmesh/store-postgres";
import { expect, test } from "vitest";
import { auditReport } from "./audit-report.js";
import { hotmeshCommand } from "./command.js";

const audit = (over: Partial<Audit>): Audit => ({
  schema: "post",
  at: new Date("2026-01-02T03:04:05Z"),
  findings: [],
  counts: {},
  ...over,
});

/** What the command prints, and its exit code. */
async function run(args: readonly string[], databaseUrl?: string) {
  const printed = { out: "", err: "" };
  const say = (to: "out" | "err") => (text: string) => {
    printed[to] += text;
  };
  const code = await hotmeshCommand(args, { databaseUrl, out: say("out"), err: say("err") });
  return { code, ...printed };
}

test("help is no error", async () => {
  const { code, out, err } = await run(["doctor", "--help"]);

  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain("Usage: hotmesh doctor --app");
});

test.each([
  [[], "Which command?"],
  [["nurse"], "There is no command nurse."],
  [["doctor", "who"], "There is no command doctor who."],
  [["doctor"], "Which database?"],
  [["doctor", "--url", "postgresql://nowhere"], "Which app?"],
  [["doctor", "--url", "postgresql://nowhere", "--app", "a", "--limit", "many"], "--limit is 'many'"],
  [["doctor", "--colour"], "Unknown option '--colour'"],
])("%j is a mistake, and the usage is told", async (args, why) => {
  const { code, out, err } = await run(args);

  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(why);
  expect(err).toContain("Usage: hotmesh doctor");
});

test("a database that does not answer is an error of the connection", async () => {
  const { code, err } = await run(["doctor", "--app", "a"], "postgresql://127.0.0.1:1/none");

  expect(code).toBe(2);
  expect(err).toMatch(/^connection-failed: /);
});

test("a report without findings is one line", () => {
  expect(auditReport(audit({}))).toMatch(/^post, 2026-01-02 03:04:05Z: \d+ checks found nothing\.$/);
});

test("a report tells the worst first, what it means, where it is, and how much is left out", () => {
  const text = auditReport(
    audit({
      findings: [
        { check: "status-mismatch", severity: "broken", job: "L3", detail: "running with status 7" },
        { check: "status-mismatch", severity: "broken", job: "L17", detail: "running with status 8" },
        { check: "message-dead", severity: "information", job: "L2", message: "H1", detail: "given up" },
        { check: "topic-unserved", severity: "attention", detail: "letter.deliver: 3 messages" },
      ],
      counts: { "status-mismatch": 5, "message-dead": 1, "topic-unserved": 1 },
    }),
  );

  expect(text).toBe(`post, 2026-01-02 03:04:05Z

BROKEN status-mismatch: 5
  Phase and status of a job are not what its open obligations make them.
    L3   running with status 7
    L17  running with status 8
    and 3 more

ATTENTION topic-unserved: 1
  Work is due on a topic that no present worker serves.
    letter.deliver: 3 messages

INFORMATION message-dead: 1
  A message was handed out too often without an answer, and is kept for people to see.
    L2  H1  given up

5 broken, 1 to attend to, 1 to know`);
});

test("no id of a user commands the terminal", () => {
  const findings = [{ check: "status-mismatch", severity: "broken", job: "a\u001b[2Jb\u009b", detail: "x" }] as const;

  const text = auditReport(audit({ findings, counts: { "status-mismatch": 1 } }));

  expect(text).toContain('"a\\u001b[2Jb\\u{9b}"');
});

test("the page of the doctor has every check and what it means, and no other", () => {
  const page = readFileSync(resolve(import.meta.dirname, "../../../../docs/doctor.md"), "utf8");
  const rows = [...page.matchAll(/^\| `([a-z]+-[a-z-]+)` \| (.+) \|$/gm)].map(([, name, meaning]) => ({
    name,
    meaning,
  }));

  expect(rows).toHaveLength(auditChecks.length);
  expect(rows).toEqual(expect.arrayContaining(auditChecks.map(({ name, meaning }) => ({ name, meaning }))));
});
