/** An SQL identifier, whatever characters it has. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** An SQL text literal for DDL, where parameters cannot be used. */
export function literal(text: string): string {
  const escaped = text.replaceAll("'", "''");
  return text.includes("\\") ? `E'${escaped.replaceAll("\\", "\\\\")}'` : `'${escaped}'`;
}
