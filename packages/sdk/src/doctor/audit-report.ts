import { type Audit, auditChecks, type Finding } from "@hotmesh/store-postgres";

/** What an audit found, for people to read: each check that found something, what that means, and where. */
export function auditReport({ schema, at, findings, counts }: Audit): string {
  const heading = `${schema}, ${at.toISOString().slice(0, 19).replace("T", " ")}Z`;
  if (findings.length === 0) return `${heading}: ${auditChecks.length} checks found nothing.`;
  const parts = auditChecks.flatMap(({ name, severity, meaning }) => {
    const own = findings.filter(({ check }) => check === name);
    return own.length === 0 ? [] : [{ severity, text: partOf({ name, severity, meaning }, own, counts[name] ?? 0) }];
  });
  const texts = ["broken", "attention", "information"].flatMap((severity) =>
    parts.filter((part) => part.severity === severity).map(({ text }) => text),
  );
  return [heading, ...texts, sumOf(counts)].join("\n\n");
}

function partOf(check: (typeof auditChecks)[number], findings: readonly Finding[], count: number): string {
  const widths = [widthOf(findings, "job"), widthOf(findings, "message")] as const;
  const lines = findings.map(({ job = "", message = "", detail }) =>
    [shown(job).padEnd(widths[0]), shown(message).padEnd(widths[1]), shown(detail)].filter(Boolean).join("  "),
  );
  const more = count > findings.length ? [`and ${count - findings.length} more`] : [];
  const heading = `${check.severity.toUpperCase()} ${check.name}: ${count}`;
  return [heading, `  ${check.meaning}`, ...[...lines, ...more].map((line) => `    ${line}`)].join("\n");
}

function widthOf(findings: readonly Finding[], column: "job" | "message"): number {
  return Math.max(0, ...findings.map((finding) => shown(finding[column] ?? "").length));
}

/** Ids are texts of users: none of them may command a terminal. */
function shown(text: string): string {
  return /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)
    ? JSON.stringify(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, hex)
    : text;
}

function hex(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function sumOf(counts: Audit["counts"]): string {
  const sums = (["broken", "attention", "information"] as const).map((severity) => {
    const own = auditChecks.filter((check) => check.severity === severity);
    return own.reduce((sum, { name }) => sum + (counts[name] ?? 0), 0);
  });
  return `${sums[0]} broken, ${sums[1]} to attend to, ${sums[2]} to know`;
}
