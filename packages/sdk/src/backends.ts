import type { AnyBackend } from "./config.js";

/** The storage of each instance, for those who use it beside the instance's own methods. */
export const backends = new WeakMap<object, AnyBackend>();
