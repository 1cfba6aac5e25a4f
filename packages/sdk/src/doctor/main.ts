#!/usr/bin/env node
import { hotmeshCommand } from "./command.js";

const say = (stream: NodeJS.WriteStream) => (text: string) => void stream.write(`${text}\n`);
const terminal = { databaseUrl: process.env["DATABASE_URL"], out: say(process.stdout), err: say(process.stderr) };
hotmeshCommand(process.argv.slice(2), terminal).then((code) => {
  process.exitCode = code;
});
