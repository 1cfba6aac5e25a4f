import { compileMapping } from "../expression/compile-expression.js";
import { isJsonObject, type Json } from "../json.js";
import type { JobWrite } from "./plan.js";

/**
 * What a `job.maps` block writes, leaf by leaf. A block that is itself a pipe or a scalar has no
 * leaf with a name and writes nothing.
 */
export function jobWrites(maps: Json | undefined): readonly JobWrite[] {
  if (!isJsonObject(maps) || isPipe(maps)) return [];
  return Object.entries(maps).flatMap(([key, value]) => {
    const suffix = /^(.*)\[([^[\]]*)\]$/s.exec(key);
    if (suffix === null) return leaves([key], value);
    return suffixed(suffix[1] ?? "", suffix[2] ?? "", value);
  });
}

/** `name[25]`, `name[_]` and `name[-]` have a meaning; any other suffix is ignored. */
function suffixed(name: string, suffix: string, value: Json): readonly JobWrite[] {
  if (suffix === "_" || suffix === "-") return [{ kind: "marks", mark: suffix, value: compileMapping(value) }];
  const count = Number(suffix);
  if (!Number.isFinite(count) || count <= 0) return [];
  return [{ kind: "slots", name, count: Math.ceil(count), value: compileMapping(value) }];
}

function leaves(path: readonly string[], value: Json): readonly JobWrite[] {
  if (!isJsonObject(value) || isPipe(value)) return [{ kind: "leaf", path, value: compileMapping(value) }];
  return Object.entries(value).flatMap(([key, below]) =>
    // Suffixes below the top level are not supported: nothing is stored.
    /\[[^[\]]*\]$/s.test(key) ? [] : leaves([...path, key], below),
  );
}

const isPipe = (value: Json): boolean => isJsonObject(value) && Object.hasOwn(value, "@pipe");
