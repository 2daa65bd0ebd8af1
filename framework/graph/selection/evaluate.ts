import { closest } from '../../lib/did-you-mean.ts'
import { isGlob, nameGlob } from '../../lib/glob.ts'
import type { Problem } from '../../model/problem.ts'
import type { Graph } from '../graph.ts'
import { ancestors, descendants } from '../reach.ts'
import type { Expression, Selection, SelectionPart, Value } from './ast.ts'
import type { SelectionFacts } from './facts.ts'
import type { Candidate } from './method.ts'
import { methodOf } from './methods.ts'
import { selectionProblem } from './problem.ts'
import { parseSelector } from './selector.ts'

/**
 * Evaluates expressions on one graph. Collects all problems; if there are any, the bits are
 * meaningless.
 */
export class Evaluation {
  readonly problems: Problem[] = []
  /** Those of `problems` about plain names that are not in the graph. */
  readonly unknownNames: Problem[] = []
  readonly warnings: Problem[] = []
  readonly #facts: SelectionFacts
  readonly #graph: Graph
  /** The selectors that are being evaluated, outermost first. */
  readonly #open: string[] = []

  constructor(facts: SelectionFacts) {
    this.#facts = facts
    this.#graph = facts.graph
  }

  union(selection: Selection): Uint8Array {
    const bits = this.#none()
    for (const part of selection) add(bits, this.#evaluate(part.expression, part))
    return bits
  }

  #none(): Uint8Array {
    return new Uint8Array(this.#graph.size)
  }

