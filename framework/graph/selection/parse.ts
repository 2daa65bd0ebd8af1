import { closest } from '../../lib/did-you-mean.ts'
import { isGlob } from '../../lib/glob.ts'
import { ok, type Problem, type Result } from '../../model/problem.ts'
import type { Expression, Selection, Span, Value } from './ast.ts'
import { methodError, methodOf } from './methods.ts'
import { selectionProblem } from './problem.ts'
import { type Token, tokenize } from './tokens.ts'
import { valueFault } from './value-faults.ts'

/** The deepest nesting of parentheses and `not`. The call stack holds more. */
const MAX_DEPTH = 200
const FUNCTIONS = ['sinks', 'roots'] as const
const IN_RUN: ReadonlySet<Token['is']> = new Set(['word', ':', '=', '+'])

/**
 * Parses one expression, or a union of several. Dagster's grammar applies to an expression with `and`,
 * `or`, `not`, parentheses or a function, dbt's to any other; both give the same tree. Problems:
 * `selection-syntax` and `selection-method`, at most one for each text, with carets.
 */
export function parseSelection(texts: string | readonly string[]): Result<Selection> {
  const parts: { text: string; expression: Expression }[] = []
  const problems: Problem[] = []
  for (const text of typeof texts === 'string' ? [texts] : texts) {
    const parsed = parseText(text)
    if (parsed.ok) parts.push({ text, expression: parsed.value })
    else problems.push(...parsed.problems)
  }
  return problems.length > 0 ? { ok: false, problems } : ok(parts)
}

function parseText(text: string): Result<Expression> {
  const tokens = tokenize(text)
  if (!tokens.ok) return tokens
  const parser = new Parser(text, tokens.value, isDagster(tokens.value) ? 'dagster' : 'dbt')
  try {
    return ok(parser.parse())
  } catch (error) {
    if (error instanceof SyntaxProblem) return { ok: false, problems: [error.problem] }
    throw error
  }
}

function isDagster(tokens: readonly Token[]): boolean {
  return tokens.some((token, k) => {
    if (token.is === '(' || token.is === ')') return true
    const before = tokens[k - 1]?.is
    return isOperator(token) && !(token.glued && (before === ':' || before === '='))
  })
}

function isOperator(token: Token): boolean {
  return token.is === 'word' && /^(and|or|not|AND|OR|NOT)$/.test(token.text)
}

/** Ends parsing at the first error. Caught in `parseText`. */
class SyntaxProblem extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.message)
    this.problem = problem
  }
}

