/**
 * SHA-256 (FIPS 180-4) in plain arithmetic: core has no platform to ask, ids must be the same everywhere, and the
 * texts are small.
 */
export function sha256(text: string): Uint8Array {
  const message = padded(utf8(text));
  const hash = Uint32Array.from(initialHash);
  const schedule = new Uint32Array(64);
  for (let offset = 0; offset < message.length; offset += 64) {
    fillSchedule(schedule, message, offset);
    compress(hash, schedule);
  }
  const digest = new Uint8Array(32);
  hash.forEach((word, index) => {
    for (let byte = 0; byte < 4; byte++) digest[index * 4 + byte] = word >>> (24 - byte * 8);
  });
  return digest;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Base64 for URLs and file names, without padding (RFC 4648, chapter 5). */
export function base64url(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index += 3) {
    const group = (at(bytes, index) << 16) | (at(bytes, index + 1) << 8) | at(bytes, index + 2);
    const digits = Math.min(3, bytes.length - index) + 1;
    for (let digit = 0; digit < digits; digit++) text += alphabet.charAt((group >>> (18 - digit * 6)) & 63);
  }
  return text;
}

/** UTF-8; a surrogate without its other half becomes U+FFFD, as everywhere else. */
export function utf8(text: string): number[] {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >>> 6), tail(code));
    else if (code < 0x10000) bytes.push(0xe0 | (code >>> 12), tail(code >>> 6), tail(code));
    else bytes.push(0xf0 | (code >>> 18), tail(code >>> 12), tail(code >>> 6), tail(code));
  }
  return bytes;
}

const tail = (code: number): number => 0x80 | (code & 63);
/** Typed arrays answer undefined outside; the arithmetic here wants a zero. */
const at = (values: ArrayLike<number>, index: number): number => values[index] ?? 0;
const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

/** The message, a one bit, zeros, and its length in bits as 64 bits: whole blocks of 64 bytes. */
function padded(bytes: readonly number[]): Uint8Array {
  const message = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  message.set(bytes);
  message[bytes.length] = 0x80;
  const view = new DataView(message.buffer);
  view.setUint32(message.length - 8, Math.floor(bytes.length / 0x20000000));
  view.setUint32(message.length - 4, (bytes.length << 3) >>> 0);
  return message;
}

function fillSchedule(schedule: Uint32Array, message: Uint8Array, offset: number): void {
  const view = new DataView(message.buffer, offset, 64);
  for (let index = 0; index < 16; index++) schedule[index] = view.getUint32(index * 4);
  for (let index = 16; index < 64; index++) {
    const near = at(schedule, index - 2);
    const far = at(schedule, index - 15);
    const nearSum = rotate(near, 17) ^ rotate(near, 19) ^ (near >>> 10);
    const farSum = rotate(far, 7) ^ rotate(far, 18) ^ (far >>> 3);
    schedule[index] = nearSum + at(schedule, index - 7) + farSum + at(schedule, index - 16);
  }
}

function compress(hash: Uint32Array, schedule: Uint32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash;
  for (let index = 0; index < 64; index++) {
    const choice = (e & f) ^ (~e & g);
    const first =
      h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + at(roundConstants, index) + at(schedule, index);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => {
    hash[index] = at(hash, index) + word;
  });
}

/** The first 32 bits of the fractions of the square roots of the first 8 primes. */
// biome-ignore format: one row of eight words reads better than a column.
const initialHash = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/** The first 32 bits of the fractions of the cube roots of the first 64 primes. */
// biome-ignore format: one row of eight words reads better than a column.
const roundConstants = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];
