import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type Elsewhere, messagesOf } from "../testing/elsewhere.js";
import { harbor } from "../testing/harbor-document.js";
import { documentOf } from "../testing/mesh.js";
import { SeedApp } from "../testing/seed-app.js";

let app: SeedApp;
/** Other processes: an engine and a worker, and a worker without an engine. */
let van: Elsewhere;
let porter: Elsewhere;

const document = (version: string): string => {
  const [, graphs = ""] = harbor(app.appId).split("graphs:");
  return `${documentOf(app.appId, ["label.print"], version)}${graphs}`;
};

beforeAll(async () => {
  app = await SeedApp.open("seedmsg");
  await app.activate(document("1"));
  [van, porter] = await Promise.all([
    app.join("van-17", ["label.print"]),
    app.join("porter-3", ["fee.collect"], { engine: "none" }),
  ]);
});

afterAll(() => app.close());

beforeEach(() => {
  for (const each of [app, van, porter]) each.heard.length = 0;
});

/** What happens in one process is heard in this one, and in the third. */
const hearers = () => [app, porter];

test("S79 a pong arrives when a member answers a roll call, with its guid and its profile", async () => {
  await van.call("rollCall", 300);

  await vi.waitFor(() => {
    for (const { heard } of hearers()) {
      const pongs = messagesOf(heard, "pong");
      expect(pongs.map(({ guid, profile }) => `${guid} ${profile?.worker_topic ?? "engine"}`).sort()).toEqual([
        "desk engine",
        "porter-3 fee.collect",
        "van-17 engine",
        "van-17 label.print",
      ]);
      for (const { guid, profile } of pongs) {
        expect(profile).toMatchObject({ engine_id: guid, app_id: app.appId, stream_depth: 0, throttle: 0 });
      }
    }
  }, 3_000);
});

test("S80 a throttle arrives when it was commanded, with its rate, its topic and its guid", async () => {
  await van.call("throttle", { throttle: 250, topic: "fee.collect", guid: "porter-3" });
  await van.call("throttle", { throttle: 0 });

  await vi.waitFor(() => {
    for (const { heard } of hearers()) {
      expect(messagesOf(heard, "throttle")).toEqual([
        { type: "throttle", throttle: 250, topic: "fee.collect", guid: "porter-3" },
        { type: "throttle", throttle: 0 },
      ]);
    }
  }, 3_000);
});

test("S81 an activate arrives while a version is being activated", async () => {
  await app.desk.deploy(document("81"));
  let isActivated = false;
  const under: boolean[] = [];
  await app.desk.subQuorum((_, message) => {
    if (message.type === "activate" && message.cache_mode === "nocache") under.push(!isActivated);
  });

  await van.call("activate", "81", 200).then(() => {
    isActivated = true;
  });

  await vi.waitFor(() => {
    for (const { heard } of hearers()) {
      expect(messagesOf(heard, "activate")).toEqual([
        { type: "activate", cache_mode: "nocache", until_version: "81" },
        { type: "activate", cache_mode: "cache", until_version: "81" },
      ]);
    }
  }, 3_000);
  expect(under).toEqual([true]);
});

test("S82 a job arrives when a workflow has completed, with its topic and its output", async () => {
  await van.call("pub", "do.label.print", { id: "P82" });

  await vi.waitFor(() => {
    for (const { heard } of hearers()) {
      expect(messagesOf(heard, "job")).toEqual([
        {
          type: "job",
          topic: "done.label.print",
          job: {
            metadata: expect.objectContaining({ jid: "P82", tpc: "do.label.print", js: 0, state: "completed" }),
            data: { by: "van-17" },
          },
        },
      ]);
    }
  }, 3_000);
  expect(messagesOf(app.heard, "job")[0]?.job).toEqual(await app.desk.getState("do.label.print", "P82"));
});

test("S83 a user message arrives when somebody sent it, with its topic and what it says", async () => {
  await van.call("pubQuorum", { type: "user", topic: "tide.turned", message: { level: 3, at: ["north", "south"] } });

  await vi.waitFor(() => {
    for (const { heard } of hearers()) {
      expect(messagesOf(heard, "user")).toEqual([
        { type: "user", topic: "tide.turned", message: { level: 3, at: ["north", "south"] } },
      ]);
    }
  }, 3_000);
});

test("S84 a ping arrives when a roll call was started, and the answers name it", async () => {
  await van.call("rollCall", 300);

  await vi.waitFor(() => {
    for (const { heard } of hearers()) {
      const [ping, ...more] = messagesOf(heard, "ping");
      expect([ping, more]).toEqual([{ type: "ping", originator: expect.any(String), details: true }, []]);
      expect(messagesOf(heard, "pong").map(({ originator }) => originator)).toEqual(Array(4).fill(ping?.originator));
    }
  }, 3_000);
});

test("S85 a work message arrives when work was distributed, here signals to all jobs of an index", async () => {
  const buoys = ["Y1", "Y2", "Y3"];
  for (const buoy of buoys) await app.desk.pub("buoy.moor", { buoy, bay: "north", color: "red" });

  await van.call("signalAll", "buoy.call", { tide: "low" }, { data: { bay: "north" } });

  await vi.waitFor(() => {
    for (const { heard } of hearers()) {
      expect(messagesOf(heard, "work")).toEqual([{ type: "work", originator: "van-17" }]);
      expect(
        messagesOf(heard, "job")
          .map(({ job }) => job.metadata["jid"])
          .sort(),
      ).toEqual(buoys);
    }
  }, 5_000);
});

test("S86 a cron message arrives when a scheduled event is announced, with its topic and its id", async () => {
  const message = { type: "cron", originator: "van-17", topic: "nightly.count", id: "N1" } as const;

  await van.call("pubQuorum", message);

  await vi.waitFor(() => {
    for (const { heard } of hearers()) expect(messagesOf(heard, "cron")).toEqual([message]);
  }, 3_000);
});
