import { createRequire } from 'node:module'
import type * as Graphology from 'graphology'

/**
 * The graphology library, loaded on first use: only lineage and cycle reports need it. Loaded
 * synchronously, because a graph is built synchronously and only a cyclic one needs the report.
 */
export function graphology(): typeof Graphology {
  return createRequire(import.meta.url)('graphology') as typeof Graphology
}

/**
 * The key of node `i` in a graphology graph. Not its name: graphology stores neighbours in plain
 * objects, where `constructor` is always found, and integer keys would lose their order.
 */
export function nodeKey(i: number): string {
  return `n${i}`
}
