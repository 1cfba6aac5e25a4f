import { fragmentSteps } from "../../document/json-pointer.js";
import { isJsonObject, type Json } from "../../json.js";

/** A type that has a name, because a `$ref` points at its schema. */
export interface NamedSchema {
  readonly name: string;
  readonly schema: Json;
  /** The schema that references in it start from. */
  readonly home: Home;
}

/** A whole schema, and what the type of the place that holds it may be called. */
export interface Home {
  readonly root: Json;
  readonly owner: string;
}

/** The names of the types of one app: one for each place that references point at, all different. */
export class TypeNames {
  private readonly taken: Set<string>;
  private readonly known = new Map<string, string>();
  /** Grows while types are made: whoever walks it meets every named type. */
  readonly named: NamedSchema[] = [];

  constructor(reserved: readonly string[]) {
    this.taken = new Set(reserved);
  }

  /** The name for what a `$ref` points at; null when nothing is there, or nothing but the way back to it. */
  of(ref: string, home: Home): string | null {
    const schema = targetOf(ref, home.root);
    if (schema === undefined || leadsBack(ref, home.root)) return null;
    const key = `${ref} ${JSON.stringify(home.root)}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const name = this.free(typeName(ref === "#" ? home.owner : (fragmentSteps(ref.slice(1))?.at(-1) ?? "")));
    this.known.set(key, name);
    this.named.push({ name, schema, home });
    return name;
  }

  private free(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.taken.has(name); count += 1) name = `${wanted}${count}`;
    this.taken.add(name);
    return name;
  }
}

/** `tree-node` as `TreeNode`. */
export function typeName(text: string): string {
  const words = text.split(/[^\p{L}\p{N}]+/u).filter((part) => part !== "");
  const name = words.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("");
  return /^\p{L}/u.test(name) ? name : `Schema${name}`;
}

/** What a reference within a schema points at. References to files were resolved before. */
function targetOf(ref: string, root: Json): Json | undefined {
  const steps = ref.startsWith("#") ? fragmentSteps(ref.slice(1)) : null;
  return steps?.reduce<Json | undefined>((at, step) => {
    if (Array.isArray(at)) return at[Number(step)];
    return isJsonObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }, root);
}

/** True when a schema is defined by itself alone, which no type can be: `a: { anyOf: [string, a] }`. */
function leadsBack(ref: string, root: Json): boolean {
  const seen = new Set<string>();
  const waiting = [...refsAtOnce(targetOf(ref, root))];
  for (const next of waiting) {
    if (next === ref) return true;
    if (!seen.has(next)) waiting.push(...refsAtOnce(targetOf(next, root)));
    seen.add(next);
  }
  return false;
}

/** The references that a schema takes in as a whole, not as types of its members or items. */
function refsAtOnce(schema: Json | undefined): readonly string[] {
  if (!isJsonObject(schema)) return [];
  const { $ref: ref } = schema;
  const parts = [schema["allOf"], schema["anyOf"], schema["oneOf"]].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  return [...(typeof ref === "string" ? [ref] : []), ...parts.flatMap(refsAtOnce)];
}
