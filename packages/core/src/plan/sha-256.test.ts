import { expect, test } from "vitest";
import { base64url, sha256 } from "./sha-256.js";

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
  ["UTF-8 of one to four bytes", "aé€😀z", "b2db755f456b0c3aeeb12c1c479b170de23effae5e288a1869f410eea88b75e7"],
  [
    "55 bytes, all that one block holds",
    "a".repeat(55),
    "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318",
  ],
  ["56 bytes", "a".repeat(56), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"],
  ["64 bytes", "a".repeat(64), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"],
  ["a million letters", "a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
];

test.each(vectors)("SHA-256 of %s is the published digest", (_name, text, digest) => {
  expect(hex(sha256(text))).toBe(digest);
});

test("half a surrogate pair is hashed as U+FFFD", () => {
  expect(sha256("a\udc00b")).toEqual(sha256("a\ufffdb"));
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
  ["\u00c3\u00bb", "w7s"],
  ["~~~???", "fn5-Pz8_"],
])("base64url of %j is %j, as RFC 4648 says", (text, encoded) => {
  expect(base64url(Uint8Array.from(text, (character) => character.charCodeAt(0)))).toBe(encoded);
});

test("a digest is 43 characters of base64url", () => {
  expect(base64url(sha256("plan"))).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
