/** Quoted text, a parenthesis, or a UNION before a parenthesis. */
const PIECES = /('[^']*(?:''[^']*)*'|"[^"]*(?:""[^"]*)*"|[()]|\bUNION(?: ALL)?(?: BY NAME)?(?=\())/

type Item = string | readonly Item[]

/**
 * The SQL of a view in one spelling. DuckDB (1.5.6) shows `DECIMAL(18, 2)`, `AS "DATE")`, `lambda x: x`,
 * `AS MATERIALIZED`, `CROSS JOIN` and a flat chain of UNIONs after a view was created, but `DECIMAL(18,2)`, `AS DATE)`,
 * `x -> x`, `AS`, a comma and nested pairs of UNIONs after the file was opened again. Other quoted text is not changed.
 */
export function normalizedViewSql(sql: string): string {
  // The name of a type, or an alias, whose quotes change nothing.
  const unquoted = sql.replaceAll(/ AS "([A-Z]+(?: [A-Z]+)*)"(?=\))/g, ' AS $1')
  const parts = unquoted.split(/('[^']*(?:''[^']*)*'|"[^"]*(?:""[^"]*)*")/)
  // A comma binds weaker than a join. That shows in the rows only if the join keeps rows of its right side.
  const keepsRight = parts.some((part, at) => at % 2 === 0 && /\b(?:RIGHT|FULL)\b/.test(part))
  const spaced = parts
    .map((part, at) => {
      if (at % 2 === 1) return part
      const plain = part
        .replaceAll(/\s+/g, ' ')
        .replaceAll(/\(lambda (\w+): /g, '($1 -> ')
        .replaceAll(/ AS (?:NOT )?MATERIALIZED \(/g, ' AS (')
      const joined = keepsRight ? plain : plain.replaceAll(/ CROSS JOIN /g, ',')
      return joined.replaceAll(/ ?([(),]) ?/g, '$1')
    })
    .join('')
  return textOf(flattened(nested(spaced.split(PIECES).filter((piece) => piece !== ''))))
}

/** The pieces as a tree: each pair of parentheses becomes a list. */
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

/** Flattens nested UNIONs of one kind, which are associative. Other set operators keep their nesting. */
function flattened(items: readonly Item[]): readonly Item[] {
  return items.flatMap((item, at): readonly Item[] => {
    if (typeof item === 'string') return [item]
    const inner = flattened(item)
    const operator = operatorOf(inner)
    const neighbours = [items[at - 1], items[at + 1]].filter((one) => isOperator(one))
    const isPartOfChain = neighbours.length > 0 && neighbours.every((one) => one === operator)
    return isPartOfChain ? inner : [inner]
  })
}

/** The UNION that connects all queries of a group; null when the group is anything else. */
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
