/**
 * Work that may still be done, in operations: about one look at a node or an edge. It counts no time, so that
 * equal graphs get equal drawings on every machine.
 */
export interface Budget {
  left: number
}

/** Whether there was anything left, and subtracts the operations. */
export function spend(budget: Budget, operations: number): boolean {
  const had = budget.left > 0
  budget.left -= operations
  return had
}
