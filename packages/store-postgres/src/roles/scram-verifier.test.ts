import { expect, test } from "vitest";
import { scramVerifier } from "./scram-verifier.js";

test("a verifier has the keys of RFC 7677 for its user and password", () => {
  const verifier = scramVerifier("pencil", Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64"));

  const keys = "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
  expect(verifier).toBe(`SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$${keys}`);
});

test("two verifiers of one password differ", () => {
  expect(scramVerifier("pencil")).not.toBe(scramVerifier("pencil"));
});
