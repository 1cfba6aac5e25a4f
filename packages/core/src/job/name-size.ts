import { HotMeshError } from "../errors.js";

/** Most bytes of a name by which a storage finds rows: a job's id, the topic of a worker, the label of a job. */
const nameBytesMax = 2_000;
/** What a storage may make of one unit of a text. */
const unitBytesMax = 5;

/** Throws `invalid-argument` when a name is too long to be found by. */
export function checkName(what: string, name: string): void {
  if (name.length * unitBytesMax <= nameBytesMax) return;
  const bytes = bytesOf(name);
  if (bytes <= nameBytesMax) return;
  throw new HotMeshError("invalid-argument", `${what} has ${bytes} bytes; expected at most ${nameBytesMax}`);
}

/** In UTF-8, in which a storage may write NUL, U+0001 and half a surrogate pair as U+0001 and four digits. */
function bytesOf(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 2 || (code >= 0xd800 && code < 0xe000)) bytes += unitBytesMax;
    else bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
