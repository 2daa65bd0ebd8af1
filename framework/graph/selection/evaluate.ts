import { closest } from '../../lib/did-you-mean.ts'
import { isGlob, nameGlob } from '../../lib/glob.ts'
import type { Problem } from '../../model/problem.ts'
import type { Graph } from '../graph.ts'
import type { Expression, Selection, SelectionPart, Value } from './ast.ts'
import { compare, SELECTED, textsOf } from './compare.ts'
import type { SelectionFacts } from './facts.ts'
import { meantFiles, nameOf } from './file-forms.ts'
import { methodOf } from './methods.ts'
import { selectionProblem } from './problem.ts'
import { MAX_SELECTORS, parseSelector, selectorNames } from './selector.ts'
import { WiderGraph } from './wider-graph.ts'

/** Each suggestion compares a name with all names. */
const MAX_SUGGESTIONS = 20
/** Up to this number, the values of a method are named. */
const FEW = 8

/**
 * Evaluates expressions on one graph. Collects all problems; if there are any, the bits are
 * meaningless.
 */
export class Evaluation {
  readonly problems: Problem[] = []
  /** Those of `problems` about plain names that are not in the graph. */
  readonly warnings: Problem[] = []
  readonly #facts: SelectionFacts
  readonly #graph: Graph
  readonly #wider: WiderGraph
  /** The selectors that are being evaluated, outermost first. */
  readonly #open: string[] = []
  /** What each selector selects, with `walks` and without: several may refer to one. */
  readonly #known = new Map<string, Uint8Array>()
  #suggestionsLeft = MAX_SUGGESTIONS

  constructor(facts: SelectionFacts) {
    this.#facts = facts
    this.#graph = facts.graph
    this.#wider = new WiderGraph(facts.graph, facts.dbt)
  }

