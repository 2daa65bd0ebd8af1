import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  stringify,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'

/** Keys and their values: texts, lists and mappings of them. */
type Values = Readonly<Record<string, unknown>>

interface Splice {
  readonly from: number
  readonly to: number
  readonly text: string
}

/**
 * Changes single values of a YAML text and leaves every other character as it is: comments, quotes, flow style, line
 * ends. The text must be free of syntax problems. A path leads through mappings that are written out; behind an alias,
 * the alias is replaced by its value.
 */
export class YamlEdit {
  readonly #text: string
  readonly #eol: string
  readonly #document: Document
  readonly #splices: Splice[] = []

  constructor(text: string) {
    this.#text = text
    this.#eol = text.includes('\r\n') ? '\r\n' : '\n'
    this.#document = parseDocument(text, { logLevel: 'silent', uniqueKeys: false })
  }

  /** The data at a path, with aliases and `<<` expanded; undefined if there is none. */
  get(path: readonly string[]): unknown {
    const whole: unknown = this.#document.toJS({ maxAliasCount: -1 })
    return path.reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null
          ? (value as Readonly<Record<string, unknown>>)[key]
          : undefined,
      whole,
    )
  }

  /**
   * Sets keys of the mapping at a path. `after`: the key behind which new ones are written if its value ends on its
   * line; without one, the first key. If that value has several lines, they become the first keys.
   */
  assign(path: readonly string[], values: Values, after: string | null = null): void {
    const node = this.#nodeAt(path)
    if (isMap(node)) {
      const lines: string[] = []
      for (const [key, value] of Object.entries(values)) {
        const pair = pairOf(node, key)
        if (pair === null) lines.push(`${key}: ${flow(value)}`)
        else this.#setValue(pair, flow(value))
      }
      if (lines.length > 0) this.#addKeys(node, lines, after)
      return
    }
    const whole = this.get(path)
    const rest = typeof whole === 'object' && whole !== null ? whole : {}
    const parent = this.#nodeAt(path.slice(0, -1))
    const pair = isMap(parent) ? pairOf(parent, path.at(-1) ?? '') : null
    if (pair !== null) this.#setValue(pair, flow({ ...rest, ...values }))
  }

  /** Adds an item to the list at a path, which exists. */
  add(path: readonly string[], item: string): void {
    const node = this.#nodeAt(path)
    const items = [...((this.get(path) as readonly unknown[] | null | undefined) ?? []), item]
    const last = isSeq(node) ? rangeOf((node as YAMLSeq<Node>).items.at(-1)) : null
    if (!isSeq(node) || last === null) {
      this.assign(path.slice(0, -1), { [path.at(-1)!]: items })
    } else if (node.flow === true) this.#insert(last[1], `, ${flow(item)}`)
    else {
      const start = this.#text.lastIndexOf('\n', last[0] - 1) + 1
      const dash = this.#text.slice(start, last[0])
      this.#insertLine(last[1], `${dash.slice(0, dash.indexOf('-'))}- ${flow(item)}`)
    }
  }

  /** The changed text. */
  toString(): string {
    const ordered = this.#splices.toSorted((a, b) => b.from - a.from)
    return ordered.reduce(
      (text, { from, to, text: more }) => text.slice(0, from) + more + text.slice(to),
      this.#text,
    )
  }

  #nodeAt(path: readonly string[]): unknown {
    return path.reduce<unknown>(
      (node, key) => (isMap(node) ? pairOf(node, key)?.value : undefined),
      this.#document.contents,
    )
  }

  #addKeys(map: YAMLMap, lines: readonly string[], after: string | null): void {
    const [first] = map.items as Pair<Node, Node | null>[]
    if (first === undefined) {
      this.#insert(rangeOf(map)![0] + 1, lines.join(', '))
    } else if (map.flow === true) {
      const last = (map.items as Pair<Node, Node | null>[]).at(-1)!
      this.#insert((rangeOf(last.value) ?? rangeOf(last.key)!)[1], `, ${lines.join(', ')}`)
    } else {
      const start = rangeOf(first.key)![0]
      const indent = ' '.repeat(start - this.#text.lastIndexOf('\n', start - 1) - 1)
      const before = (after === null ? null : pairOf(map, after)) ?? first
      const [from] = rangeOf(before.key)!
      const end = (rangeOf(before.value) ?? rangeOf(before.key)!)[1]
      if (this.#text.slice(from, end).trimEnd().includes('\n')) {
        this.#insert(start, lines.map((line) => `${line}${this.#eol}${indent}`).join(''))
      } else this.#insertLine(end, lines.map((line) => indent + line).join(this.#eol))
    }
  }

  /** Inserts a line behind the one at an offset, which may be the last one and have no end. */
  #insertLine(offset: number, line: string): void {
    const end = this.#text.indexOf('\n', Math.max(0, offset - 1))
    if (end < 0) this.#insert(this.#text.length, `${this.#eol}${line}`)
    else this.#insert(end + 1, `${line}${this.#eol}`)
  }

  #insert(at: number, text: string): void {
    this.#splices.push({ from: at, to: at, text })
  }

  #setValue({ key, value }: Pair<Node, Node | null>, text: string): void {
    const range = rangeOf(value)
    if (range === null) {
      // Behind the colon of a key without a value.
      this.#insert(rangeOf(key)![1] + 1, ` ${text}`)
      return
    }
    const [from, to] = range
    const old = this.#text.slice(from, to)
    // The range of a block value ends with its last line.
    const rest = old.slice(old.trimEnd().length)
    const isBlock = this.#text.slice(rangeOf(key)![1], from).includes('\n')
    if (isBlock) this.#splices.push({ from: rangeOf(key)![1] + 1, to, text: ` ${text}${rest}` })
    else this.#splices.push({ from, to, text: text + rest })
  }
}

function pairOf(map: YAMLMap, key: string): Pair<Node, Node | null> | null {
  const pairs = map.items as Pair<Node, Node | null>[]
  return pairs.find((pair) => isScalar(pair.key) && String(pair.key.value) === key) ?? null
}

function rangeOf(node: unknown): readonly [number, number] | null {
  const range = (node as Node | null | undefined)?.range
  if (range == null) return null
  // Of a value that is not written, the range is empty.
  const isEmpty = range[0] === range[1] && !isAlias(node)
  return isEmpty ? null : [range[0], range[1]]
}

/** A value on one line. */
function flow(value: unknown): string {
  const options = { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 } as const
  return stringify(value, options).trimEnd()
}
