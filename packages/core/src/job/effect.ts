import type { OutgoingMessage } from "../ports/message.js";
import type { Cancel, HookClose } from "../ports/program.js";
import type {
  CounterChange,
  CounterSpan,
  EscalationClose,
  EscalationRecord,
  HookRecord,
  Publication,
  SignalDispatch,
} from "../ports/records.js";

/** What the outside must do after a decision. Each becomes rows of the commit. */
export type Effect =
  | { readonly kind: "send"; readonly message: OutgoingMessage }
  | { readonly kind: "cancel"; readonly cancel: Cancel }
  | { readonly kind: "open-hook"; readonly hook: HookRecord }
  | { readonly kind: "close-hook"; readonly hook: HookClose }
  | { readonly kind: "signal"; readonly dispatch: SignalDispatch }
  | { readonly kind: "publish"; readonly publication: Publication }
  | { readonly kind: "count"; readonly change: CounterChange }
  | { readonly kind: "forget"; readonly span: CounterSpan }
  | { readonly kind: "open-escalation"; readonly escalation: EscalationRecord }
  | { readonly kind: "close-escalation"; readonly close: EscalationClose };
