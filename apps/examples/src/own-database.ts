import { randomUUID } from "node:crypto";
import { Client } from "pg";

/** Runs a test on a database of its own, on the server that `url` leads to. */
export async function onOwnDatabase<T>(url: string, work: (url: string) => Promise<T>): Promise<T> {
  const name = `examples_${randomUUID().replaceAll("-", "")}`;
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${name}`);
  try {
    const own = new URL(url);
    own.pathname = `/${name}`;
    return await work(own.href);
  } finally {
    await client.query(`drop database ${name} with (force)`);
    await client.end();
  }
}
