import { storedName } from "@hotmesh/core";

/** Fields by their stored names, their values as text. */
export function storedFields(fields: object | undefined): { readonly [name: string]: string } {
  const given = Object.entries(fields ?? {}).filter(([, value]: [string, unknown]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]: [string, unknown]) => [storedName(name), storedText(value)]));
}

/** A value as it is stored in a field: text as it is, objects as JSON. */
export function storedText(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