  union(selection: Selection): Uint8Array {
    const bits = this.#none()
    for (const part of selection) add(bits, this.#evaluate(part.expression, part))
    return bits.subarray(0, this.#graph.size)
  }

  #none(): Uint8Array {
    return new Uint8Array(this.#wider.size)
  }

  /**
   * The nodes that an expression selects. With `walks`, also those from which a walk then starts: so
   * `1+exposure:x` counts its levels from the exposure. Without it, only `SELECTED` occurs.
   */
  #evaluate(expression: Expression, part: SelectionPart, walks = false): Uint8Array {
    switch (expression.op) {
      case 'all':
        return this.#none().fill(1, 0, this.#graph.assetCount)
      case 'bare':
        return this.#bare(expression.value, part, walks)
      case 'method':
        return this.#method(expression, part, walks)
      case 'union': {
        const bits = this.#none()
        for (const term of expression.of) add(bits, this.#evaluate(term, part, walks))
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
        return this.#walk(this.#evaluate(expression.of, part, true), expression.up, expression.down)
      case 'around':
        return this.#around(this.#evaluate(expression.of, part, true))
      case 'sinks':
      case 'roots':
        return this.#ends(this.#evaluate(expression.of, part), expression.op)
      case 'part':
        return this.#evaluate(expression.part.expression, expression.part, walks)
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
    else bits.fill(1, 0, this.#graph.size)
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
    const reached = this.#none()
    if (up > 0) add(reached, this.#wider.ancestors(seeds, up))
    if (down > 0) add(reached, this.#wider.descendants(seeds, down))
    return this.#withAssets(seeds, reached)
  }

  /** The seeds, the assets below them, and the ancestors of these and of their checks and readers. */
  #around(seeds: Uint8Array): Uint8Array {
    const below = this.#wider.descendants(seeds, Number.POSITIVE_INFINITY)
    return this.#withAssets(seeds, this.#wider.ancestors(below, Number.POSITIVE_INFINITY))
  }

  /** The selected seeds, and the assets that a walk reached from all seeds. */
  #withAssets(seeds: Uint8Array, reached: Uint8Array): Uint8Array {
    const bits = onlySelected(seeds)
    for (let i = 0; i < this.#graph.assetCount; i++) if (reached[i] === 1) bits[i] = SELECTED
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
  #bare(value: Value, part: SelectionPart, walks: boolean): Uint8Array {
    const text = value.text ?? '<null>'
    const named = this.#named(text)
    if (named.includes(1)) return named
    for (const method of text.includes('/') ? ['path'] : ['fqn', 'file']) {
      if (method === 'file' && !/\.(sql|py|csv|ya?ml)$/i.test(text)) continue
      const found = this.#compare(method, value, [])
      if (found.every((bit) => bit === 0)) continue
      if (walks) return found
      // The name of an exposure, as in `exposure:name`. Of a folder, what is in it counts.
      const own = onlySelected(found)
      return own.includes(1) || isGlob(text) ? own : this.#wider.readBy(found)
    }
    if (isGlob(text) || text.includes('/')) {
      this.#warn(`${text} matches nothing`, value, part)
    } else {
      const suggestion = this.#suggest(text, this.#graph.names)
      const problem = selectionProblem(
        'unknown-asset',
        this.#within(`no asset is named ${text}`),
        part.text,
        value.span,
        suggestion === null ? 'assets list shows all names' : `did you mean ${suggestion}?`,
      )
      this.problems.push({ ...problem, absent: text })
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

  #method(
    expression: Expression & { op: 'method' },
    part: SelectionPart,
    walks: boolean,
  ): Uint8Array {
    const { method, path, value } = expression
    if (method === 'selector') return this.#selectors(value, part, walks)
    const found =
      method === 'key' || method === 'name'
        ? this.#named(value.text ?? '')
        : this.#compare(method, value, path)
    // A reader is not built. Where nothing walks from it, its own method selects what it reads.
    const selected = isReadersOnly(method) ? this.#wider.readBy(found) : onlySelected(found)
    const bits = walks ? found : selected
    if (bits.every((bit) => bit === 0)) {
      const pair = value.pair === null ? '' : `=${value.pair}`
      const label = `${[method, ...path].join('.')}:${value.text ?? '<null>'}${pair}`
      this.#warn(`${label} matches nothing`, value, part, this.#hint(expression))
    }
    return bits
  }

  /** The value of a method that comes closest to one that matches nothing, or the few that there are. */
  #hint({ method: name, path, value }: Expression & { op: 'method' }): string | undefined {
    const method = methodOf(name)
    if (value.text === null || method === null || method.needs === 'state') return undefined
    if (this.#suggestionsLeft <= 0) return undefined
    const texts = textsOf(method, path, this.#facts)
    const label = (text: string) => `${[name, ...path].join('.')}:${text}`
    // Paths have so much in common that the closest one is often another file: the names of files are compared.
    const near = name === 'path' ? this.#suggest(nameOf(value.text), [...texts].map(nameOf)) : null
    const meant = meantFiles(name, near ?? value.text, texts).slice(0, FEW)
    if (meant.length > 0) return `did you mean ${meant.map(label).join(' or ')}?`
    if (name === 'path') return undefined
    const suggestion = this.#suggest(value.text, texts)
    if (suggestion !== null) return `did you mean ${label(suggestion)}?`
    if (texts.size === 0 || texts.size > FEW) return undefined
    return `${texts.size === 1 ? 'there is only' : 'there are'} ${[...texts].sort().map(label).join(', ')}`
  }

  #compare(name: string, value: Value, path: readonly string[]): Uint8Array {
    const method = methodOf(name)
    if (method === null) throw new Error(`the parser accepted the unknown method ${name}`)
    return compare(method, value, path, this.#facts, this.#wider)
  }

  /** One selector, or all whose names match a pattern. */
  #selectors(value: Value, part: SelectionPart, walks: boolean): Uint8Array {
    const names = selectorNames(value.text ?? '<null>', this.#facts.selectors)
    const bits = this.#none()
    for (const name of names) add(bits, this.#selector(name, value, part, walks))
    if (names.length === 0) this.#warn(`selector:${value.text} matches nothing`, value, part)
    return bits
  }

  #selector(name: string, value: Value, part: SelectionPart, walks: boolean): Uint8Array {
    const selector = Object.hasOwn(this.#facts.selectors, name)
      ? this.#facts.selectors[name]
      : undefined
    if (selector === undefined) {
      const suggestion = this.#suggest(name, Object.keys(this.#facts.selectors))
      const hint =
        suggestion === null
          ? 'add it to `selectors:` in assets.yaml'
          : `did you mean ${suggestion}?`
      const message = this.#within(`no selector is named ${name}`)
      const problem = selectionProblem('unknown-selector', message, part.text, value.span, hint)
      this.problems.push({ ...problem, absent: name })
      return this.#none()
    }
    if (this.#open.includes(name)) {
      const message = `selector ${name} refers to itself: ${[...this.#open, name].join(' → ')}`
      const hint = 'remove one of these references'
      this.problems.push(selectionProblem('selector-cycle', message, part.text, value.span, hint))
      return this.#none()
    }
    if (this.#open.length >= MAX_SELECTORS) {
      const message = this.#within(
        `selector ${name} is behind a chain of more than ${MAX_SELECTORS} selectors`,
      )
      const hint = 'write out what some of them select'
      this.problems.push(selectionProblem('selection-syntax', message, part.text, value.span, hint))
      return this.#none()
    }
    const key = `${walks} ${name}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
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
    const bits = parsed.ok ? this.#evaluate(parsed.value, part, walks) : this.#none()
    this.#open.pop()
    this.#known.set(key, bits)
    return bits
  }

  #suggest(text: string, names: Iterable<string>): string | null {
    return this.#suggestionsLeft-- > 0 ? closest(text, names) : null
  }

  #warn(message: string, value: Value, part: SelectionPart, hint?: string): void {
    const within = this.#within(message)
    this.warnings.push(selectionProblem('selection-empty', within, part.text, value.span, hint))
  }

  #within(message: string): string {
    return this.#open.length === 0 ? message : `${message} (in selector ${this.#open.at(-1)})`
  }
}

function add(bits: Uint8Array, more: Uint8Array): void {
  for (let i = 0; i < bits.length; i++) bits[i]! |= more[i]!
}

function onlySelected(bits: Uint8Array): Uint8Array {
  return bits.map((bit) => bit & SELECTED)
}

function isReadersOnly(method: string): boolean {
  return methodOf(method)?.selects.every((one) => one === 'readers') === true
}
