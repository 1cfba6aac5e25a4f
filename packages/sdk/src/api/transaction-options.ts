/** Take part in the caller's open transaction. */
export interface TransactionOptions {
  /** A `pg` client inside an open transaction: what is stored, is stored if and only if it commits. */
  client?: object;
}
