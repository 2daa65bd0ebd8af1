import { hash } from '../../../lib/hash.ts'
import type { Reads, TemplateFacts } from '../manifest/worker-manifest.ts'
import { tokenize } from './tokens.ts'

/** A model, a test, a macro or a string of the configuration: its identity, and what it reads. */
export interface Template {
  /** Templates with equal digests render to SQL of equal meaning, if what they read is equal. */
  readonly digest: string
  readonly reads: Reads
}

/** What a text without names reads. */
export const NO_READS: Reads = {
  vars: [],
  env: [],
  config: [],
  model: [],
  target: [],
  flags: [],
  macros: [],
  dispatched: [],
  strings: [],
  words: [],
  wide: [],
  clock: false,
  data: false,
  relations: 'none',
}

/** Comments and white space of SQL that can't reach a literal do not count. */
export function templateOf(facts: TemplateFacts): Template {
  const tokens = facts.pieces === null ? null : tokenize(facts.pieces)
  const digest =
    tokens === null ? facts.exact : hash(...tokens.map(({ type, text }) => `${type}:${text}`))
  // A relation in a text that is not normalized may be in a literal.
  const isPlain = tokens !== null || facts.reads.relations === 'none'
  return { digest, reads: isPlain ? facts.reads : { ...facts.reads, relations: 'values' } }
}

/** The template of a seed. It is identified by its bytes, because its rows are not SQL. */
export function seedTemplate(digest: string): Template {
  return { digest, reads: NO_READS }
}
