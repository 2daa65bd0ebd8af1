/** Quoted text, a parenthesis, or what unites queries. */
const PIECES = /('(?:[^']|'')*'|"(?:[^"]|"")*"|[()]|\bUNION(?: ALL)?(?: BY NAME)?(?=\())/

type Item = string | readonly Item[]

/**
 * A view's SQL in one spelling: DuckDB (seen in 1.5.6) shows `DECIMAL(18, 2)` and a chain of three or more
 * UNIONs flat until the file is opened again, and `DECIMAL(18,2)` and a tree of pairs from then on. Quoted
 * text stays as it is.
 */
export function settledText(sql: string): string {
  const spaced = sql
    .split(/('(?:[^']|'')*'|"(?:[^"]|"")*")/)
    .map((part, at) =>
      at % 2 === 1 ? part : part.replaceAll(/\s+/g, ' ').replaceAll(/ ?([(),]) ?/g, '$1'),
    )
    .join('')
  return textOf(flattened(nested(spaced.split(PIECES).filter((piece) => piece !== ''))))
}

/** What stands in parentheses as a list of its own. */
function nested(pieces: readonly string[]): readonly Item[] {
  const open: Item[][] = [[]]
  for (const piece of pieces) {
    if (piece === '(') open.push([])
    else if (piece === ')' && open.length > 1) {
      const group = open.pop()!
      open.at(-1)!.push(group)
    } else open.at(-1)!.push(piece)
  }
  return open.flat()
}

/** UNIONs of one kind mean the same however they are paired; beside any other operator they don't. */
function flattened(items: readonly Item[]): readonly Item[] {
  return items.flatMap((item, at): readonly Item[] => {
    if (typeof item === 'string') return [item]
    const inner = flattened(item)
    const operator = operatorOf(inner)
    const beside = [items[at - 1], items[at + 1]].filter((one) => isOperator(one))
    const isLink = beside.length > 0 && beside.every((one) => one === operator)
    return isLink ? inner : [inner]
  })
}

/** The UNION between the queries of a group that is nothing but such queries; null for any other. */
function operatorOf(items: readonly Item[]): string | null {
  const [, operator] = items
  if (typeof operator !== 'string' || !operator.startsWith('UNION')) return null
  const isChain = items.every((item, at) =>
    at % 2 === 0 ? typeof item !== 'string' : item === operator,
  )
  return isChain ? operator : null
}

const isOperator = (item: Item | undefined): boolean =>
  typeof item === 'string' && /^ ?(UNION|EXCEPT|INTERSECT)\b/.test(item)

const textOf = (items: readonly Item[]): string =>
  items.map((item) => (typeof item === 'string' ? item : `(${textOf(item)})`)).join('')
