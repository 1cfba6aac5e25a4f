import type { Logger } from "@hotmesh/core";

/** What `config.logger` has to offer. */
export type ILogger = Logger;

const levels = ["silly", "debug", "info", "warn", "error", "silent"] as const;
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

/** One JSON object a line; an `Error` in `meta.error` becomes its message and stack. */
export function jsonLogger(options: JsonLoggerOptions): Logger {
  const { level: least, appId, guid, name, write, now } = options;
  const at =
    (level: LogLevel) =>
    (message: string, ...meta: readonly unknown[]): void => {
      if (levels.indexOf(level) < levels.indexOf(least)) return;
      const ts = new Date(now()).toISOString();
      const facts = Object.assign({}, ...meta.map(factsOf));
      write(`${JSON.stringify({ level, message, ts, app: appId, id: guid, ...(name && { name }), ...facts })}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function factsOf(meta: unknown): object {
  if (meta instanceof Error) return { error: plainError(meta) };
  if (typeof meta !== "object" || meta === null) return { detail: meta };
  const error: unknown = "error" in meta ? meta.error : null;
  return error instanceof Error ? { ...meta, error: plainError(error) } : meta;
}

function plainError(error: Error): object {
  return { message: error.message, stack: error.stack, ...("code" in error && { code: error.code }) };
}
