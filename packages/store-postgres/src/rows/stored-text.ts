// Postgres can store neither a NUL nor half a surrogate pair in a text. Both, and the mark itself, are written as the
// mark and four hex digits, so that different texts stay different. Nearly every text is stored as it is.
const mark = "\u0001";
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to look for
const unstorable = /[\0\x01\p{Surrogate}]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to look for
const marked = /\x01([0-9a-f]{4})/g;

export function stored(text: string): string;
export function stored(text: string | null): string | null;
export function stored(text: string | null): string | null {
  if (text === null) return null;
  return text.replace(unstorable, (character) => mark + character.charCodeAt(0).toString(16).padStart(4, "0"));
}

export function restored(text: string): string;
export function restored(text: string | null): string | null;
export function restored(text: string | null): string | null {
  if (text === null || !text.includes(mark)) return text;
  return text.replace(marked, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
