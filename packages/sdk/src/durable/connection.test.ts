import { Client, Pool } from "pg";
import { expect, test } from "vitest";
import { Connection, isReadonly } from "./connection.js";

test("connecting opens nothing and gives back what it is given", async () => {
  const options = { connectionString: "postgresql://nowhere.invalid/none" };
  const one = { class: Client, options };

  expect(await Connection.connect(one)).toEqual(one);
  expect(await Connection.create({ ...one, readonly: true })).toEqual({ ...one, readonly: true });
  expect(await Connection.connect({ store: one, stream: one, sub: one })).toEqual({
    store: one,
    stream: one,
    sub: one,
  });
  expect(await Connection.connect("postgresql://localhost/pots")).toBe("postgresql://localhost/pots");
});

test("a connection with a class always has options", async () => {
  const bare: object = { class: Pool };

  expect(await Connection.connect(bare as Connection)).toEqual({ class: Pool, options: {} });
});

test("a pool is given back as it is", async () => {
  const pool = new Pool();

  expect(await Connection.connect(pool)).toBe(pool);
  await pool.end();
});

test("readonly is said of the connection as a whole", () => {
  const one = { class: Client, options: {} };

  expect(
    [one, { ...one, readonly: true }, { store: one, stream: one, sub: one, readonly: true }].map(isReadonly),
  ).toEqual([false, true, true]);
  expect(isReadonly("postgresql://localhost/pots")).toBe(false);
});
