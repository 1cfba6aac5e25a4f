import { HotMeshError } from "@hotmesh/core";
import { defaultNamespace } from "../schema/schema-name.js";

/** Whose an item is, as the two columns say. */
export interface AppAddress {
  readonly namespace: string;
  readonly appId: string;
}

/**
 * What callers of work items name a `namespace`: the id of an app, because that is what isolates code-first workflows;
 * for an app outside of the usual HotMesh namespace, both with a dot between. Neither can have one itself.
 */
export function appNameOf({ namespace, appId }: AppAddress): string {
  return namespace === defaultNamespace ? appId : `${namespace}.${appId}`;
}

export function addressOf(name: string): AppAddress {
  if (!/^([A-Za-z0-9-]+\.)?[A-Za-z0-9-]+$/.test(name)) {
    const expected = "expected an app id, or <namespace>.<app id>";
    throw new HotMeshError("invalid-argument", `namespace '${name}' names no app; ${expected}`);
  }
  const [first = "", second] = name.split(".");
  return second === undefined ? { namespace: defaultNamespace, appId: first } : { namespace: first, appId: second };
}