  #evaluate(expression: Expression, part: SelectionPart): Uint8Array {
    switch (expression.op) {
      case 'all':
        return this.#none().fill(1, 0, this.#graph.assetCount)
      case 'bare':
        return this.#bare(expression.value, part)
      case 'method':
        return this.#method(expression, part)
      case 'union': {
        const bits = this.#none()
        for (const term of expression.of) add(bits, this.#evaluate(term, part))
        return bits
      }
      case 'intersection':
        return this.#intersection(expression.of, part)
      case 'not': {
        const bits = this.#evaluate(expression.of, part)
        for (let i = 0; i < this.#graph.assetCount; i++) bits[i]! ^= 1
        return bits.fill(0, this.#graph.assetCount)
      }
      case 'walk':
        return this.#walk(this.#evaluate(expression.of, part), expression.up, expression.down)
      case 'around': {
        const below = this.#walk(this.#evaluate(expression.of, part), 0, Number.POSITIVE_INFINITY)
        return this.#walk(below, Number.POSITIVE_INFINITY, 0)
      }
      case 'sinks':
      case 'roots':
        return this.#ends(this.#evaluate(expression.of, part), expression.op)
      case 'part':
        return this.#evaluate(expression.part.expression, expression.part)
    }
  }

  /**
   * In `a and not b`, `not b` removes b from a, checks included. Without a positive term, it removes b
   * from all assets.
   */
  #intersection(terms: readonly Expression[], part: SelectionPart): Uint8Array {
    const positive = terms.filter(({ op }) => op !== 'not')
    const bits = this.#none()
    if (positive.length === 0) bits.fill(1, 0, this.#graph.assetCount)
    else bits.fill(1)
    for (const term of positive) {
      const other = this.#evaluate(term, part)
      for (let i = 0; i < bits.length; i++) bits[i]! &= other[i]!
    }
    for (const term of terms) {
      if (term.op !== 'not') continue
      const other = this.#evaluate(term.of, part)
      for (let i = 0; i < bits.length; i++) if (other[i] === 1) bits[i] = 0
    }
    return bits
  }

  /** The seeds, and the assets within that many levels of them. */
  #walk(seeds: Uint8Array, up: number, down: number): Uint8Array {
    const bits = this.#none()
    if (up > 0) add(bits, ancestors(this.#graph, indices(seeds), up))
    if (down > 0) add(bits, descendants(this.#graph, indices(seeds), down))
    bits.fill(0, this.#graph.assetCount)
    add(bits, seeds)
    return bits
  }

  /** The members without other members below (sinks) or above (roots) them. */
  #ends(members: Uint8Array, which: 'sinks' | 'roots'): Uint8Array {
    const { order, size } = this.#graph
    const bits = this.#none()
    const beyond = new Uint8Array(size)
    for (let k = 0; k < size; k++) {
      const node = which === 'sinks' ? order[size - 1 - k]! : order[k]!
      const next = which === 'sinks' ? this.#graph.readers(node) : this.#graph.inputs(node)
      for (const other of next) beyond[node]! |= members[other]! | beyond[other]!
      if (members[node] === 1 && beyond[node] === 0) bits[node] = 1
    }
    return bits
  }

  /** A name. If no node has it, it is matched like in dbt: as a path, an `fqn` or a file. */
  #bare(value: Value, part: SelectionPart): Uint8Array {
    const text = value.text ?? '<null>'
    const named = this.#named(text)
    if (named.includes(1)) return named
    for (const method of text.includes('/') ? ['path'] : ['fqn', 'file']) {
      if (method === 'file' && !/\.(sql|py|csv|ya?ml)$/.test(text)) continue
      const found = this.#compare(method, value, [])
      if (found.includes(1)) return found
    }
    if (isGlob(text) || text.includes('/')) {
      this.#warn(`${text} matches nothing`, value, part)
    } else {
      const suggestion = closest(text, this.#graph.names)
      const problem = selectionProblem(
        'unknown-asset',
        this.#within(`no asset is named ${text}`),
        part.text,
        value.span,
        suggestion === null ? 'assets list shows all names' : `did you mean ${suggestion}?`,
      )
      this.problems.push(problem)
      this.unknownNames.push(problem)
    }
    return named
  }

  /** An exact name may be a check's. A wildcard matches assets only. */
  #named(text: string): Uint8Array {
    const bits = this.#none()
    if (!isGlob(text)) {
      const index = this.#graph.indexOf(text)
      if (index !== undefined) bits[index] = 1
      return bits
    }
    const matches = nameGlob(text)
    for (let i = 0; i < this.#graph.assetCount; i++) {
      if (matches(this.#graph.names[i]!)) bits[i] = 1
    }
    return bits
  }

  #method(expression: Expression & { op: 'method' }, part: SelectionPart): Uint8Array {
    const { method, path, value } = expression
    if (method === 'selector') return this.#selector(value, part)
    const bits =
      method === 'key' || method === 'name'
        ? this.#named(value.text ?? '')
        : this.#compare(method, value, path)
    if (!bits.includes(1)) {
      const pair = value.pair === null ? '' : `=${value.pair}`
      const label = `${[method, ...path].join('.')}:${value.text ?? '<null>'}${pair}`
      this.#warn(`${label} matches nothing`, value, part)
    }
    return bits
  }

  #compare(name: string, value: Value, path: readonly string[]): Uint8Array {
    const bits = this.#none()
    const method = methodOf(name)
    if (method === null) throw new Error(`the parser accepted the unknown method ${name}`)
    const matches = method.compile(value, path)
    const start = method.selects === 'checks' ? this.#graph.assetCount : 0
    const end = method.selects === 'assets' ? this.#graph.assetCount : this.#graph.size
    for (let i = start; i < end; i++) if (matches(this.#candidate(i))) bits[i] = 1
    return bits
  }

  #candidate(i: number): Candidate {
    const name = this.#graph.names[i]!
    const facts = this.#facts
    return {
      name,
      asset: facts.assets.get(name) ?? null,
      definition: facts.definitions.get(name) ?? null,
      dbt: () => facts.dbt(name),
      state: () => facts.state(name),
    }
  }

  #selector(value: Value, part: SelectionPart): Uint8Array {
    const name = value.text ?? '<null>'
    const selector = Object.hasOwn(this.#facts.selectors, name)
      ? this.#facts.selectors[name]
      : undefined
    if (selector === undefined) {
      const suggestion = closest(name, Object.keys(this.#facts.selectors))
      const hint =
        suggestion === null
          ? 'add it to `selectors:` in assets.yaml'
          : `did you mean ${suggestion}?`
      const message = this.#within(`no selector is named ${name}`)
      this.problems.push(selectionProblem('unknown-selector', message, part.text, value.span, hint))
      return this.#none()
    }
    if (this.#open.includes(name)) {
      const message = `selector ${name} refers to itself: ${[...this.#open, name].join(' → ')}`
      const hint = 'remove one of these references'
      this.problems.push(selectionProblem('selector-cycle', message, part.text, value.span, hint))
      return this.#none()
    }
    const parsed = parseSelector(selector)
    this.#open.push(name)
    if (!parsed.ok) {
      this.problems.push(
        ...parsed.problems.map((problem) => ({
          ...problem,
          message: this.#within(problem.message),
        })),
      )
    }
    const bits = parsed.ok ? this.#evaluate(parsed.value, part) : this.#none()
    this.#open.pop()
    return bits
  }

  #warn(message: string, value: Value, part: SelectionPart): void {
    const within = this.#within(message)
    this.warnings.push(selectionProblem('selection-empty', within, part.text, value.span))
  }

  #within(message: string): string {
    return this.#open.length === 0 ? message : `${message} (in selector ${this.#open.at(-1)})`
  }
}

function add(bits: Uint8Array, more: Uint8Array): void {
  for (let i = 0; i < bits.length; i++) bits[i]! |= more[i]!
}

function* indices(bits: Uint8Array): Generator<number> {
  for (let i = bits.indexOf(1); i !== -1; i = bits.indexOf(1, i + 1)) yield i
}
