import { expect, test } from "vitest";

import { canRead, closedFolder, unprivileged } from "./account.js";

const nobody = { name: "nobody", uid: 65_534, gid: 65_534 };
const modes = new Map([
  ["/", 0o755],
  ["/srv", 0o711],
  ["/srv/open", 0o644],
  ["/srv/secret", 0o600],
  ["/root", 0o700],
  ["/root/inner", 0o777],
]);

/** Files that belong to root. */
const stat = (path: string) => ({ uid: 0, gid: 0, mode: modes.get(path) ?? 0 });

test("nobody is preferred to every other account", () => {
  const passwd = "root:x:0:0:root:/root:/bin/bash\nbin:x:1:1::/:\nnobody:x:65534:65533:nobody:/:/usr/sbin/nologin\n";

  expect(unprivileged(passwd)).toEqual({ name: "nobody", uid: 65_534, gid: 65_533 });
});

test("any account but root will do", () => {
  expect(unprivileged("root:x:0:0::/root:/bin/sh\n\nbin:x:1:2::/:\n")).toEqual({ name: "bin", uid: 1, gid: 2 });
});

test("without accounts the number of nobody is taken", () => {
  expect(unprivileged("")).toEqual({ name: "65534", uid: 65_534, gid: 65_534 });
});

test("a folder below a closed one is closed", () => {
  expect(closedFolder("/root/inner", nobody, stat)).toBe("/root");
});

test("a folder that may be entered but not listed is open", () => {
  expect(closedFolder("/srv", nobody, stat)).toBeNull();
});

test("the bits of the owner, the group and the others are told apart", () => {
  const owned = (mode: number) => () => ({ uid: 65_534, gid: 0, mode });
  const shared = (mode: number) => () => ({ uid: 0, gid: 65_534, mode });

  expect(closedFolder("/", nobody, owned(0o700))).toBeNull();
  expect(closedFolder("/", nobody, owned(0o077))).toBe("/");
  expect(closedFolder("/", nobody, shared(0o710))).toBeNull();
  expect(closedFolder("/", nobody, shared(0o707))).toBe("/");
});

test("a file is readable when its mode and its folders allow it", () => {
  expect(canRead("/srv/open", nobody, stat)).toBe(true);
  expect(canRead("/srv/secret", nobody, stat)).toBe(false);
  expect(canRead("/root/inner", nobody, stat)).toBe(false);
});

test("no account means our own, which nothing is checked for", () => {
  expect(closedFolder("/root", null, stat)).toBeNull();
  expect(canRead("/srv/secret", null, stat)).toBe(true);
});
