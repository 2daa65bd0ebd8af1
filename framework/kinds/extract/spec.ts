import { extname, normalize } from 'node:path'
import { closest } from '../../lib/did-you-mean.ts'
import type { Asset } from '../../model/asset.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'

/** Where the rows come from. `asset` is a dependency; its relation is known only at build time. */
export type ExtractOrigin =
  | { readonly is: 'query'; readonly query: string }
  | { readonly is: 'asset'; readonly asset: string }
  | { readonly is: 'relation'; readonly relation: string }

/** The formats of extracts. `hyper` is Tableau's. */
export type ExtractFormat = 'csv' | 'parquet' | 'hyper'

/** An extract on one target. */
export interface ExtractSpec {
  /** Relative to the project root, or absolute. */
  readonly to: string
  readonly format: ExtractFormat
  readonly origin: ExtractOrigin
  readonly columns: readonly string[] | null
  readonly orderBy: readonly string[]
}

/**
 * Reads the keys of an asset for a target. Problems: `extract-format`, the extension of `to` is unknown;
 * `extract-origin`, both or neither of `query` and `from` and not exactly one dependency, or `from` is not
 * a dependency. All of them are returned, each at its key.
 */
export function extractSpec(asset: Asset, target: string): Result<ExtractSpec> {
  const problems: Problem[] = []
  const spec = asset.spec as unknown as {
    readonly query?: string
    readonly from?: string
    readonly columns?: readonly string[]
    readonly order_by?: readonly string[]
  }
  const to = outputFile(asset, target)
  const declared = declaredFormat(asset, target)
  const format = declared ?? formatOf(to)
  const meant = nearestEnding(to)
  if (format === null && isByTarget(asset)) {
    problems.push({
      ...about(asset, 'format'),
      code: 'extract-format',
      message: `${asset.name}: \`format:\` has no entry for target ${target}`,
      hint: `add \`${target}: csv\` or \`default: csv\``,
    })
  } else if (format === null) {
    problems.push({
      ...about(asset, 'to'),
      code: 'extract-format',
      message: `${asset.name}: ${to} must end in .csv, .parquet or .hyper`,
      hint: to.includes('{format}')
        ? '{format} in `to:` needs the key `format:`'
        : meant === null
          ? 'change `to:`, or set `format:`'
          : `did you mean ${meant}?`,
    })
  } else if (isMisnamed(to, format)) {
    problems.push({
      ...about(asset, 'format'),
      code: 'extract-format',
      message: `${asset.name}: the format is ${format}, but ${to} ends in ${extname(to)}`,
      hint: 'remove `format:`, or change the ending of `to:`: Tableau opens a .hyper file only',
    })
  }
  const origin = originOf(asset, spec)
  if (!origin.ok) problems.push(...origin.problems)
  if (!origin.ok || format === null) return fail(...problems)
  return ok({
    to,
    format,
    origin: origin.value,
    columns: spec.columns ?? null,
    orderBy: spec.order_by ?? [],
  })
}

/** The file that an extract writes on a target: relative to the project root, or absolute. */
export function outputFile({ spec }: Asset, target: string): string {
  const format = declaredFormat({ spec }, target)
  const to = String(spec.to).replaceAll('{target}', target)
  return normalize(format === null ? to : to.replaceAll('{format}', format))
}

type Formats = Readonly<Record<string, ExtractFormat>>

/** The format that the YAML states for a target; null if it states none. */
function declaredFormat({ spec }: Pick<Asset, 'spec'>, target: string): ExtractFormat | null {
  const { format } = spec as unknown as { readonly format?: ExtractFormat | Formats }
  if (typeof format !== 'object') return format ?? null
  return (Object.hasOwn(format, target) ? format[target] : format.default) ?? null
}

const isByTarget = ({ spec }: Asset): boolean => typeof spec.format === 'object'

/** Targets that `format:` names and the project does not have. */
export function formatTargetProblems(
  asset: Asset,
  targets: Readonly<Record<string, unknown>>,
): readonly Problem[] {
  if (!isByTarget(asset)) return []
  const known = Object.keys(targets)
  const unknown = Object.keys(asset.spec.format as Formats).filter(
    (name) => name !== 'default' && !known.includes(name),
  )
  return unknown.map((name) => {
    const similar = closest(name, [...known, 'default'])
    return {
      code: 'extract-format',
      message: `${asset.name}: \`format:\` names target ${name}, which the project does not have`,
      at: { file: asset.file, path: ['assets', asset.name, 'format', name], key: true },
      hint: similar === null ? `targets: ${known.join(', ')}` : `did you mean ${similar}?`,
      asset: asset.name,
    }
  })
}

function originOf(
  asset: Asset,
  { query, from }: { readonly query?: string; readonly from?: string },
): Result<ExtractOrigin> {
  if (query !== undefined && from !== undefined) {
    return fail({
      ...about(asset, 'from'),
      code: 'extract-origin',
      message: `${asset.name} has both \`query:\` and \`from:\``,
      hint: 'remove one of them',
    })
  }
  if (query !== undefined) return ok({ is: 'query', query })
  if (from !== undefined) return originFrom(asset, from)
  const [only, ...more] = asset.deps
  if (only === undefined || more.length > 0) {
    return fail({
      code: 'extract-origin',
      message: `${asset.name} has ${asset.deps.length} dependencies and neither \`from:\` nor \`query:\``,
      hint:
        only === undefined
          ? 'add the asset to write to `deps:`'
          : 'say which one to write with `from:`, or add `query:`',
      at: { file: asset.file, path: ['assets', asset.name], key: true },
      asset: asset.name,
    })
  }
  return ok({ is: 'asset', asset: only })
}

/** The origin that `from:` names. */
function originFrom(asset: Asset, from: string): Result<ExtractOrigin> {
  if (asset.deps.includes(from)) return ok({ is: 'asset', asset: from })
  if (from.includes('.')) return ok({ is: 'relation', relation: from })
  return fail({
    ...about(asset, 'from'),
    code: 'extract-origin',
    message: `${asset.name} reads from ${from}, which is not in \`deps:\``,
    hint: `add ${from} to \`deps:\`, or write \`schema.table\` for a table that is not an asset`,
  })
}

function formatOf(file: string): ExtractFormat | null {
  switch (extname(file).toLowerCase()) {
    case '.csv':
      return 'csv'
    case '.parquet':
      return 'parquet'
    case '.hyper':
      return 'hyper'
    default:
      return null
  }
}

const ENDINGS = ['.csv', '.parquet', '.hyper'] as const

/** The file with the known ending that resembles its own; null if none does. */
function nearestEnding(file: string): string | null {
  const ending = extname(file)
  const meant = ending === '' ? null : closest(ending, ENDINGS)
  return meant === null ? null : `${file.slice(0, -ending.length)}${meant}`
}

/** Whether only one of format and name says .hyper: nothing else reads such a file, and Tableau no other. */
function isMisnamed(file: string, format: ExtractFormat): boolean {
  const named = formatOf(file)
  return named !== null && named !== format && (named === 'hyper' || format === 'hyper')
}

function about(asset: Asset, key: string) {
  return { at: { file: asset.file, path: ['assets', asset.name, key] }, asset: asset.name }
}
