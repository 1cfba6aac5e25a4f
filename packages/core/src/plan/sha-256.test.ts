import { expect, test } from "vitest";
import { base64url, sha256, utf8 } from "./sha-256.js";

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** FIPS 180-4 and NIST CAVP examples. */
const vectors: readonly (readonly [name: string, text: string, digest: string])[] = [
  ["the empty text", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["one block", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    "two blocks",
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ],
  [
    "896 bits",
    "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
    "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
  ],
  ["a million letters", "a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
];

test.each(vectors)("SHA-256 of %s is the published digest", (_name, text, digest) => {
  expect(hex(sha256(text))).toBe(digest);
});

test("text is hashed as UTF-8, and half a surrogate pair as U+FFFD", () => {
  expect(utf8("é€😀")).toEqual([0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80]);
  expect(sha256("\ud800")).toEqual(sha256("\ufffd"));
});

test.each([
  ["", ""],
  ["f", "Zg"],
  ["fo", "Zm8"],
  ["foo", "Zm9v"],
  ["foob", "Zm9vYg"],
  ["fooba", "Zm9vYmE"],
  ["foobar", "Zm9vYmFy"],
  ["\u00fb", "w7s"],
  ["~~~???", "fn5-Pz8_"],
])("base64url of %j is %j, as RFC 4648 says", (text, encoded) => {
  expect(base64url(Uint8Array.from(utf8(text)))).toBe(encoded);
});

test("a digest is 43 characters of base64url", () => {
  expect(base64url(sha256("plan"))).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
