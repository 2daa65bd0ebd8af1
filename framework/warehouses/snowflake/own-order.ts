/**
 * A query that ends in an ORDER BY of its own, with ties broken by each of its columns in turn; null when
 * it has none. What it is not sure of it takes for no order: the rows are then ordered by their columns.
 */
export function withTiesBroken(query: string, columns: number): string | null {
  const words = [...topLevelWords(query)]
  const order = words.findLastIndex(
    ({ text }, at) => text === 'order' && words[at + 1]?.text === 'by',
  )
  if (order < 0) return null
  const rest = words.slice(order + 2)
  const after = rest.find(({ text }) => /^(limit|offset|fetch)$/.test(text))
  const place = after?.start ?? words.at(-1)!.end
  const ties = Array.from({ length: columns }, (_, at) => `${at + 1} nulls last`).join(', ')
  return `${query.slice(0, place).trimEnd()}, ${ties} ${query.slice(place)}`
}

interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Comments, and what is quoted in each way that Snowflake has; then words, brackets, other characters. */
const TOKEN =
  /(?<skip>--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\s+|;)|(?<quoted>'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"]|"")*"|\$\$[\s\S]*?\$\$)|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<open>\()|(?<close>\))|(?<other>[\s\S])/gu

/** What stands outside all brackets, in small letters; what isn't a word is an empty text. */
function* topLevelWords(query: string): Generator<Word> {
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
