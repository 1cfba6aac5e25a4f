import type { Environment } from "../expression.js";

/** What a function may look at beside its inputs: the instant of the step and the random source. */
export type FunctionContext = Pick<Environment, "now" | "random">;

/**
 * A function of the mapping language. It changes neither its inputs nor anything they hold, and it calls nothing that
 * comes out of them. Missing inputs are undefined, further ones are ignored. It throws an ordinary Error.
 */
export type MappingFunction = (inputs: readonly unknown[], context: FunctionContext) => unknown;

/** The functions of one namespace by their bare names. */
export type Namespace = Readonly<Record<string, MappingFunction>>;
