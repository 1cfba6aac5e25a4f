/**
 * SHA-256 (FIPS 180-4) in plain arithmetic: core has no platform to ask, ids must be the same everywhere, and the
 * texts are small.
 */
export function sha256(text: string): Uint8Array {
  const message = paddedWords(text);
  const hash = initialHash.slice();
  for (let block = 0; block < message.length; block += 16) {
    fillSchedule(message, block);
    compress(hash);
  }
  const digest = new Uint8Array(32);
  for (let index = 0; index < 32; index += 1) digest[index] = at(hash, index >> 2) >>> shiftOf(index);
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

/**
 * The text as UTF-8, a one bit, zeros, and its length in bits as 64 bits: whole blocks of 16 words. A surrogate without
 * its other half becomes U+FFFD, as everywhere else.
 */
function paddedWords(text: string): Int32Array {
  // No unit of UTF-16 takes more than three bytes.
  const words = new Int32Array(blocksFor(text.length * 3) * 16);
  let length = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) {
      put(words, length, unit);
      length += 1;
      continue;
    }
    const point = text.codePointAt(index) ?? 0;
    if (point > 0xffff) index += 1;
    for (const byte of manyBytes(point >= 0xd800 && point <= 0xdfff ? 0xfffd : point)) {
      put(words, length, byte);
      length += 1;
    }
  }
  const bits = length * 8;
  put(words, length, 0x80);
  const end = blocksFor(bits / 8) * 16;
  words[end - 2] = Math.floor(bits / 0x100000000);
  words[end - 1] = bits;
  return words.subarray(0, end);
}

function put(words: Int32Array, index: number, byte: number): void {
  words[index >> 2] = at(words, index >> 2) | (byte << shiftOf(index));
}

/** Room for so many bytes, the one bit and the length. */
const blocksFor = (bytes: number): number => Math.ceil((bytes + 9) / 64);
/** Where a byte stands in its word: the first one is the highest. */
const shiftOf = (index: number): number => 24 - (index & 3) * 8;

function manyBytes(code: number): readonly number[] {
  if (code < 0x800) return [0xc0 | (code >>> 6), tail(code)];
  if (code < 0x10000) return [0xe0 | (code >>> 12), tail(code >>> 6), tail(code)];
  return [0xf0 | (code >>> 18), tail(code >>> 12), tail(code >>> 6), tail(code)];
}

const tail = (code: number): number => 0x80 | (code & 63);
/** Typed arrays answer undefined outside; the arithmetic here wants a zero. */
const at = (values: ArrayLike<number>, index: number): number => values[index] ?? 0;
const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

/** One for all blocks: each fills it before it is read, and nothing waits in between. */
const schedule = new Int32Array(64);

function fillSchedule(message: Int32Array, block: number): void {
  for (let index = 0; index < 16; index += 1) schedule[index] = at(message, block + index);
  for (let index = 16; index < 64; index += 1) {
    const near = at(schedule, index - 2);
    const far = at(schedule, index - 15);
    const nearSum = rotate(near, 17) ^ rotate(near, 19) ^ (near >>> 10);
    const farSum = rotate(far, 7) ^ rotate(far, 18) ^ (far >>> 3);
    schedule[index] = nearSum + at(schedule, index - 7) + farSum + at(schedule, index - 16);
  }
}

function compress(hash: Int32Array): void {
  let a = at(hash, 0);
  let b = at(hash, 1);
  let c = at(hash, 2);
  let d = at(hash, 3);
  let e = at(hash, 4);
  let f = at(hash, 5);
  let g = at(hash, 6);
  let h = at(hash, 7);
  for (let index = 0; index < 64; index += 1) {
    const choice = (e & f) ^ (~e & g);
    const first =
      h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + at(roundConstants, index) + at(schedule, index);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority;
    // One by one and not by destructuring a list, which every round would have to make.
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  add(hash, [a, b, c, d, e, f, g, h]);
}

function add(hash: Int32Array, words: readonly number[]): void {
  for (let index = 0; index < 8; index += 1) hash[index] = at(hash, index) + at(words, index);
}

/** The first 32 bits of the fractions of the square roots of the first 8 primes. */
// biome-ignore format: one row of eight words reads better than a column.
const initialHash = Int32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
);

/** The first 32 bits of the fractions of the cube roots of the first 64 primes. */
// biome-ignore format: one row of eight words reads better than a column.
const roundConstants = Int32Array.of(
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
);
