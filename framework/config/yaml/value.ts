import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type YAMLMap } from 'yaml'
import type { Problem, ProblemCode } from '../../model/problem.ts'
import type { YamlDocument } from './document.ts'
import { duplicateAsset } from './duplicate-asset.ts'

/**
 * The data of a document: null, boolean, number, string, array, or an object with string keys. The
 * first of duplicate keys counts. Aliases and `<<` are expanded up to `MAX_ALIAS_EXPANSION`; the
 * library's own limit counts uses of an anchor, and a long file may have many. The value is undefined
 * if an alias can't be expanded. Problems: `duplicate-asset`, `duplicate-key`, `yaml-key`, `yaml-alias`.
 */
export function readValue(document: YamlDocument): {
  readonly value: unknown
  readonly problems: readonly Problem[]
} {
  const reader = new Reader(document)
  try {
    const value = reader.read(document.contents)
    return { value: reader.isIncomplete ? undefined : value, problems: reader.problems }
  } catch (error) {
    if (error !== TOO_BIG) throw error
    return { value: undefined, problems: reader.problems }
  }
}

/** The most nodes that aliases may add to a file. */
const MAX_ALIAS_EXPANSION = 1_000_000

/** The longest key in characters: it is the name of something, or a setting. */
const LONGEST_KEY = 10_000

const TOO_BIG = Symbol('the aliases expand to too many values')

interface Anchored {
  readonly value: unknown
  /** The number of nodes in it, with its own aliases expanded. */
  readonly size: number
}

class Reader {
  readonly problems: Problem[] = []
  /** Whether an alias or `<<` could not be expanded. */
  isIncomplete = false
  readonly #document: YamlDocument
  readonly #anchors = new Map<string, Anchored>()
  readonly #path: string[] = []
  #size = 0
  #expanded = 0

  constructor(document: YamlDocument) {
    this.#document = document
  }

  read(node: unknown): unknown {
    const before = this.#size
    const value = this.#valueOf(node)
    this.#size++
    const anchor = isAlias(node) ? undefined : (node as ParsedNode | null)?.anchor
    if (anchor !== undefined) this.#anchors.set(anchor, { value, size: this.#size - before })
    return value
  }

  #valueOf(node: unknown): unknown {
    if (isScalar(node)) return node.value
    if (isMap(node)) return this.#mapping(node)
    if (isSeq(node)) return node.items.map((item) => this.read(item))
    if (isAlias(node)) return this.#follow(node as ParsedNode & { readonly source: string })
    return null
  }

  #follow(alias: ParsedNode & { readonly source: string }): unknown {
    const anchored = this.#anchors.get(alias.source)
    if (anchored === undefined) {
      const message = `*${alias.source} refers to an anchor that is not defined above it`
      this.isIncomplete = true
      this.#report(
        'yaml-alias',
        message,
        alias,
        `write &${alias.source} in front of the value that it refers to`,
      )
      return null
    }
    this.#size += anchored.size
    this.#expanded += anchored.size
    if (this.#expanded > MAX_ALIAS_EXPANSION) {
      const message = `the aliases of this file expand to more than ${MAX_ALIAS_EXPANSION} values`
      this.#report('yaml-alias', message, alias, 'write out the values instead')
      throw TOO_BIG
    }
    return anchored.value
  }

  #mapping(node: YAMLMap): unknown {
    const entries = new Map<string, unknown>()
    const keys = new Map<string, ParsedNode>()
    const merged: unknown[] = []
    for (const { key, value } of node.items as { key: ParsedNode; value: unknown }[]) {
      const name = this.#keyOf(key)
      if (name === null) continue
      this.#path.push(name)
      const first = keys.get(name)
      if (first !== undefined) this.#duplicate(first, key)
      else if (isMergeKey(key)) merged.push(...this.#merged(value))
      else entries.set(name, this.read(value))
      keys.set(name, first ?? key)
      this.#path.pop()
    }
    for (const [name, value] of merged.flatMap((source) => Object.entries(source as object)))
      if (!entries.has(name)) entries.set(name, value)
    return Object.fromEntries(entries)
  }

  /** The mappings that `<<` merges. The first one that has a key defines its value. */
  #merged(node: unknown): readonly object[] {
    const value = this.read(node)
    const sources = Array.isArray(value) ? value : [value]
    if (sources.every(isMapping)) return sources
    this.isIncomplete = true
    this.#report('yaml-alias', '"<<" must be a mapping or a list of mappings', node as ParsedNode)
    return []
  }

  #keyOf(key: ParsedNode): string | null {
    const read = isAlias(key) ? this.#follow(key) : isScalar(key) ? key.value : undefined
    const isAsset = this.#path.length === 1 && this.#path[0] === 'assets'
    if (read === RESERVED && !isAsset) {
      this.#report('invalid-name', `${RESERVED} is a reserved name`, key, 'use another name')
      return null
    }
    if (typeof read === 'string' && read.length > LONGEST_KEY) {
      this.#report('yaml-key', `a key has more than ${LONGEST_KEY} characters`, key)
      return null
    }
    if (read !== null && typeof read !== 'object' && read !== undefined) return String(read)
    const hint = 'put quotes around a text that starts with { or ['
    this.#report('yaml-key', 'a key must be a string', key, hint)
    return null
  }

  #duplicate(first: ParsedNode, second: ParsedNode): void {
    const [section, name = ''] = this.#path
    const locations = {
      at: this.#at(second),
      related: [{ message: 'first declared here', at: this.#at(first) }],
    }
    if (section === 'assets' && this.#path.length === 2) {
      this.problems.push(duplicateAsset(name, locations))
      return
    }
    const isAsset = section === 'assets' && this.#path.length > 2
    const subject = isAsset ? name : this.#document.file
    const key = this.#path.slice(isAsset ? 2 : 0).join('.')
    this.problems.push({
      code: 'duplicate-key',
      message: `${subject}: duplicate key "${key}"`,
      ...locations,
      hint: 'remove one of the two',
      ...(isAsset ? { asset: name } : {}),
    })
  }

  #report(code: ProblemCode, message: string, node: ParsedNode, hint?: string): void {
    const text = `${this.#document.file}: ${message}`
    this.problems.push({ code, message: text, at: this.#at(node), ...(hint ? { hint } : {}) })
  }

  #at(node: ParsedNode) {
    return this.#document.locationOf(node.range[0], node.range[1])
  }
}

/** A record of zod loses this key. Assets are not in one. */
const RESERVED = '__proto__'

/** `<<` in quotes is an ordinary key. */
function isMergeKey(key: ParsedNode): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN'
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
