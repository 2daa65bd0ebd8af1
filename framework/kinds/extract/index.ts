import { hash } from '../../lib/hash.ts'
import { stableJson } from '../../lib/json.ts'
import type { Asset } from '../../model/asset.ts'
import type { CodePart, Definition } from '../../model/definition.ts'
import { ok, type Problem } from '../../model/problem.ts'
import type { Kind } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import { measureFiles, type Reading } from '../observe-files.ts'
import { chartOf, chartProblems } from './chart.ts'
import { columnsInFiles } from './columns-in-files.ts'
import { observeExtracts } from './observe.ts'
import { undeclaredInputs } from './origin.ts'
import { publicationOf, publicationProblems } from './publication.ts'
import { rebuild } from './rebuild.ts'
import { contentOf } from './rows-to-file.ts'
import { runExtracts } from './run.ts'
import { type ExtractSpec, extractSpec, formatTargetProblems, outputFile } from './spec.ts'

/** The kind `extract`: writes the rows of a relation or a query to a file. */
export function createKind(): Kind {
  return {
    name: 'extract',
    uses: 'warehouse',
    batches: 'together',
    async define(assets, site) {
      const definitions = new Map<string, Definition>()
      const problems: Problem[] = []
      const names = new Set(site.project.assets.arrays.names.texts)
      const reported = new Set<string>()
      for (const asset of assets) {
        problems.push(...chartProblems(asset))
        const spec = extractSpec(asset, site.target.name)
        if (spec.ok) {
          problems.push(...(await unavailable(asset, spec.value, site)))
          const misnamed = formatTargetProblems(asset, site.project.targets)
          // A format that is meant for another target would be a problem for the publication, too.
          if (misnamed.length > 0) problems.push(...misnamed)
          else problems.push(...(await publicationProblems(asset, spec.value, site, reported)))
          definitions.set(asset.name, definition(asset, spec.value, site))
          problems.push(...undeclaredInputs(asset, spec.value.origin, names))
        } else {
          problems.push(...spec.problems)
        }
      }
      return { definitions, checks: [], problems, later: null }
    },
    columns: { read: columnsInFiles },
    shownIn(asset, target) {
      const publication = publicationOf(asset, target)
      if (publication === null) return null
      const { project, name } = publication.place
      return { connection: publication.connection, project, publishes: name, refreshes: null }
    },
    writes: { key: 'to', files: (asset, target) => [outputFile(asset, target)] },
    answers(asset, target) {
      const spec = extractSpec(asset, target)
      if (!spec.ok) return null
      const { to, format } = spec.value
      return { file: to, format, chart: chartOf(asset) }
    },
    observe: async (requests, site) =>
      ok(await observeExtracts(requests, site, ({ asset }) => readingOf(asset, site))),
    measure: ({ asset, definition }, site) =>
      measureFiles(
        asset,
        site.root,
        definition.outputs,
        null,
        readingOf(asset, site, 'must be read'),
      ),
    run: runExtracts,
    rebuilder: { rebuild },
    close: async () => {},
  }
}

function definition(asset: Asset, spec: ExtractSpec, site: Site): Definition {
  const publication = publicationOf(asset, site.target)
  const parts: readonly CodePart[] = [
    part('origin', spec.origin),
    part('columns', spec.columns),
    part('order_by', spec.orderBy),
    part('format', spec.format),
    part('to', spec.to),
    ...(publication === null ? [] : [part('publish', publication.place)]),
  ].map((one) => ({ ...one, file: asset.file }))
  return {
    asset: asset.name,
    kind: 'extract',
    form: 'stored',
    codeVersion: hash('extract', ...parts.flatMap(({ label, version }) => [label, version])),
    parts,
    accumulates: 'no',
    relation: null,
    outputs: [spec.to],
    unit: null,
    dataVersion: 'content',
    onDrift: 'rebuild',
    clock: false,
    build: null,
  }
}

/**
 * How the version of an extract's file is made. `must be read`: a file that is none of its format is an error, and not
 * just another file.
 */
function readingOf(asset: Asset, site: Site, how?: 'must be read'): Reading {
  const spec = extractSpec(asset, site.target.name)
  return spec.ok ? { contentOf: contentOf(spec.value.format, site, how) } : {}
}

/** The problem of a format that this machine can't write. */
async function unavailable(
  asset: Asset,
  { format }: ExtractSpec,
  site: Site,
): Promise<readonly Problem[]> {
  if (format !== 'hyper') return []
  const problem = (await site.fileFormat(format)).unavailable()
  const at = { file: asset.file, path: ['assets', asset.name, 'to'] }
  return problem === null ? [] : [{ at, ...problem, asset: asset.name }]
}

function part(label: string, value: unknown): CodePart {
  return { label, version: hash(stableJson(value)) }
}
