import type { Logger } from "@hotmesh/core";
import { reasonOf, type Tracing } from "./tracing.js";

/** A logger whose errors are spans as well: `SYSTEM/<appId>/<event>`. */
export function tracedLogger(logger: Logger, tracing: Pick<Tracing, "system">): Logger {
  return {
    debug: (message, ...meta) => logger.debug(message, ...meta),
    info: (message, ...meta) => logger.info(message, ...meta),
    warn: (message, ...meta) => logger.warn(message, ...meta),
    error: (message, ...meta) => {
      logger.error(message, ...meta);
      tracing.system(message, reasonOf(message, meta));
    },
  };
}
