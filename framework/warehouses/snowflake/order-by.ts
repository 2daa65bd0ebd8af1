/**
 * The query with ties of its ORDER BY broken by every column, or null when no ORDER BY is found at its end.
 * Null is the safe answer in doubt: the rows are then ordered by their columns.
 */
export function withTieBreakers(query: string, columns: number): string | null {
  const words = [...topLevelWords(query)]
  const order = words.findLastIndex(
    ({ text }, at) => text === 'order' && words[at + 1]?.text === 'by',
  )
  if (order < 0) return null
  const rest = words.slice(order + 2)
  const after = rest.find(({ text }) => /^(limit|offset|fetch)$/.test(text))
  const end = after?.start ?? words.at(-1)!.end
  const ties = Array.from({ length: columns }, (_, at) => `${at + 1} nulls last`).join(', ')
  return `${query.slice(0, end).trimEnd()}, ${ties} ${query.slice(end)}`
}

interface TopLevelToken {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Comments and white space, each kind of quotes in Snowflake, words, brackets, other characters. */
const TOKEN =
  /(?<skip>--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\s+|;)|(?<quoted>'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"]|"")*"|\$\$[\s\S]*?(?:\$\$|$))|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<open>\()|(?<close>\))|(?<other>[\s\S])/gu

/** The tokens outside brackets, in lower case. The text of a token that is not a word is empty. */
function* topLevelWords(query: string): Generator<TopLevelToken> {
  let depth = 0
  for (const { 0: text, index, groups = {} } of query.matchAll(TOKEN)) {
    if (groups.skip !== undefined) continue
    if (groups.open !== undefined) depth++
    if (groups.close !== undefined) depth--
    if (depth > 0) continue
    const word = groups.word === undefined ? '' : text.toLowerCase()
    yield { text: word, start: index, end: index + text.length }
  }
}
