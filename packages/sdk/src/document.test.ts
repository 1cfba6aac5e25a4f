import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileDocument } from "./document.js";

let folder = "";

const app = `# parcels
app:
  id: parcels
  version: '2'
  graphs:
    - $ref: ./graphs/book.yaml
`;
const graph = `subscribes: parcel.booked
activities:
  booked: { type: trigger }
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hotmesh-document-"));
  const flows = join(folder, "flows");
  await mkdir(join(flows, "graphs"), { recursive: true });
  await writeFile(join(flows, "parcels.yaml"), app);
  await writeFile(join(flows, "graphs", "book.yaml"), graph);
  await writeFile(join(folder, "secret.yaml"), graph);
  await writeFile(join(flows, "escapes.yaml"), app.replace("./graphs/book.yaml", "../secret.yaml"));
  await symlink(join(folder, "secret.yaml"), join(flows, "graphs", "linked.yaml"));
  await writeFile(join(flows, "linked.yaml"), app.replace("book.yaml", "linked.yaml"));
});

afterAll(() => rm(folder, { recursive: true }));

test("S36 S37 S112 a file with references equals the document written out", async () => {
  const inline = `
    app:
      id: parcels
      version: '2'
      graphs: [ { subscribes: parcel.booked, activities: { booked: { type: trigger } } } ]
  `;

  const fromFile = await compileDocument(join(folder, "flows", "parcels.yaml"), "parcels");
  const fromText = await compileDocument(inline, "parcels");

  expect(fromFile).toEqual(fromText);
});

test.each(["escapes.yaml", "linked.yaml"])(
  "the references of %s that lead out of its folder are refused",
  async (file) => {
    await expect(compileDocument(join(folder, "flows", file), "parcels")).rejects.toMatchObject({
      name: "CompileError",
      message: expect.stringMatching(/lies outside of/),
    });
  },
);

test("a single line that names no file is no document", async () => {
  await expect(compileDocument("./no/such/file.yaml", "parcels")).rejects.toMatchObject({
    problems: [expect.objectContaining({ code: "not-a-document" })],
  });
});

test("a document for another app is refused", async () => {
  const path = join(folder, "flows", "parcels.yaml");

  await expect(compileDocument(path, "letters")).rejects.toMatchObject({ name: "CompileError" });
});

test("files written by deploy: none, beside the document or below it", async () => {
  const before = await readdir(folder, { recursive: true });

  await compileDocument(join(folder, "flows", "parcels.yaml"), "parcels");

  expect(await readdir(folder, { recursive: true })).toEqual(before);
});
