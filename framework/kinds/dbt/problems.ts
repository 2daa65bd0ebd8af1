import { join } from 'node:path/posix'
import type { Location } from '../../model/location.ts'
import type { Problem } from '../../model/problem.ts'
import { redact } from './output-text.ts'
import type { NodeResult, Trouble } from './worker/worker.ts'

/** Where the code of a failed node stands and what it says, for pointing into it. */
export interface Source {
  /** Asset or check. */
  readonly name: string
  /** Relative to the project root. */
  readonly file: string
  /** Its text; null when it can't be read. */
  readonly text: string | null
}

/** A problem for a project that dbt can't read, or for a call of dbt that failed as a whole. */
export function projectFailed(
  trouble: Trouble,
  projectDir: string,
  secrets: readonly string[],
): Problem {
  const text = redact(trouble.message, secrets).trim()
  if (trouble.type === 'died') {
    return {
      code: 'dbt-died',
      message: 'the process that dbt runs in ended by itself',
      ...(text === '' ? {} : { detail: text }),
      hint: 'run the same command again; it goes on where this one stopped',
    }
  }
  if (trouble.type === 'hook') {
    const [hook, ...words] = text.split('\n').map((line) => line.trim())
    return {
      code: 'dbt-hook',
      message: `dbt's hook ${hook} ${words[0] ?? ''}`.trim(),
      detail: text,
      hint: `mend it where dbt_project.yml in ${projectDir} names it`,
    }
  }
  const file = trouble.file ?? /\(((?:[\w.-]+\/)+[\w.-]+\.\w+)\)/.exec(text)?.[1]
  const line = Number(/^\s*line (\d+)$/m.exec(text)?.[1] ?? 1)
  const deps = /run "dbt deps"|package\(s\) specified in/i.test(text)
  return {
    code: 'dbt-project',
    message: `dbt can't use the project in ${projectDir}: ${headline(text)}`,
    ...(file == null ? {} : { at: { file: join(projectDir, file), line, column: 1 } }),
    detail: text,
    hint: deps
      ? `install its packages: dbt deps --project-dir ${projectDir}`
      : 'mend what dbt names and run the same command again',
  }
}

/** A problem for a model, seed, snapshot or test that dbt could not run. */
export function nodeFailed(
  result: NodeResult,
  source: Source,
  statement: string | null,
  secrets: readonly string[],
): Problem {
  const text = redact(result.message ?? 'dbt gave no reason', secrets).trim()
  const offence = offendingLine(text, statement, result.compiled ?? null)
  const at = offence === null ? jinjaLine(text, source) : rawLine(offence, source)
  const line = offence?.text.trim() ?? ''
  const shown = text.includes(line) ? '' : `\n\nSQL: ${line}`
  return {
    code: 'dbt-failed',
    message: `${source.name}${at === null ? ` (${source.file})` : ''}: ${headline(text)}`,
    ...(at === null ? {} : { at }),
    detail: `${text}${shown}`,
    hint: `mend it, then: assets materialize ${source.name}`,
    asset: source.name,
  }
}

/** A problem for a data test that found rows, or a unit test whose rows differ. */
export function testFailed(
  result: NodeResult,
  source: Source,
  reads: readonly string[],
  query: string | null,
  secrets: readonly string[],
): Problem {
  const text = redact(result.message ?? '', secrets).trim()
  const rows = result.failures ?? 0
  return {
    code: 'check-failed',
    message: `${source.name} on ${reads.join(', ')}: ${rows > 0 ? `${rows} failing ${rows === 1 ? 'row' : 'rows'}` : 'failed'}`,
    at: { file: source.file, line: 1, column: 1 },
    ...(text === '' ? {} : { detail: text }),
    ...(query === null ? {} : { hint: `the rows are those of the query in ${query}` }),
    asset: source.name,
  }
}

/** A problem for a step that dbt said nothing of. */
export function leftOut(name: string): Problem {
  return {
    code: 'dbt-left-out',
    message: `${name}: dbt ended without a word about it`,
    hint: 'run the same command again; if it stays so, report it as a bug',
    asset: name,
  }
}

/** A problem for definitions that are not those of the files any more. */
export function projectChanged(projectDir: string): Problem {
  return {
    code: 'dbt-project-changed',
    message: `files of the dbt project in ${projectDir} changed since this command read them`,
    hint: 'run the same command again',
  }
}

/** What went wrong, without dbt's own first line, which says only where. */
function headline(text: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  const where = /^(?:\w+ Error in |Encountered an error:?$|\w+ Error$)/
  return lines.find((line) => line !== '' && !where.test(line)) ?? text
}

interface Offence {
  readonly text: string
  /** 0-based, in `text`; null when unknown. */
  readonly column: number | null
}

/**
 * The line of SQL that the warehouse names. Two ways of saying it are known: `LINE 4: select …`
 * with a caret below, and `line 4 at position 7`, which counts in the statement as it was sent.
 */
function offendingLine(
  text: string,
  statement: string | null,
  compiled: string | null,
): Offence | null {
  const quoted = /^( *)LINE (\d+): (.*)\n( *)\^/m.exec(text)
  if (quoted !== null) {
    const [, indent, number, shown, caretIndent] = quoted
    const column = caretIndent!.length - indent!.length - `LINE ${number}: `.length
    return unabridged({ text: shown!, column }, compiled)
  }
  const counted = /\bline (\d+) at position (\d+)/.exec(text)
  const line = statement?.split('\n')[Number(counted?.[1]) - 1]
  return line === undefined ? null : { text: line, column: Number(counted![2]) }
}

/** A long line is shown as `... its middle ...`. */
function unabridged(offence: Offence, compiled: string | null): Offence {
  const middle = offence.text.replace(/^\.\.\. ?/, '').replace(/ ?\.\.\.$/, '')
  if (middle === offence.text || compiled === null) return offence
  const lines = compiled.split('\n').filter((line) => line.includes(middle))
  if (lines.length !== 1) return offence
  const skipped = offence.text.length - offence.text.replace(/^\.\.\. ?/, '').length
  const column = offence.column! - skipped + lines[0]!.indexOf(middle)
  return { text: lines[0]!, column }
}

/** The line of the model that became the offending one, when only one can have. */
function rawLine(offence: Offence, { file, text }: Source): Location | null {
  const wanted = offence.text.trim()
  const lines = text?.split('\n') ?? []
  const found = lines.flatMap((line, index) => (line.trim() === wanted ? [index] : []))
  if (found.length !== 1 || wanted === '') return null
  const line = lines[found[0]!]!
  const indent = line.length - line.trimStart().length
  const shift = indent - (offence.text.length - offence.text.trimStart().length)
  const column = offence.column === null ? indent : Math.max(indent, offence.column + shift)
  return { file, line: found[0]! + 1, column: column + 1 }
}

/** Jinja's own errors count lines in the model itself. */
function jinjaLine(text: string, { file }: Source): Location | null {
  const line = /^\s*line (\d+)$/m.exec(text)?.[1]
  return line === undefined ? null : { file, line: Number(line), column: 1 }
}
