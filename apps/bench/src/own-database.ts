import { randomUUID } from "node:crypto";
import { Client } from "pg";

export interface OwnDatabase {
  readonly name: string;
  readonly url: string;
}

/** Makes a database on the server for the time of the work; the role needs the right to create one. */
export async function withOwnDatabase<T>(url: string, work: (own: OwnDatabase) => Promise<T>): Promise<T> {
  const name = `hotmesh_bench_${randomUUID().replaceAll("-", "")}`;
  const admin = new Client({ connectionString: url });
  await admin.connect();
  try {
    await admin.query(`create database ${name}`);
    const own = new URL(url);
    own.pathname = `/${name}`;
    try {
      return await work({ name, url: own.href });
    } finally {
      await admin.query(`drop database ${name} with (force)`);
    }
  } finally {
    await admin.end();
  }
}
