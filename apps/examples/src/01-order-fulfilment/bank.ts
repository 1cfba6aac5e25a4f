/** A bank's test cards: the number decides what happens. */
export const bankCards = {
  good: "4242-4242-4242-4242",
  /** The bank does not answer the first two times. */
  slow: "4000-0000-0000-0119",
  declined: "4000-0000-0000-0002",
  unreachable: "4000-0000-0000-0127",
} as const;

export type BankReply = { readonly kind: "captured" } | { readonly kind: "declined" } | { readonly kind: "silent" };

/** What the bank says when it is asked for the `attempt`-th time, counted from 0. */
export function askBank(card: string, attempt: number): BankReply {
  if (card === bankCards.declined) return { kind: "declined" };
  if (card === bankCards.unreachable) return { kind: "silent" };
  if (card === bankCards.slow && attempt < 2) return { kind: "silent" };
  return { kind: "captured" };
}
