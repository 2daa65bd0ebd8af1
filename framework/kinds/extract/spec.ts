import { extname, join, normalize } from 'node:path'
import type { Asset } from '../../model/asset.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { ExportRequest } from '../../ports/warehouse.ts'

/** Where the rows come from: `asset` is a dependency, whose relation is known when it is built. */
export type Origin =
  | { readonly is: 'query'; readonly query: string }
  | { readonly is: 'asset'; readonly asset: string }
  | { readonly is: 'relation'; readonly relation: string }

/** One extract for one target. */
export interface ExtractSpec {
  /** Relative to the project root. */
  readonly to: string
  readonly format: ExportRequest['format']
  readonly origin: Origin
  readonly columns: readonly string[] | null
  readonly orderBy: readonly string[]
}

/**
 * What an asset's keys mean on a target. Problems, all of them, each at its key: a name that tells no
 * format, `query` beside `from`, no origin, an origin or a placeholder that is no dependency.
 */
export function extractSpec(asset: Asset, target: string): Result<ExtractSpec> {
  const problems: Problem[] = []
  const spec = asset.spec as unknown as {
    readonly query?: string
    readonly from?: string
    readonly columns?: readonly string[]
    readonly order_by?: readonly string[]
    readonly format?: ExportRequest['format']
  }
  const to = fileOf(asset, target)
  const format = spec.format ?? formatOf(to)
  if (format === null) {
    problems.push({
      ...about(asset, 'to'),
      code: 'extract-format',
      message: `${asset.name}: ${to} ends in neither .csv nor .parquet`,
      hint: 'name the file so, or set `format:`',
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

/** The file that an extract writes on a target, relative to the project root. */
export function fileOf({ spec }: Asset, target: string): string {
  return normalize(join('.', String(spec.to).replaceAll('{target}', target)))
}

function originOf(
  asset: Asset,
  { query, from }: { readonly query?: string; readonly from?: string },
): Result<Origin> {
  if (query !== undefined && from !== undefined) {
    return fail({
      ...about(asset, 'from'),
      code: 'extract-origin',
      message: `${asset.name} has a query and a table to read from`,
      hint: 'keep one of `query:` and `from:`',
    })
  }
  if (query !== undefined) return ok({ is: 'query', query })
  if (from !== undefined) return named(asset, from)
  const [only, ...more] = asset.deps
  if (only === undefined || more.length > 0) {
    return fail({
      code: 'extract-origin',
      message: `${asset.name} has ${asset.deps.length} dependencies, so what it writes has to be said`,
      hint: only === undefined ? 'add `deps: [the asset to write]`' : 'add `from:` or `query:`',
      at: { file: asset.file, path: ['assets', asset.name], key: true },
      asset: asset.name,
    })
  }
  return ok({ is: 'asset', asset: only })
}

function named(asset: Asset, from: string): Result<Origin> {
  if (asset.deps.includes(from)) return ok({ is: 'asset', asset: from })
  if (from.includes('.')) return ok({ is: 'relation', relation: from })
  return fail({
    ...about(asset, 'from'),
    code: 'extract-origin',
    message: `${asset.name} reads from ${from}, which is not among its dependencies`,
    hint: `add ${from} to its \`deps:\`, or write \`schema.table\` for a table that no asset builds`,
  })
}

function formatOf(file: string): ExportRequest['format'] | null {
  switch (extname(file).toLowerCase()) {
    case '.csv':
      return 'csv'
    case '.parquet':
      return 'parquet'
    default:
      return null
  }
}

function about(asset: Asset, key: string) {
  return { at: { file: asset.file, path: ['assets', asset.name, key] }, asset: asset.name }
}
