/** Stands for `graph/cycles.ts` in the page, whose graph has none. */
export function cycleProblems(): never {
  throw new Error('the graph of the page has a cycle')
}
