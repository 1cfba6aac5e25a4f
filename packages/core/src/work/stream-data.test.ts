import { expect, test } from "vitest";
import { lease } from "./lease.suite.js";
import { streamDataOf } from "./stream-data.js";

test("S21 a callback gets the input in data and the address of the request in metadata", () => {
  expect(streamDataOf(lease({ trace: "Ht" }))).toEqual({
    metadata: {
      guid: "Hm1",
      jid: "P1",
      gid: "Hg1",
      dad: ",0,0",
      aid: "k1",
      topic: "kiln.fire",
      wfn: "pot.throw",
      trc: "Ht",
      spn: "0".repeat(16),
    },
    data: { temp: 900 },
    _retryAttempt: 0,
  });
});

test("what is not traced has a trace id of zeros", () => {
  expect(streamDataOf(lease({ trace: null })).metadata).toMatchObject({ trc: "0".repeat(32), spn: "0".repeat(16) });
});

test("a retry says how many attempts failed, and by which codes it would be tried again", () => {
  const { metadata, policies, _retryAttempt } = streamDataOf(
    lease({ attempt: 2, codeRetries: [{ code: "503", retries: 4 }] }),
  );

  expect({ try: metadata.try, policies, _retryAttempt }).toEqual({
    try: 2,
    policies: { retry: { "503": [4, "x"] } },
    _retryAttempt: 2,
  });
});

test("what a callback does to its message reaches nobody else", () => {
  const body = { shape: { r: 3 } };

  const { data } = streamDataOf(lease({ body }));
  Object.assign(data["shape"] ?? {}, { r: 4 });

  expect(body).toEqual({ shape: { r: 3 } });
});
