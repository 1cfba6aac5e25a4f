import { applyEntity, entityIn, withEntity } from "../../code/entity.js";
import type { StoredRequest } from "../../code/protocol.js";
import { applySearch } from "../../code/search.js";
import type { Draft } from "../draft.js";
import type { OperationOutcome } from "./record.js";

/** Changes what is stored with the job, as a function asked for, and says what came of it. */
export function applyStored(draft: Draft, { kind, method, arguments: given }: StoredRequest): OperationOutcome {
  if (kind === "search") {
    const { fields, result } = applySearch(draft.fields, method, given);
    draft.fields = { ...fields };
    return { data: result };
  }
  const { document, result } = applyEntity(entityIn(draft.fields), method, given);
  draft.fields = { ...withEntity(draft.fields, document) };
  return result === undefined ? {} : { data: result };
}
