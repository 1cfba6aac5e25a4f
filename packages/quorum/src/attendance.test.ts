import { Canceller, HotMeshError, type MemberRecord, type ThrottleRule } from "@hotmesh/core";
import { MemoryDatabase, memoryBackend, TestClock } from "@hotmesh/core/testing";
import { expect, test } from "vitest";
import { Attendance, type AttendanceOptions } from "./attendance.js";

const kiln = { guid: "H1", role: "worker", topic: "kiln.fire", version: null } as const;
const engine = { guid: "H1", role: "engine", topic: null, version: "1" } as const;

function setup(records: readonly MemberRecord[] = [engine, kiln], over: Partial<AttendanceOptions> = {}) {
  const clock = new TestClock();
  const { registry } = memoryBackend({ clock, database: new MemoryDatabase() });
  const told: (number | undefined)[] = records.map(() => undefined);
  const members = records.map((record, index) => ({
    record: () => record,
    throttle: (ms: number) => {
      told[index] = ms;
    },
  }));
  let checks = 0;
  const counted = {
    checkOut: registry.checkOut,
    forget: registry.forget,
    checkIn: (present: readonly MemberRecord[]) => {
      checks += 1;
      return registry.checkIn(present);
    },
  };
  const attendance = new Attendance({ registry: counted, members, clock, random: () => 0.5, ...over });
  return { clock, registry, attendance, told, checks: () => checks };
}

const rule = (throttle: number, over: Partial<ThrottleRule> = {}): ThrottleRule => ({
  throttle,
  topic: null,
  guid: null,
  scope: "all",
  ...over,
});

test("a member that joins late obeys what was commanded before", async () => {
  const { registry, attendance, told } = setup();
  await registry.throttle(rule(-1));
  await registry.throttle(rule(500, { topic: "kiln.fire" }));

  await attendance.check();

  expect(told).toEqual([-1, 500]);
});

test("whoever missed the message obeys with its next look, 5 s later at most", async () => {
  const { registry, attendance, told, clock } = setup();
  await attendance.tick();
  await registry.throttle(rule(200));

  clock.advance(4_999);
  await attendance.tick();
  expect(told).toEqual([0, 0]);
  clock.advance(1);
  await attendance.tick();

  expect(told).toEqual([200, 200]);
});

test("a message makes it look at once, and what is told to be due is", async () => {
  const { registry, attendance, told } = setup();
  const { nextAt } = await attendance.tick();
  await registry.throttle(rule(200));

  attendance.wake();
  const { worked } = await attendance.tick();

  expect([nextAt, worked, told]).toEqual([1_800_000_005_000, false, [200, 200]]);
});

test("members are there from their first look on, and gone when they leave", async () => {
  const { registry, attendance } = setup();
  await attendance.check();
  expect(await registry.members()).toMatchObject([engine, kiln]);

  await attendance.leave();

  expect(await registry.members()).toEqual([]);
});

test("entries of one topic check in as one", async () => {
  const { registry, attendance, told } = setup([kiln, kiln]);
  await registry.throttle(rule(7));

  await attendance.check();

  expect([await registry.members(), told]).toMatchObject([[kiln], [7, 7]]);
});

test("a look that fails is tried again, and what was commanded before is still obeyed", async () => {
  const { registry, attendance, told, clock } = setup();
  await registry.throttle(rule(300));
  await attendance.tick();
  const { checkIn } = registry;
  const broken = setup([engine], {
    registry: {
      ...registry,
      checkIn: async (members) => {
        if (clock.now() < 1_800_000_000_100) throw new HotMeshError("connection-failed", "gone");
        return checkIn(members);
      },
    },
    clock,
  });

  const { nextAt } = await broken.attendance.tick();
  expect([broken.told, nextAt]).toEqual([[-1], 1_800_000_000_075]);
  clock.advance(100);
  await broken.attendance.tick();

  expect([broken.told, told]).toEqual([[300], [300, 300]]);
});

test("a failure later on changes no throttle", async () => {
  let isBroken = false;
  const { registry } = setup();
  const { attendance, told, clock } = setup([engine], {
    registry: {
      ...registry,
      checkIn: async (members) => {
        if (isBroken) throw new Error("gone");
        return registry.checkIn(members);
      },
      checkOut: async () => Promise.reject(new Error("gone")),
      forget: async () => Promise.reject(new Error("gone")),
    },
  });
  await attendance.check();
  isBroken = true;
  clock.advance(7_200_000);

  await attendance.tick();
  await attendance.leave();

  expect(told).toEqual([0]);
});

test("what is long gone is forgotten in an hour", async () => {
  const { registry, attendance, clock } = setup();
  await attendance.tick();
  await registry.throttle(rule(5, { guid: "gone" }));
  clock.advance(86_400_000);

  await attendance.tick();

  expect(await registry.checkIn([])).toEqual([]);
});

test("an idle instance looks 12 times a minute", async () => {
  const { attendance, clock, checks } = setup();
  const cancel = new Canceller();
  const running = attendance.run(cancel);

  for (let ms = 0; ms < 60_000; ms += 100) {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    clock.advance(100);
  }
  cancel.cancel();
  await running;

  expect(checks()).toBe(12);
});
