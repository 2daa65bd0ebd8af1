import { hash } from '../../../lib/hash.ts'
import { type Token, tokenize } from './tokens.ts'

/** What one model, macro or test says, apart from comments and white space. */
export interface Template {
  /** Hash of its tokens; of its text where it can't be split into tokens. */
  readonly digest: string
  /** Hash of its text. */
  readonly exact: string
  /** Names given to `var()` and `env_var()`; null among them for one that is worked out. */
  readonly vars: ReadonlySet<string | null>
  readonly envVars: ReadonlySet<string>
  /** Macros that `adapter.dispatch` looks for. */
  readonly dispatched: ReadonlySet<string>
  /** What is called inside SQL literals, where white space counts. */
  readonly quotedCalls: ReadonlySet<string>
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

/** Reads SQL with Jinja: a model, a snapshot, a macro, a test, a hook. */
export function readTemplate(text: string): Template {
  const tokens = tokenize(text)
  const exact = hash(text)
  // Without tokens every name in the text counts, also one that only a comment mentions.
  const found = tokens === null ? roughly(text) : withoutConfig(tokens)
  const digest =
    tokens === null ? exact : hash(...found.map((token) => `${token.room}:${token.text}`))
  const jinja = found.filter((token) => token.room === 'jinja' || token.room === 'quoted')
  return {
    digest,
    exact,
    vars: new Set([...namedBy('var', jinja), ...namedBy('has_var', jinja)]),
    envVars: new Set([...namedBy('env_var', jinja)].filter((name) => name !== null)),
    dispatched: new Set([...namedBy('dispatch', jinja)].filter((name) => name !== null)),
    quotedCalls: calls(found.filter((token) => token.room === 'quoted')),
    clock: namesClock(found),
  }
}

/** Reads a Python model. White space is part of the language, so its text stands for it. */
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

/** A model's `{{ config(…) }}` is left out: what it sets is known from the manifest. */
function withoutConfig(tokens: readonly Token[]): readonly Token[] {
  const kept: Token[] = []
  for (let at = 0; at < tokens.length; at++) {
    const opens = tokens[at]!.room === 'jinja' && tokens[at]!.text.startsWith('{{')
    if (opens && tokens[at + 1]?.text === 'config' && tokens[at + 2]?.text === '(') {
      const end = tokens.findIndex(({ text }, index) => index > at && /^[-+]?\}\}$/.test(text))
      // `config(…)` alone sets; `config.get(…)` and what goes on after it reads.
      if (tokens[end - 1]?.text === ')' && closing(tokens, at + 2) === end - 1) {
        at = tokens[end + 1]?.room === 'gap' ? end + 1 : end
        continue
      }
    }
    kept.push(tokens[at]!)
  }
  return kept
}

/** Where the bracket that opens at `open` is closed. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at]!.text === '(') depth++
    else if (tokens[at]!.text === ')' && --depth === 0) return at
  }
  return -1
}

function roughly(text: string): readonly Token[] {
  const pieces = text.match(/'[^']*'|"[^"]*"|[\p{L}\p{N}_$]+|[^\s]/gu) ?? []
  return pieces.flatMap((piece) => [
    { room: 'sql', text: piece },
    { room: 'quoted', text: piece },
  ])
}

/** The first arguments of every call of `name`; null where it is more than one string. */
function namedBy(name: string, jinja: readonly Token[]): ReadonlySet<string | null> {
  const names = new Set<string | null>()
  jinja.forEach(({ text }, at) => {
    if (text !== name || jinja[at + 1]?.text !== '(') return
    const first = jinja[at + 2]?.text ?? ''
    const whole = /^(['"]).*\1$/s.test(first) && [',', ')'].includes(jinja[at + 3]?.text ?? '')
    names.add(whole ? first.slice(1, -1) : null)
  })
  return names
}

function calls(tokens: readonly Token[]): ReadonlySet<string> {
  const names = tokens.filter((_, at) => tokens[at + 1]?.text === '(').map(({ text }) => text)
  return new Set(names)
}

function namesClock(tokens: readonly Token[]): boolean {
  return tokens.some(({ room, text }, at) => {
    const word = text.toLowerCase()
    if (room === 'jinja' || room === 'quoted') return CLOCK_JINJA.has(word)
    if (room !== 'sql' || tokens[at - 1]?.text === '.') return false
    return CLOCK_WORDS.has(word) || (CLOCK_CALLS.has(word) && tokens[at + 1]?.text === '(')
  })
}
