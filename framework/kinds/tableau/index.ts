import { hash } from '../../lib/hash.ts'
import { type Json, stableJson } from '../../lib/json.ts'
import type { Asset } from '../../model/asset.ts'
import type { Definition } from '../../model/definition.ts'
import type { Found, Observation } from '../../model/observation.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import { runVersion } from '../../model/version.ts'
import type { Batch, BatchStep, Product, Report, StepReport } from '../../ports/batch.ts'
import type { Kind } from '../../ports/kind.ts'
import type { Publisher, Refreshed, RefreshedContent } from '../../ports/publisher.ts'
import type { Site } from '../../ports/site.ts'
import { atKey } from '../at-key.ts'
import { isPublishedElsewhere } from '../published-elsewhere.ts'

/** The kind `tableau`: a data source or a workbook that reads the warehouse itself, and is refreshed. */
export function createKind(): Kind {
  return {
    name: 'tableau',
    uses: 'nothing',
    batches: 'apart',
    async define(assets, site) {
      const definitions = new Map<string, Definition>()
      const problems: Problem[] = []
      for (const asset of assets) {
        const publisher = await publisherOf(asset, site)
        if (asset.deps.length === 0 && asset.policy.freshness == null) {
          problems.push(neverStale(asset))
        }
        if (!publisher.ok) problems.push(...publisher.problems)
        else definitions.set(asset.name, definitionOf(asset, publisher.value !== null))
      }
      return { definitions, checks: [], problems, later: null }
    },
    shownIn(asset, { connections }) {
      const connection = String(asset.spec.connection)
      if (!Object.hasOwn(connections, connection)) return null
      const refreshes = contentOf(asset)
      return { connection, project: refreshes.project, publishes: null, refreshes }
    },
    // What Tableau has read can't be seen: it exists if it has a record of this service.
    async observe(requests, site) {
      const observations = new Map<string, Observation>()
      for (const { asset, record } of requests) {
        const publisher = await publisherOf(asset, site)
        const service = publisher.ok ? publisher.value : null
        const isElsewhere = record !== null && service?.hasRefreshed(record.source) === false
        const found: Found = isElsewhere
          ? { state: 'absent', message: 'it was refreshed on another server or site' }
          : { state: record === null ? 'absent' : 'recorded' }
        observations.set(asset.name, { at: site.clock(), found, probe: { answer: 'not_asked' } })
      }
      return ok({ observations, positions: new Map(), problems: [] })
    },
    measure: async ({ asset }) => fail(notMeasurable(asset)),
    async run(batch, report, site) {
      for (const step of batch.steps) await report(await refreshStep(step, batch, report, site))
    },
    close: async () => {},
    rebuilder: { unverifiable: 'a refresh: Tableau does not show what it has read' },
  }
}

/** The service of an asset; null if this target does not have it, and another one does. Problems: those of its creation. */
async function publisherOf(asset: Asset, site: Site): Promise<Result<Publisher | null>> {
  const name = String(asset.spec.connection)
  return isPublishedElsewhere(name, site) ? ok(null) : site.publisher(name, asset)
}

/** Without the connection it has no object, so it is never built. */
function definitionOf(asset: Asset, isHere: boolean): Definition {
  const { refresh, project = null } = asset.spec
  const parts = ['refresh', 'project'].map((label) => ({
    label,
    version: hash(stableJson(label === 'refresh' ? refresh : project)),
    file: asset.file,
  }))
  return {
    asset: asset.name,
    kind: 'tableau',
    form: isHere ? 'stored' : 'ephemeral',
    codeVersion: hash('tableau', ...parts.flatMap(({ label, version }) => [label, version])),
    parts,
    accumulates: 'no',
    relation: null,
    outputs: [],
    unit: null,
    dataVersion: 'content',
    onDrift: 'rebuild',
    clock: false,
    build: null,
  }
}

/** Refreshes what one asset names, and returns the last report. */
async function refreshStep(
  { name, subject }: BatchStep,
  { run, signal }: Batch,
  report: Report,
  site: Site,
): Promise<StepReport> {
  if (subject.is !== 'asset') throw new Error(`${name} is not a refresh`)
  if (signal.aborted) return { step: 'cancelled', name }
  const { asset, inputsCommitted: inputs, unfinished } = subject
  const publisher = await publisherOf(asset, site)
  if (!publisher.ok) return { step: 'failed', name, problem: publisher.problems[0]! }
  if (publisher.value === null) throw new Error(`${name} has no connection here`)
  await report({ step: 'started', name })
  const refreshed = await publisher.value.refresh({
    ...{ asset: name, run, signal, inputs, content: contentOf(asset) },
    unfinished: unfinished?.reference ?? null,
    onReference: (reference) => report({ step: 'reference', name, reference }),
    onProgress: (progress) => report({ step: 'progress', name, ...progress }),
  })
  switch (refreshed.is) {
    case 'refreshed':
      return { step: 'built', name, product: productOf(run, refreshed) }
    case 'failed':
      return signal.aborted
        ? { step: 'cancelled', name }
        : { step: 'failed', name, problem: atKey(asset, refreshed.problem, 'refresh') }
    case 'cancelled':
      if (refreshed.detail !== '') await report({ step: 'note', name, message: refreshed.detail })
      return { step: 'cancelled', name, detail: refreshed.detail }
  }
}

function contentOf({ spec }: Asset): RefreshedContent {
  const refresh = spec.refresh as { readonly datasource?: Json; readonly workbook?: Json }
  const type = refresh.datasource === undefined ? 'workbook' : 'datasource'
  const project = typeof spec.project === 'string' ? spec.project : null
  return { type, name: String(refresh[type]), project }
}

/** Each refresh is another version, as of a command that writes no file. */
function productOf(
  run: number,
  { reference, receipt }: Extract<Refreshed, { readonly is: 'refreshed' }>,
): Product {
  return {
    ...{ version: runVersion(run), shape: null, installed: null, rows: null, bytes: null },
    ...{ token: null, source: receipt, reference },
  }
}

function neverStale({ name, file }: Asset): Problem {
  return {
    code: 'refresh-without-inputs',
    message: `${name} depends on nothing, so it would be refreshed once and never again`,
    at: { file, path: ['assets', name], key: true },
    hint: 'add the models that it reads to `deps:`, or set `freshness:`',
    asset: name,
  }
}

function notMeasurable({ name, file }: Asset): Problem {
  return {
    code: 'output-missing',
    message: `${name} is a refresh: Tableau does not show what it has read`,
    at: { file, path: ['assets', name], key: true },
    hint: 'build it',
    asset: name,
  }
}
