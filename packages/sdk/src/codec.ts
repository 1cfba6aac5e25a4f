export { type Codec, registerCodec } from "@hotmesh/store-postgres";
