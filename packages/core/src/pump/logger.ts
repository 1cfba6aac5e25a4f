/** Where pumps report what nobody waits for. Messages are stable event names, `engine-step-failed`. */
export interface Logger {
  debug(message: string, ...meta: readonly unknown[]): void;
  info(message: string, ...meta: readonly unknown[]): void;
  warn(message: string, ...meta: readonly unknown[]): void;
  error(message: string, ...meta: readonly unknown[]): void;
}

export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
