import type { Random } from '../random.ts'

/** A random edit of a text. Null: the text has nothing that it could change. */
export type TextEdit = (text: string, random: Random, words: readonly string[]) => string | null

/** Replaces one match of a pattern, chosen by chance. */
function one(pattern: RegExp, replace: (match: string, random: Random) => string): TextEdit {
  return (text, random) => {
    const match = random.pick([...text.matchAll(pattern)])
    return match === undefined ? null : splice(text, match, replace(match[0], random))
  }
}

function splice(text: string, match: RegExpMatchArray, by: string): string {
  return text.slice(0, match.index) + by + text.slice((match.index ?? 0) + match[0].length)
}

const NUMBER = /(?<![\w.'-])\d{1,4}(?![\w.])/g
const WORD = /[A-Za-z_]\w*/g

function otherNumber(number: string, random: Random): string {
  return String(random.chance(0.5) ? Number(number) + 1 : random.below(30))
}

/** One more letter, or one less. */
function otherWord(word: string, random: Random): string {
  const at = random.below(word.length + 1)
  return random.chance(0.3) && word.length > 1
    ? word.slice(0, at) + word.slice(at + 1)
    : word.slice(0, at) + 'abxyz'[random.below(5)] + word.slice(at)
}

function otherSpace(space: string, random: Random): string {
  if (space.length > 1 && random.chance(0.4)) return space[0]!
  return space + (random.pick([' ', '  ', '\n', '\n  ']) ?? '')
}

function withoutOne(list: string, random: Random): string {
  const items = list.slice(1, -1).split(',')
  items.splice(random.below(items.length), 1)
  return `${list[0]}${items.join(',').trim()}${list.at(-1)}`
}

function turned(list: string, random: Random): string {
  const items = list.slice(1, -1).split(',')
  const at = random.below(items.length)
  return `${list[0]}${[...items.slice(at), ...items.slice(0, at)].map((item) => item.trim()).join(', ')}${list.at(-1)}`
}

/** Swaps two neighbours among the matches of a pattern. */
function swapped(pattern: RegExp): TextEdit {
  return (text, random) => {
    const matches = [...text.matchAll(pattern)]
    const at = random.below(matches.length - 1)
    const [first, second] = [matches[at], matches[at + 1]]
    if (first === undefined || second === undefined || first[0] === second[0]) return null
    const between = text.slice((first.index ?? 0) + first[0].length, second.index)
    const end = (second.index ?? 0) + second[0].length
    return text.slice(0, first.index) + second[0] + between + first[0] + text.slice(end)
  }
}

/** Wraps the text between two gaps of a line. */
const wrapped: TextEdit = (text, random) => {
  const match = random.pick([
    ...text.matchAll(/(?<=[ \n])[^\s{}'"%#]+(?: [^\s{}'"%#]+){0,3}(?=[ \n])/g),
  ])
  if (match === undefined) return null
  const [open, close] = random.pick([
    ['{% if true %}', '{% endif %}'],
    ['{% if false %}', '{% endif %}'],
    ['{% filter lower %}', '{% endfilter %}'],
    ['{% raw %}', '{% endraw %}'],
    ['{{ "', '" }}'],
    ["{{- ' ", "' -}}"],
    ['/*', '*/'],
    ['{#', '#}'],
  ] as const) ?? ['', '']
  return splice(text, match, open + match[0] + close)
}

/** What can stand wherever white space does. */
const FILLINGS = [
  '\n-- few\n',
  ' /* some */ ',
  ' {# none #} ',
  ' {{ "" }} ',
  ' {%- set zz = 1 -%} ',
  ' {% set zz = 2 %} ',
  '{{ " " }}',
  ' {{ "-- " if false }} ',
  ' {{ "/* */" }} ',
  '\n--{{ "" }} more\n',
]

const filled: TextEdit = (text, random) => {
  const match = random.pick([...text.matchAll(/ +|\n/g)])
  return match === undefined ? null : splice(text, match, random.pick(FILLINGS) ?? '')
}

const replacedWord: TextEdit = (text, random, words) => {
  const match = random.pick([...text.matchAll(WORD)])
  return match === undefined ? null : splice(text, match, random.pick(words) ?? match[0])
}

const inQuotes = one(/'[^'{}\n]*'|"[^"{}\n]*"/g, (literal, random) => {
  const inner = literal.slice(1, -1)
  const other =
    random.chance(0.3) && inner.includes(' ') ? inner.replace(/ +/, '  ') : otherWord(inner, random)
  return `${literal[0]}${other}${literal.at(-1)}`
})

const inComment = one(/--[^\n{}]+|\/\*[^{}]*?\*\/|\{#.*?#\}/g, (comment, random) =>
  comment.replace(/[a-z]+/, (word) => otherWord(word, random)),
)

/** Edits of SQL with Jinja. Those that often stay valid come several times. */
export const TEMPLATE_EDITS: readonly (readonly [string, TextEdit])[] = [
  ['number', one(NUMBER, otherNumber)],
  ['number', one(NUMBER, otherNumber)],
  ['literal', inQuotes],
  ['literal', inQuotes],
  ['white space', one(/[ \n]+/g, otherSpace)],
  ['white space', one(/[ \n]+/g, otherSpace)],
  ['white space', one(/[ \n]+/g, otherSpace)],
  ['filling', filled],
  ['filling', filled],
  ['comment', inComment],
  ['comment', inComment],
  ['wrapping', wrapped],
  [
    'delimiter',
    one(/\{[%{#]-?|-?[%}#]\}/g, (mark) =>
      mark.includes('-') ? mark.replace('-', '') : mark.startsWith('{') ? `${mark}-` : `-${mark}`,
    ),
  ],
  [
    'delimiter',
    one(/\{[%{]-?|-?[%}]\}/g, (mark) =>
      mark.includes('-') ? mark.replace('-', '') : mark.startsWith('{') ? `${mark}-` : `-${mark}`,
    ),
  ],
  ['case', one(/\b[a-z]{2,}\b/g, (word) => word.toUpperCase())],
  ['word', replacedWord],
  ['deleted token', one(/[A-Za-z_]\w*|[^\s\w]/g, () => '')],
  ['order of tokens', swapped(/[A-Za-z_]\w*|\d+/g)],
  ['order of lines', swapped(/[^\n]+\n/g)],
  ['deleted line', one(/[^\n]+\n/g, () => '')],
]

const LISTS = /\[[^[\]{}\n]+\]/g

/** Edits of YAML. */
export const YAML_EDITS: readonly (readonly [string, TextEdit])[] = [
  ['number', one(NUMBER, otherNumber)],
  ['number', one(NUMBER, otherNumber)],
  ['order of a list', one(LISTS, turned)],
  ['order of a list', one(LISTS, turned)],
  ['item of a list', one(LISTS, withoutOne)],
  ['switch', one(/\b(?:true|false)\b/g, (word) => (word === 'true' ? 'false' : 'true'))],
  ['severity', one(/\b(?:warn|error)\b/g, (word) => (word === 'warn' ? 'error' : 'warn'))],
  ['materialization', one(/\b(?:view|table)\b/g, (word) => (word === 'view' ? 'table' : 'view'))],
  ['value', one(/(?<=: )[a-z][a-z ]*(?=[,}\n])/g, otherWord)],
  ['value', one(/(?<=: )[a-z][a-z ]*(?=[,}\n])/g, otherWord)],
  [
    'description',
    one(/(?<=description: )[^,}\n]+/g, (words, random) => `${words} ${random.below(9)}`),
  ],
  [
    'type',
    one(
      /\b(?:integer|bigint|varchar|double)\b/g,
      (_, random) => random.pick(['integer', 'bigint', 'varchar', 'double']) ?? '',
    ),
  ],
  ['comment', one(/\n/g, () => ' # words\n')],
  ['white space', one(/\n/g, () => '\n\n')],
  ['literal', inQuotes],
  ['deleted line', one(/[^\n]+\n/g, () => '')],
  ['order of lines', swapped(/[^\n]+\n/g)],
]

/** Edits of a seed. */
export const SEED_EDITS: readonly (readonly [string, TextEdit])[] = [
  [
    'cell',
    one(/(?<=\n[^\n]*)[^,\n]+/g, (cell, random) =>
      /^\d+$/.test(cell) ? otherNumber(cell, random) : otherWord(cell, random),
    ),
  ],
  ['row', one(/(?<=\n)[^\n]+\n/g, () => '')],
  [
    'row',
    one(
      /(?<=\n)[^\n]+\n/g,
      (row, random) => row + row.replace(/\d+/, String(random.below(90) + 10)),
    ),
  ],
  ['order of rows', swapped(/(?<=\n)[^\n]+\n/g)],
]

/** Edits of documentation. */
export const TEXT_EDITS: readonly (readonly [string, TextEdit])[] = [
  ['word', one(/\b[a-z]{3,}\b/g, otherWord)],
]
