import { hash } from '../../../lib/hash.ts'
import type { Reads, TemplateFacts } from '../manifest/worker-manifest.ts'
import { tokenize } from './tokens.ts'

/** A model, a test, a macro or a string of the configuration: its identity, and what it reads. */
export interface Template {
  /** Templates with equal digests render to SQL of equal meaning, if what they read is equal. */
  readonly digest: string
  readonly reads: Reads
}

const NOTHING: Reads = {
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
}
const PYTHON_CLOCK = /\b(?:utcnow|now|today|time|time_ns)\s*\(\s*\)|\bcurrent_(?:timestamp|date)\b/
const PYTHON_ENV = /\b(?:environ|getenv)\b/
const PYTHON_CONFIG = /\bconfig\s*\.\s*(?:get|meta_get)\s*\(\s*(['"])(\w+)\1/g

/** The template of SQL. Comments and white space that can't reach a literal do not count. */
export function templateOf(facts: TemplateFacts): Template {
  const tokens = facts.pieces === null ? null : tokenize(facts.pieces)
  const digest =
    tokens === null ? facts.exact : hash(...tokens.map(({ type, text }) => `${type}:${text}`))
  return { digest, reads: facts.reads }
}

/** A Python model. It is identified by its text, because white space is part of the language. */
export function pythonTemplate(code: string, file: string): Template {
  const config = [...code.matchAll(PYTHON_CONFIG)].map(([, , key]) => key!)
  const strings = [...new Set(code.match(/\w{2,}/g) ?? [])]
  const line = code.slice(0, code.search(PYTHON_ENV)).split('\n').length
  const readsEnv = PYTHON_ENV.test(code)
  return {
    digest: hash(code),
    reads: {
      ...NOTHING,
      config,
      strings: readsEnv ? strings : [],
      wide: readsEnv ? [{ what: 'env', because: `os.environ (${file})`, line }] : [],
      clock: PYTHON_CLOCK.test(code),
    },
  }
}

/** The template of a seed. It is identified by its bytes, because its rows are not SQL. */
export function seedTemplate(digest: string): Template {
  return { digest, reads: NOTHING }
}