class Parser {
  readonly #text: string
  readonly #tokens: readonly Token[]
  readonly #grammar: 'dbt' | 'dagster'
  #at = 0
  #depth = 0
  /** The last run of tokens that `#endOfRun` has found, and the first token of its value. */
  #run: { readonly first: Token | null; readonly end: number; readonly isPath: boolean } = {
    first: null,
    end: 0,
    isPath: false,
  }

  constructor(text: string, tokens: readonly Token[], grammar: 'dbt' | 'dagster') {
    this.#text = text
    this.#tokens = tokens
    this.#grammar = grammar
  }

  parse(): Expression {
    if (this.#peek().is === 'end') {
      this.#fail('the selection is empty', this.#peek().span, 'write "*" to select every asset')
    }
    const expression = this.#grammar === 'dbt' ? this.#spaceUnion() : this.#or()
    if (this.#peek().is !== 'end') this.#unexpected()
    return expression
  }

  // ── dbt: terms between spaces are a union, terms between commas an intersection ──

  #spaceUnion(): Expression {
    const terms: Expression[] = []
    while (this.#peek().is !== 'end') terms.push(this.#commaIntersection())
    return combine('union', terms)
  }

  #commaIntersection(): Expression {
    const terms = [this.#term()]
    while (this.#peek().is === ',') {
      const comma = this.#next()
      const after = this.#peek()
      if (!comma.glued || !after.glued || after.is === ',' || after.is === 'end') {
        const hint = 'write a,b for what both select, or a b for what either selects'
        this.#fail('a comma needs a selector directly before and after it', comma.span, hint)
      }
      terms.push(this.#term())
    }
    const next = this.#peek()
    if (next.is !== 'end' && next.glued) this.#unexpected()
    return combine('intersection', terms)
  }

  // ── Dagster: `not` binds tighter than `and`, and that tighter than `or` ──

  #or(): Expression {
    const terms = [this.#and()]
    while (this.#takeOperator('or')) terms.push(this.#and())
    return combine('union', terms)
  }

  #and(): Expression {
    const terms = [this.#not()]
    while (this.#takeOperator('and')) terms.push(this.#not())
    return combine('intersection', terms)
  }

  #not(): Expression {
    if (!this.#takeOperator('not')) return this.#term()
    return this.#nested(() => ({ op: 'not', of: this.#not() }))
  }

  #takeOperator(word: string): boolean {
    if (!isOperator(this.#peek()) || this.#peek().text.toLowerCase() !== word) return false
    this.#next()
    return true
  }

  #parenthesised(): Expression {
    const open = this.#next()
    const inner = this.#nested(() => this.#or())
    if (this.#peek().is === 'end') this.#fail('this parenthesis is never closed', open.span)
    if (this.#peek().is !== ')') this.#unexpected()
    this.#next()
    return inner
  }

  #nested(read: () => Expression): Expression {
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) this.#fail('the selection is nested too deeply', this.#peek().span)
    const expression = read()
    this.#depth -= 1
    return expression
  }

  // ── Both: a term with + or @ ──

  #term(): Expression {
    const at = this.#peek().is === '@' ? this.#next() : null
    const up = this.#upDepth()
    if (at !== null && up !== null) this.#fail("@ and + can't be combined on one selector", at.span)
    const inner = this.#primary()
    const down = this.#downDepth()
    if (at !== null && down !== null)
      this.#fail("@ and + can't be combined on one selector", at.span)
    if (at !== null) return { op: 'around', of: inner }
    if (up === null && down === null) return inner
    return { op: 'walk', up: up ?? 0, down: down ?? 0, of: inner }
  }

  /** `+` or `2+` before a term; null for none. */
  #upDepth(): number | null {
    const digits = this.#isDigits(this.#peek()) && this.#after().is === '+' ? this.#next() : null
    if (this.#peek().is !== '+') return null
    const plus = this.#next()
    const next = this.#peek()
    const spaced = this.#grammar === 'dbt' && !next.glued
    if (next.is === '+' || next.is === '@' || next.is === 'end' || spaced) {
      const span = { start: (digits ?? plus).span.start, end: plus.span.end }
      this.#fail(
        '+ needs a selector',
        span,
        'write +x for x and its ancestors, x+ for x and its descendants',
      )
    }
    return digits === null ? Number.POSITIVE_INFINITY : Number(digits.text)
  }

  /** `+` or `+2` after a term; null for none. */
  #downDepth(): number | null {
    const plus = this.#peek()
    if (plus.is !== '+' || (this.#grammar === 'dbt' && !plus.glued)) return null
    this.#next()
    const next = this.#peek()
    if (this.#isDigits(next) && (next.glued || this.#grammar === 'dagster')) {
      return Number(this.#next().text)
    }
    if (next.glued && (next.is === 'word' || next.is === 'string')) {
      const hint = 'after x+, write a number of levels or a space'
      this.#fail(
        `+ can't be followed by "${next.text}"`,
        { ...plus.span, end: next.span.end },
        hint,
      )
    }
    if (next.glued && next.is === '+') this.#unexpected()
    return Number.POSITIVE_INFINITY
  }

  #isDigits(token: Token): boolean {
    return token.is === 'word' && /^\d+$/.test(token.text)
  }

  #primary(): Expression {
    const token = this.#peek()
    if (token.is === '(') return this.#parenthesised()
    if (token.is !== 'word' && token.is !== 'string') this.#unexpected()
    if (this.#grammar === 'dagster' && isOperator(token)) this.#unexpected()
    const after = this.#after()
    if (token.is === 'word' && after.is === '(' && after.glued) return this.#call()
    if (token.is === 'word' && after.is === ':' && after.glued) return this.#method()
    const value = this.#value(null)
    if (token.is === 'word' && value.text === '*') return { op: 'all' }
    return { op: 'bare', value }
  }

  #call(): Expression {
    const name = this.#next()
    const op = FUNCTIONS.find((known) => known === name.text)
    if (op !== undefined) return { op, of: this.#parenthesised() }
    const suggestion = closest(name.text, FUNCTIONS)
    const hint =
      suggestion === null
        ? 'the functions are sinks(…) and roots(…)'
        : `did you mean ${suggestion}(…)?`
    return this.#fail(`unknown function ${name.text}`, name.span, hint)
  }

  #method(): Expression {
    const word = this.#next()
    this.#next()
    const [method = '', ...path] = word.text.split('.')
    const fault = methodError(method, path)
    if (fault !== null) {
      const { message, hint } = fault
      throw new SyntaxProblem(
        selectionProblem('selection-method', message, this.#text, word.span, hint),
      )
    }
    const next = this.#peek()
    const spaced = this.#grammar === 'dbt' && !next.glued
    if (spaced || (next.is !== 'word' && next.is !== 'string')) {
      const span = { ...word.span, end: word.span.end + 1 }
      this.#fail(`${word.text}: needs a value`, span, valueHint(word.text, next))
    }
    const value = this.#value(method)
    const words = methodOf(method)?.words
    if (words !== undefined && value.text !== null && !isGlob(value.text)) {
      if (!words.includes(value.text)) this.#unknownWord(word.text, value, value.text, words)
    }
    return { op: 'method', method, path, value }
  }

  #unknownWord(method: string, value: Value, text: string, words: readonly string[]): never {
    const suggestion = closest(text, words)
    const hint =
      suggestion === null ? `the values are ${words.join(', ')}` : `did you mean ${suggestion}?`
    return this.#fail(`${text} is not a value of ${method}:`, value.span, hint)
  }

  /**
   * A value: words, strings, `:`, `=` and `+` without spaces between. For `tag:`, `k=v` is a pair; Dagster's
   * grammar allows spaces around its `=`.
   */
  #value(method: string | null): Value {
    const text = [this.#next()]
    let pair: Token[] | null = null
    for (;;) {
      const token = this.#peek()
      const startsPair = method === 'tag' && token.is === '=' && pair === null
      const spaced = !token.glued && !(this.#grammar === 'dagster' && startsPair)
      if (spaced || !['word', 'string', ':', '=', '+'].includes(token.is)) break
      if (token.is === '+' && !this.#isInValue(method, text[0]!)) break
      this.#next()
      if (!startsPair) (pair ?? text).push(token)
      else pair = this.#mayFollowEquals(this.#peek()) ? [this.#next()] : []
    }
    const [first, last] = [text[0]!, this.#tokens[this.#at - 1]!]
    const span = { start: first.span.start, end: last.span.end }
    const fault = valueFault(method, { text, pair, span })
    if (fault !== null) this.#fail(fault.message, fault.span, fault.hint)
    const written = textOf(text)
    if (written === '') this.#fail('these quotes are empty', span)
    const isNull = first.is === 'word' && written === '<null>'
    return { text: isNull ? null : written, pair: pair === null ? null : textOf(pair), span }
  }

  #mayFollowEquals(token: Token): boolean {
    if (token.is !== 'word' && token.is !== 'string') return token.is === '=' && token.glued
    return token.glued || (this.#grammar === 'dagster' && !isOperator(token))
  }

  /**
   * Whether the `+` here belongs to the value, as in `config.incremental_strategy:delete+insert`. As in dbt,
   * only the last one, with or without digits, is an operator. Without a method, only paths have one.
   */
  #isInValue(method: string | null, first: Token): boolean {
    const before = this.#tokens[this.#at - 1]!
    const next = this.#tokens[this.#at + 1]!
    const end = this.#endOfRun(first)
    const length = end - this.#at - 1
    if (before.is === 'string' || length === 0 || next.is === '+') return false
    if (length === 1 && this.#isDigits(next)) return false
    return method !== null || this.#run.isPath
  }

  /** Where the tokens end that follow each other without spaces. Found once for all `+` among them. */
  #endOfRun(first: Token): number {
    if (this.#run.first === first && this.#run.end > this.#at) return this.#run.end
    let end = this.#at + 1
    while (this.#tokens[end]!.glued && IN_RUN.has(this.#tokens[end]!.is)) end += 1
    const text = this.#text.slice(first.span.start, this.#tokens[end - 1]!.span.end)
    this.#run = { first, end, isPath: isPath(text) }
    return end
  }

  #peek(): Token {
    return this.#tokens[this.#at]!
  }

  #after(): Token {
    return this.#tokens[this.#at + 1] ?? this.#peek()
  }

  #next(): Token {
    const token = this.#peek()
    if (token.is !== 'end') this.#at += 1
    return token
  }

  #unexpected(): never {
    const { is, text, span } = this.#peek()
    if (is === 'end') this.#fail('the selection ends where a name is expected', span)
    const joins = this.#grammar === 'dagster' && ['word', 'string', ','].includes(is)
    const between = joins && this.#at > 0 ? 'combine selectors with and, or' : undefined
    this.#fail(`unexpected "${text}"`, span, between)
  }

  #fail(message: string, span: Span, hint?: string): never {
    throw new SyntaxProblem(selectionProblem('selection-syntax', message, this.#text, span, hint))
  }
}

/** What to write in place of `tag: x` and `tag:+x`. */
function valueHint(method: string, { is, glued }: Token): string | undefined {
  if (is === '+') return glued ? `write +${method}:x` : undefined
  return is === 'word' || is === 'string' ? `write ${method}:x, without a space` : undefined
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join('')
}

/** What dbt takes for a path or a file if there is no method. */
function isPath(text: string): boolean {
  return text.includes('/') || /\.(sql|py|csv|ya?ml)$/i.test(text.replace(/\+\d*$/, ''))
}

function combine(op: 'union' | 'intersection', terms: readonly Expression[]): Expression {
  return terms.length === 1 ? terms[0]! : { op, of: terms }
}
