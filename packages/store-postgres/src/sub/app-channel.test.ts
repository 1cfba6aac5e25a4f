import { type Json, quorumChannel } from "@hotmesh/core";
import { expect, test } from "vitest";
import { AppChannel } from "./app-channel.js";

async function setup(stored: Readonly<Record<string, string>> = {}) {
  const channel = new AppChannel({
    processId: "me",
    start: async () => {},
    stop: async () => {},
    fetch: async (id) => stored[id],
  });
  const heard: (readonly [string, Json])[] = [];
  for (const name of [quorumChannel, "lane"]) {
    await channel.subscribe(name, (body) => heard.push([name, body]), true);
  }
  return { channel, heard };
}

test("what another process says is heard on its channel", async () => {
  const { channel, heard } = await setup({ n1: '{"long":true}' });

  channel.hear('{"from":"other","c":"lane","b":null}');
  channel.hear('{"from":"other","c":"quorum","r":"n1"}');
  await Promise.resolve();
  await Promise.resolve();

  expect(heard).toEqual([
    ["lane", null],
    [quorumChannel, { long: true }],
  ]);
});

test("what this process has said is not heard twice", async () => {
  const { channel, heard } = await setup();

  channel.hear('{"from":"me","c":"lane","b":null}');

  expect(heard).toEqual([]);
});

test.each(["shout", "", "{", "7", "null", "[]", '{"from":"other","c":"lane"}', '{"c":"lane","b":1}', '{"from":7}'])(
  "F9 a payload that is none of ours is for the mesh to judge: %j",
  async (payload) => {
    const { channel, heard } = await setup();

    channel.hear(payload);

    expect(heard.map(([name]) => name)).toEqual([quorumChannel]);
  },
);

test("F9 a quorum message that a person sends by hand is heard", async () => {
  const { channel, heard } = await setup();

  channel.hear('{"type":"user","topic":"settings.reload","message":{}}');

  expect(heard).toEqual([[quorumChannel, { type: "user", topic: "settings.reload", message: {} }]]);
});

test("a long payload that is gone, or is no JSON, is a lost hint", async () => {
  const { channel, heard } = await setup({ n2: "{" });

  channel.hear('{"from":"other","c":"lane","r":"n1"}');
  channel.hear('{"from":"other","c":"lane","r":"n2"}');
  await Promise.resolve();
  await Promise.resolve();

  expect(heard).toEqual([]);
});
