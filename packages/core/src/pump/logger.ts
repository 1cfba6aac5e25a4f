/** Where pumps report what nobody waits for. Messages are stable event names, `engine-step-failed`. */
export interface Logger {
  /** What explains a behaviour. */
  debug(message: string, ...meta: readonly unknown[]): void;
  /** What happens in the normal course of things. */
  info(message: string, ...meta: readonly unknown[]): void;
  /** What went wrong and is made good. */
  warn(message: string, ...meta: readonly unknown[]): void;
  /** What somebody should look at. */
  error(message: string, ...meta: readonly unknown[]): void;
}

/** Keeps nothing. */
export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
