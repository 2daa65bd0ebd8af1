import type { Json } from '../../framework/lib/json.ts'
import type { Random } from '../property/random.ts'

/** Texts that programs stumble over, whatever the language. */
const JUNK = [
  ...[
    '',
    '\0',
    '\n',
    '\r\n',
    '\t',
    ' ',
    '\u2028',
    '\ufeff',
    '\ud800',
    '😀',
    'é',
    '"',
    "'",
    '`',
    '\\',
    '/',
    '..',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    '{{',
    '}}',
    '{%',
    '%}',
    '{#',
    '#}',
    '${',
    '${A:-',
    '$${',
    '/*',
    '*/',
    '--',
    '#',
  ],
  ...[
    ':',
    ': ',
    '::',
    ',',
    '*',
    '**/',
    '?',
    '!',
    '&a ',
    '*a',
    '|',
    '>',
    '%',
    '@',
    '+',
    '=',
    '<',
    '-',
    '- ',
    '---\n',
  ],
  ...[
    'null',
    'true',
    '0',
    '-1',
    '1e999',
    '0x',
    'NaN',
    '__proto__',
    'constructor',
    'toString',
    '[z-a]',
    '<<: ',
    '!t ',
  ],
] as const

/** Most mistakes show in a short text. */
const LONGEST = 5_000

/** A text with some of its parts deleted, repeated, replaced by others of the corpus, or by junk. */
export function mutateText(
  random: Random,
  corpus: readonly string[],
  words: readonly string[],
): string {
  let text = random.pick(corpus) ?? ''
  for (let times = 1 + random.below(6); times > 0; times--) {
    const from = random.below(text.length + 1)
    const length = random.chance(0.5) ? random.below(4) : random.below(200)
    const rest = text.slice(from + length)
    const piece = pieceOf(random, corpus, words, text)
    text = text.slice(0, from) + piece + (random.chance(0.5) ? rest : text.slice(from))
  }
  return text.slice(0, LONGEST)
}

function pieceOf(
  random: Random,
  corpus: readonly string[],
  words: readonly string[],
  text: string,
): string {
  const kind = random.below(6)
  if (kind === 0) return ''
  if (kind === 1) return random.pick(JUNK)!
  if (kind === 2) return random.pick(words) ?? ''
  if (kind === 3) return random.pick(JUNK)!.repeat(random.below(300))
  const from = kind === 4 ? text : random.pick(corpus)!
  const start = random.below(from.length + 1)
  return from.slice(start, start + random.below(80))
}

/** A text of words in any order, with junk between. */
export function mixWords(random: Random, words: readonly string[]): string {
  let text = ''
  for (let count = 1 + random.below(30); count > 0; count--) {
    text += random.chance(0.15) ? random.pick(JUNK)! : random.pick(words)!
  }
  return text
}

/** A value with some of its parts replaced by others of any type, or left out. */
export function mutateJson(random: Random, value: Json): Json {
  if (random.chance(0.04)) return junkOf(random)
  if (Array.isArray(value)) {
    const items = value.flatMap((item) => (random.chance(0.05) ? [] : [mutateJson(random, item)]))
    return random.chance(0.05) ? [...items, ...items, junkOf(random)] : items
  }
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(() => !random.chance(0.04))
  return Object.fromEntries(kept.map(([key, inner]) => [key, mutateJson(random, inner as Json)]))
}

/** A value of the same shape: texts and numbers are others, and lists are longer or shorter. */
export function mutateTexts(random: Random, value: Json, words: readonly string[]): Json {
  if (typeof value === 'string') {
    if (!random.chance(0.1)) return value
    return random.chance(0.5) ? random.pick(words)! : mutateText(random, [value, ...words], words)
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => mutateTexts(random, item, words))
    return random.chance(0.05) ? [...items, ...items] : random.chance(0.05) ? [] : items
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, mutateTexts(random, inner as Json, words)]),
  )
}

function junkOf(random: Random): Json {
  switch (random.below(8)) {
    case 0:
      return null
    case 1:
      return random.chance(0.5)
    case 2:
      return random.pick([0, -1, 1.5, 1e308, 2 ** 53])!
    case 3:
      return []
    case 4:
      return {}
    case 5:
      return nested(1 + random.below(3_000))
    default:
      return random.pick(JUNK)!.repeat(1 + random.below(20))
  }
}

function nested(depth: number): Json {
  let value: Json = 1
  for (let k = 0; k < depth; k++) value = [value]
  return value
}
