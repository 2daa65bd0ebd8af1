import { join } from 'node:path/posix'
import { redact } from '../../lib/output-text.ts'
import type { Location } from '../../model/location.ts'
import type { Problem } from '../../model/problem.ts'
import type { Elsewhere } from './manifest/worker-manifest.ts'
import type { NodeResult, WorkerFailure } from './worker/worker.ts'

/** The file of a failed node, for a location in it. */
export interface NodeSource {
  /** Name of the asset or check. */
  readonly name: string
  /** Relative to the project root. */
  readonly file: string
  /** The file's text; null if it can't be read. */
  readonly text: string | null
}

/** The problem of a project that dbt can't parse, or of an invocation that failed as a whole. */
export function projectFailed(
  failure: WorkerFailure,
  projectDir: string,
  secrets: readonly string[],
): Problem {
  const text = redact(failure.message, secrets).trim()
  const older = olderDuckdb(text)
  if (older !== null) return older
  const module = /^ModuleNotFoundError: No module named '([^']+)'/m.exec(text)?.[1]
  if (failure.type === 'died' && module !== undefined) {
    return {
      code: 'python-environment',
      message: `the Python that runs dbt lacks the module ${module}`,
      detail: text,
      hint: 'install dbt-core and its adapter again there; `assets doctor` shows where that is',
    }
  }
  if (failure.type === 'died') {
    return {
      code: 'dbt-died',
      message: 'the process that runs dbt ended unexpectedly',
      ...(text === '' ? {} : { detail: text }),
      hint: 'run the same command again; it continues with what is not built',
    }
  }
  if (failure.type === 'hook') {
    const [hook, ...words] = text.split('\n').map((line) => line.trim())
    return {
      code: 'dbt-hook',
      message: `dbt hook ${hook} ${words[0] ?? ''}`.trim(),
      detail: text,
      hint: `correct the hook in ${join(projectDir, 'dbt_project.yml')}`,
    }
  }
  const file = failure.file ?? /\(((?:[\w.-]+\/)+[\w.-]+\.\w+)\)/.exec(text)?.[1]
  const line = Number(/^[^\S\n]*line (\d+)$/m.exec(text)?.[1] ?? 1)
  return {
    code: 'dbt-project',
    message: `dbt can't use the project in ${shown(projectDir)}: ${headline(text)}`,
    ...(file == null ? {} : { at: { file: join(projectDir, file), line, column: 1 } }),
    detail: text,
    hint: lacksPackages(failure)
      ? `install its packages: dbt deps --project-dir ${shown(projectDir)}`
      : 'correct what dbt reports and run the same command again',
  }
}

/** A folder relative to the project root, as it is typed there. */
const shown = (folder: string): string => folder || '.'

/** The problem of packages that `dbt deps` could not install. */
export function packagesFailed(
  failure: WorkerFailure,
  projectDir: string,
  secrets: readonly string[],
): Problem {
  const text = redact(failure.message, secrets).trim()
  return {
    code: 'dbt-packages',
    message: `the packages of the dbt project can't be installed: ${headline(text)}`,
    at: { file: join(projectDir, 'packages.yml'), line: 1, column: 1 },
    detail: text,
    hint: `correct what dbt reports, or install them by hand: dbt deps --project-dir ${shown(projectDir)}`,
  }
}

/** Whether dbt says that packages of the project are not installed. */
export function lacksPackages({ message }: WorkerFailure): boolean {
  return /run "dbt deps"|package\(s\) specified in/i.test(message)
}

/** The releases of DuckDB by their storage version (duckdb.org/docs/stable/internals/storage). */
const RELEASES: Readonly<Record<string, string>> = {
  64: '1.1 or older',
  65: '1.2',
  66: '1.3',
  67: '1.4',
  68: '1.5',
}

/** The problem of a DuckDB file that dbt's DuckDB is too old to read; null for any other error. */
function olderDuckdb(text: string): Problem | null {
  const versions = /version number (\d+), but we can only read versions? (?:between \d+ and )?(\d+)/
  const found = versions.exec(text)
  if (found === null) return null
  const [, written, readable] = found.map((version) => RELEASES[version])
  const writer = written === undefined ? 'a newer DuckDB' : `DuckDB ${written} or newer`
  return {
    code: 'dbt-older-duckdb',
    message: `${writer} wrote a DuckDB file, and dbt has DuckDB ${readable ?? 'of an older version'}, which can't read it`,
    hint: `install duckdb ${written ?? 'in that version'} or newer where dbt is: \`assets doctor\` shows where that is`,
  }
}

/** The problem of a model, seed, snapshot or test that dbt could not run. `statement`: the SQL that dbt sent. */
export function nodeFailed(
  result: NodeResult,
  source: NodeSource,
  statement: string | null,
  secrets: readonly string[],
): Problem {
  const text = redact(result.message ?? 'dbt gave no reason', secrets).trim()
  const older = olderDuckdb(text)
  if (older !== null) return { ...older, asset: source.name }
  const failing = failingLine(text, statement, result.compiled ?? null)
  const at = failing === null ? jinjaLine(text, source) : sourceLine(failing, source)
  const line = failing?.text.trim() ?? ''
  const shown = text.includes(line) ? '' : `\n\nSQL: ${line}`
  return {
    code: 'dbt-failed',
    message: `${source.name}${at === null ? ` (${source.file})` : ''}: ${headline(text)}`,
    ...(at === null ? {} : { at }),
    detail: `${text}${shown}`,
    hint: `correct it, then: assets materialize ${source.name}`,
    asset: source.name,
  }
}

