import { childNode, type DocumentPath, type PathStep, type SourceNode } from "./source-node.js";

/** The steps of a JSON pointer (RFC 6901), all as texts: a pointer does not tell positions from keys. */
export function pointerSteps(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The steps of a JSON pointer in a URI fragment (RFC 6901, chapter 6), or null when the text is none. */
export function fragmentSteps(fragment: string): readonly string[] | null {
  if (fragment !== "" && !fragment.startsWith("/")) return null;
  try {
    return pointerSteps(decodeURIComponent(fragment));
  } catch {
    return null;
  }
}

/** The path that a pointer means in a value: positions in lists become numbers, as far as the value reaches. */
export function pathAlong(root: unknown, pointer: string): DocumentPath {
  const path: PathStep[] = [];
  let value: unknown = root;
  for (const step of pointerSteps(pointer)) {
    path.push(Array.isArray(value) ? Number(step) : step);
    value = typeof value === "object" && value !== null && Object.hasOwn(value, step) ? Reflect.get(value, step) : null;
  }
  return path;
}

/** The node that steps lead to, or undefined. */
export function nodeAlong(root: SourceNode, steps: readonly string[]): SourceNode | undefined {
  let node: SourceNode | undefined = root;
  for (const step of steps) node = node === undefined ? undefined : childNode(node, step)?.value;
  return node;
}
