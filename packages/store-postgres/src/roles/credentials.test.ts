import { Client, Pool } from "pg";
import { expect, test } from "vitest";
import type { PostgresConnection } from "../connection/connection.js";
import { withCredentials } from "./credentials.js";

const login = { user: "hmsh_wrk_a_b:c~1", password: "s p?&%@/" };

/** What the driver makes of a connection. */
function seenBy(connection: PostgresConnection) {
  const options = typeof connection === "object" && "class" in connection ? connection.options : {};
  const { user, password, host, port, database, ssl } = new Client(options);
  return { user, password, host, port, database, ssl: ssl !== false };
}

test.each<[string, PostgresConnection]>([
  ["an address", "postgresql://owner:secret@db.example:6543/shop"],
  ["an address with a login in its query", "postgresql://db.example:6543/shop?user=owner&password=secret"],
  ["options", { class: Client, options: { host: "db.example", port: 6543, database: "shop", user: "owner" } }],
  [
    "an address in options",
    { class: Pool, options: { connectionString: "postgres://owner:s%40@db.example:6543/shop" } },
  ],
  ["a pool", new Pool({ connectionString: "postgres://owner:secret@db.example:6543/shop" })],
])("%s leads to the same database with the login of the role", (_, connection) => {
  const replaced = withCredentials(connection, login);

  expect(seenBy(replaced)).toEqual({ ...login, host: "db.example", port: 6543, database: "shop", ssl: false });
  expect(JSON.stringify(replaced)).not.toContain("owner");
});

test("what an address says besides stays", () => {
  const replaced = withCredentials("postgres://owner@/shop?host=/run/pg&port=7000&sslmode=no-verify", login);

  expect(seenBy(replaced)).toEqual({ ...login, host: "/run/pg", port: 7000, database: "shop", ssl: true });
});

test("a connected client is refused", () => {
  const client = new Client();

  expect(() => withCredentials(client, login)).toThrow(/has logged in already/);
});