/** The problem of a data test that found rows, or of a unit test whose rows differ. */
export function testFailed(
  result: NodeResult,
  source: NodeSource,
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
    ...(query === null ? {} : { hint: `the query in ${query} selects the failing rows` }),
    asset: source.name,
  }
}

/** The problem of a step for which dbt reported no result. */
export function notReported(name: string): Problem {
  return {
    code: 'dbt-left-out',
    message: `${name}: dbt finished without a result for it`,
    hint: 'run the same command again; if the problem persists, report a bug',
    asset: name,
  }
}

/** The problem of comments that dbt could not set; `name` is null if it is not known whose. */
export function commentsFailed(
  name: string | null,
  message: string,
  secrets: readonly string[],
): Problem {
  const text = redact(message, secrets).trim()
  return {
    code: 'dbt-comments',
    message: `${name === null ? '' : `${name}: `}dbt can't set comments: ${headline(text)}`,
    detail: text,
    hint: 'the data is fresh; correct the description or `persist_docs`, then run the same command again',
    ...(name === null ? {} : { asset: name }),
  }
}

/** The problem of a dbt project whose files changed after it was parsed. */
export function projectChanged(projectDir: string): Problem {
  return {
    code: 'dbt-project-changed',
    message: `files of the dbt project in ${projectDir} changed after this command read them`,
    hint: 'run the same command again',
  }
}

/** The problem of a warehouse that only dbt knows, before its Python environment exists. */
export function notAsked(target: string): Problem {
  return {
    code: 'dbt-not-asked',
    message: `the warehouse of target ${target} is where dbt's profile leads, which only dbt can tell, and its Python environment does not exist yet`,
    hint: 'assets materialize creates the environment',
  }
}

/** The problem of a profile with which dbt would build in another warehouse than that of the target. */
export function otherWarehouse(
  target: string,
  { key, value, wanted, is_cut: isCut }: Elsewhere,
  at: Location,
  secrets: readonly string[],
): Problem {
  const message = `dbt would build in another warehouse: its profile has ${key} ${value}, target ${target} has ${wanted}`
  return {
    code: 'dbt-other-warehouse',
    message: redact(message, secrets),
    // Not with the line of a token.
    ...(isCut ? {} : { at }),
    hint:
      key === 'path'
        ? `set it to "{{ env_var('DBT_DUCKDB_PATH') }}", which assets sets, or correct \`path:\` of the target's warehouse`
        : 'make both equal: correct the profile, or `warehouse:` of the target',
  }
}

/** The first line that says what went wrong; dbt's own first line only says where. */
function headline(text: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  const where = /^(?:\w+ Error in |Encountered an error:?$|\w+ Error$)/
  return lines.find((line) => line !== '' && !where.test(line)) ?? text
}

/** A line of compiled SQL. */
interface SqlPosition {
  readonly text: string
  /** 0-based, in `text`; null when unknown. */
  readonly column: number | null
}

/**
 * The line of SQL that the warehouse reports. Two formats are known: `LINE 4: select …` with a caret
 * below, and `line 4 at position 7`, which counts lines of the statement that dbt sent.
 */
function failingLine(
  text: string,
  statement: string | null,
  compiled: string | null,
): SqlPosition | null {
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

/** The whole line, if the warehouse shortened it to `... its middle ...`. */
function unabridged(shown: SqlPosition, compiled: string | null): SqlPosition {
  const middle = shown.text.replace(/^\.\.\. ?/, '').replace(/ ?\.\.\.$/, '')
  if (middle === shown.text || compiled === null) return shown
  const lines = compiled.split('\n').filter((line) => line.includes(middle))
  if (lines.length !== 1) return shown
  const skipped = shown.text.length - shown.text.replace(/^\.\.\. ?/, '').length
  const column = shown.column! - skipped + lines[0]!.indexOf(middle)
  return { text: lines[0]!, column }
}

/** The location in the model of a line of compiled SQL; null unless exactly one line is equal. */
function sourceLine(position: SqlPosition, { file, text }: NodeSource): Location | null {
  const wanted = position.text.trim()
  const lines = text?.split('\n') ?? []
  const found = lines.flatMap((line, index) => (line.trim() === wanted ? [index] : []))
  if (found.length !== 1 || wanted === '') return null
  const line = lines[found[0]!]!
  const indent = line.length - line.trimStart().length
  const shift = indent - (position.text.length - position.text.trimStart().length)
  const column = position.column === null ? indent : Math.max(indent, position.column + shift)
  return { file, line: found[0]! + 1, column: column + 1 }
}

/** The location of a Jinja error, which counts lines of the model itself. */
function jinjaLine(text: string, { file }: NodeSource): Location | null {
  const line = /^[^\S\n]*line (\d+)$/m.exec(text)?.[1]
  return line === undefined ? null : { file, line: Number(line), column: 1 }
}
