import { hash } from '../../../lib/hash.ts'
import { type Token, tokenize } from './tokens.ts'

/** One model, macro or test without comments and white space, and the names that it uses. */
export interface Template {
  /** Hash of its tokens, or of its text if it can't be split into tokens. */
  readonly digest: string
  /** Hash of its text. */
  readonly exact: string
  /** Names passed to `var()` and `env_var()`; null stands for a computed name. */
  readonly vars: ReadonlySet<string | null>
  readonly envVars: ReadonlySet<string>
  /** Names passed to `adapter.dispatch`. */
  readonly dispatched: ReadonlySet<string>
  /** Names called inside SQL literals, where white space counts. */
  readonly quotedCalls: ReadonlySet<string>
  /** Whether it names the clock. */
  readonly clock: boolean
}

const CLOCK_WORDS = new Set([
  'current_timestamp',
  'current_date',
  'current_time',
  'localtimestamp',
  'localtime',
  'sysdate',
  'systimestamp',
])
const CLOCK_CALLS = new Set([
  'now',
  'today',
  'getdate',
  'get_current_timestamp',
  'transaction_timestamp',
  'statement_timestamp',
  'clock_timestamp',
  'unix_timestamp',
  'sysdatetime',
])
const CLOCK_JINJA = new Set([...CLOCK_WORDS, 'run_started_at', 'utcnow', 'now', 'today'])
const PYTHON_CLOCK = /\b(?:utcnow|now|today|time|time_ns)\s*\(\s*\)|\bcurrent_(?:timestamp|date)\b/

/** Reads SQL with Jinja: a model, a snapshot, a macro, a test, or a hook. */
export function readTemplate(text: string): Template {
  const tokens = tokenize(text)
  const exact = hash(text)
  // Without tokens every name in the text counts, even one in a comment.
  const found = tokens === null ? roughTokens(text) : withoutConfig(tokens)
  const digest =
    tokens === null ? exact : hash(...found.map((token) => `${token.type}:${token.text}`))
  const jinja = found.filter((token) => token.type === 'jinja' || token.type === 'quoted')
  return {
    digest,
    exact,
    vars: new Set([...namedBy('var', jinja), ...namedBy('has_var', jinja)]),
    envVars: new Set([...namedBy('env_var', jinja)].filter((name) => name !== null)),
    dispatched: new Set([...namedBy('dispatch', jinja)].filter((name) => name !== null)),
    quotedCalls: calls(found.filter((token) => token.type === 'quoted')),
    clock: namesClock(found),
  }
}

/** Reads a Python model. It is identified by its text, because white space is part of the language. */
export function readPython(text: string): Template {
  const exact = hash(text)
  const none = new Set<string>()
  return {
    digest: exact,
    exact,
    vars: none,
    envVars: none,
    dispatched: none,
    quotedCalls: none,
    clock: PYTHON_CLOCK.test(text),
  }
}

/** Tokens without `{{ config(…) }}`: the manifest has what it sets. */
function withoutConfig(tokens: readonly Token[]): readonly Token[] {
  const kept: Token[] = []
  for (let at = 0; at < tokens.length; at++) {
    const opens = tokens[at]!.type === 'jinja' && tokens[at]!.text.startsWith('{{')
    if (opens && tokens[at + 1]?.text === 'config' && tokens[at + 2]?.text === '(') {
      const end = tokens.findIndex(({ text }, index) => index > at && /^[-+]?\}\}$/.test(text))
      // Only a bare `config(…)` sets. `config.get(…)` and longer expressions read.
      if (tokens[end - 1]?.text === ')' && closing(tokens, at + 2) === end - 1) {
        at = tokens[end + 1]?.type === 'gap' ? end + 1 : end
        continue
      }
    }
    kept.push(tokens[at]!)
  }
  return kept
}

/** The index of the bracket that closes the one at `open`; -1 if there is none. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at]!.text === '(') depth++
    else if (tokens[at]!.text === ')' && --depth === 0) return at
  }
  return -1
}

function roughTokens(text: string): readonly Token[] {
  const pieces = text.match(/'[^']*'|"[^"]*"|[\p{L}\p{N}_$]+|[^\s]/gu) ?? []
  return pieces.flatMap((piece) => [
    { type: 'sql', text: piece },
    { type: 'quoted', text: piece },
  ])
}

/** The first argument of every call of `name`; null for one that is not a single string. */
function namedBy(name: string, jinja: readonly Token[]): ReadonlySet<string | null> {
  const names = new Set<string | null>()
  jinja.forEach(({ text }, at) => {
    if (text !== name || jinja[at + 1]?.text !== '(') return
    const first = jinja[at + 2]?.text ?? ''
    const isString = /^(['"]).*\1$/s.test(first) && [',', ')'].includes(jinja[at + 3]?.text ?? '')
    names.add(isString ? first.slice(1, -1) : null)
  })
  return names
}

function calls(tokens: readonly Token[]): ReadonlySet<string> {
  const names = tokens.filter((_, at) => tokens[at + 1]?.text === '(').map(({ text }) => text)
  return new Set(names)
}

function namesClock(tokens: readonly Token[]): boolean {
  return tokens.some(({ type, text }, at) => {
    const word = text.toLowerCase()
    if (type === 'jinja' || type === 'quoted') return CLOCK_JINJA.has(word)
    if (type !== 'sql' || tokens[at - 1]?.text === '.') return false
    return CLOCK_WORDS.has(word) || (CLOCK_CALLS.has(word) && tokens[at + 1]?.text === '(')
  })
}
