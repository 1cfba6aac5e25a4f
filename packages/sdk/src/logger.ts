import type { Logger } from "@hotmesh/core";

/** What `config.logger` has to offer. */
export type ILogger = Logger;

const levels = ["silly", "debug", "info", "warn", "error", "silent"] as const;
/** From the most that is written to nothing. */
export type LogLevel = (typeof levels)[number];

export function isLogLevel(value: unknown): value is LogLevel {
  return levels.some((level) => level === value);
}

export interface JsonLoggerOptions {
  readonly level: LogLevel;
  readonly appId: string;
  readonly guid: string;
  readonly name?: string;
  /** Takes one line, the line break included. */
  readonly write: (line: string) => void;
  readonly now: () => number;
}

/**
 * One JSON object a line: what happened, and the facts of it. An `Error` in `meta.error` becomes its message and its
 * stack; a fact that has the name of a field of the line itself is found under `detail`. It never throws.
 */
export function jsonLogger(options: JsonLoggerOptions): Logger {
  const { level: least, appId, guid, name, write, now } = options;
  const at =
    (level: LogLevel) =>
    (message: string, ...meta: readonly unknown[]): void => {
      if (levels.indexOf(level) < levels.indexOf(least)) return;
      const ts = new Date(now()).toISOString();
      write(lineOf({ level, message, ts, app: appId, id: guid, ...(name && { name }) }, meta));
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function lineOf(event: object, meta: readonly unknown[]): string {
  try {
    const facts: Record<string, unknown> = {};
    const detail: Record<string, unknown> = {};
    for (const [key, value] of meta.flatMap(factsOf)) (key in event ? detail : facts)[key] = value;
    const more = Object.keys(detail).length > 0 && { detail: { ...detail, ...mapOf(facts["detail"]) } };
    return `${JSON.stringify({ ...event, ...facts, ...more }, plain)}\n`;
  } catch (error) {
    return `${JSON.stringify({ ...event, detail: `its facts are no JSON: ${String(error)}` })}\n`;
  }
}

function factsOf(meta: unknown): [key: string, value: unknown][] {
  if (meta instanceof Error) return [["error", plainError(meta)]];
  if (typeof meta !== "object" || meta === null) return [["detail", meta]];
  return Object.entries(meta).map(([key, value]) => [key, value instanceof Error ? plainError(value) : value]);
}

function plainError(error: Error): object {
  return { message: error.message, stack: error.stack, ...("code" in error && { code: error.code }) };
}

function mapOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : value === undefined ? {} : { value };
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
