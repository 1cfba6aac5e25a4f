import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import type { Codec } from "../codec.js";

const ivLength = 12;
const tagLength = 16;

/** AES-256-GCM, as an app would use it: encoding a value twice gives two texts. */
export function sealingCodec(password: string): Codec {
  const key = scryptSync(password, "salt", 32);
  return {
    encode: (json) => {
      const iv = randomBytes(ivLength);
      const cipher = createCipheriv("aes-256-gcm", key, iv);
      const sealed = Buffer.concat([cipher.update(json, "utf8"), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64");
    },
    decode: (text) => {
      const bytes = Buffer.from(text, "base64");
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, ivLength));
      decipher.setAuthTag(bytes.subarray(ivLength, ivLength + tagLength));
      return Buffer.concat([decipher.update(bytes.subarray(ivLength + tagLength)), decipher.final()]).toString("utf8");
    },
  };
}
