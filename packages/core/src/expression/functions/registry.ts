import { arrayFunctions } from "./array.js";
import { bitwiseFunctions } from "./bitwise.js";
import { conditionalFunctions } from "./conditional.js";
import { cronFunctions } from "./cron.js";
import { dateFunctions } from "./date.js";
import { jsonFunctions } from "./json.js";
import { logicalFunctions } from "./logical.js";
import type { MappingFunction, Namespace } from "./mapping-function.js";
import { mathFunctions } from "./math.js";
import { numberFunctions } from "./number.js";
import { objectFunctions } from "./object.js";
import { stringFunctions } from "./string.js";
import { symbolFunctions } from "./symbol.js";
import { unaryFunctions } from "./unary.js";

const NAMESPACES: Readonly<Record<string, Namespace>> = {
  array: arrayFunctions,
  bitwise: bitwiseFunctions,
  conditional: conditionalFunctions,
  cron: cronFunctions,
  date: dateFunctions,
  json: jsonFunctions,
  logical: logicalFunctions,
  math: mathFunctions,
  number: numberFunctions,
  object: objectFunctions,
  string: stringFunctions,
  symbol: symbolFunctions,
  unary: unaryFunctions,
};

// A Map, so that `math.toString` and `__proto__.x` find nothing.
const FUNCTIONS: ReadonlyMap<string, MappingFunction> = new Map(
  Object.entries(NAMESPACES).flatMap(([namespace, functions]) =>
    Object.entries(functions).map(([name, fn]): [string, MappingFunction] => [`${namespace}.${name}`, fn]),
  ),
);

const NAMES: readonly string[] = [...FUNCTIONS.keys()];

const WITHOUT_INPUTS = new Set([
  "date.now",
  "date.yyyymmdd",
  "date.toISOXString",
  "math.random",
  "object.create",
  "object.assign",
  ...NAMES.filter((name) => name.startsWith("symbol.")),
]);

/** The function called `namespace.name`, exactly; undefined when the catalogue has none. */
export function lookupFunction(name: string): MappingFunction | undefined {
  return FUNCTIONS.get(name);
}

/** All names of the catalogue, `namespace.name`. */
export function functionNames(): readonly string[] {
  return NAMES;
}

/** Does a call without inputs mean something of its own, so that opening a nested pipe hands nothing over? */
export function takesNoHandover(name: string): boolean {
  return WITHOUT_INPUTS.has(name);
}
