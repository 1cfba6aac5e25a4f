/** A text of a column as JSON.stringify writes it: there it may hold what columns cannot. */
export function jsonText(text: string): string {
  const unmarked = String.raw`regexp_replace(
    to_json(${text})::text, '(?<!\\)((?:\\\\)*)\\u0001([0-9a-f]{4})', '\1\\u\2', 'g'
  )`;
  return `case when strpos(${text}, chr(1)) > 0 then ${unmarked} else to_json(${text})::text end`;
}

/** The id that core derives from a pass and what it is for: `keyOf` and `childGeneration`. */
export function derivedId(pass: { readonly generation: string; readonly path: string }, purpose: string): string {
  const parts = `'[' || ${jsonText(pass.generation)} || ',' || ${jsonText(pass.path)} || ',${purpose}]'`;
  return `{{schema}}.id_of(convert_to(${parts}, 'UTF8'))`;
}

/** Under which a signal finds a hook. */
export function lookupOf(topic: string, signalKey: string): string {
  return digest(`'[' || ${jsonText(topic)} || ',' || ${jsonText(signalKey)} || ']'`);
}

/** SHA-256 of a text, in base64url. */
export function digest(text: string): string {
  return `rtrim(translate(encode(sha256(convert_to(${text}, 'UTF8')), 'base64'), '+/', '-_'), '=')`;
}

/** An instant as people read it. */
export function timeOf(ms: string): string {
  return `to_char({{schema}}.instant_of(${ms}) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"')`;
}
