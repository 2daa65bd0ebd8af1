import { stableJson } from '../lib/json.ts'
import type { Found } from '../model/observation.ts'
import { isObservedHere, isSameRelation, moveOf } from '../model/place.ts'
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import type { Materialization, RecordedObservation } from '../model/record.ts'
import { modeOfVersion, type Version } from '../model/version.ts'
import type { DefinedAsset, Product } from '../ports/batch.ts'
import type { ObserveRequest } from '../ports/kind.ts'
import type {
  Fingerprint,
  FingerprintOptions,
  Inspected,
  Reader,
  Warehouse,
} from '../ports/warehouse.ts'
import { fingerprintShown } from './fingerprint-shown.ts'
import type { FilesOf, ShownFiles } from './shown-files.ts'
import { withSession } from './with-session.ts'

/**
 * Observes the relation of each request and compares it with the record; the result is by asset name.
 * Requests without a relation (ephemerals) are left out. Opens no session if the warehouse's change
 * token proves that nothing changed.
 * - `recorded`: the change token equals the one of the last run, and the record is of this relation
 * - `absent`: the relation does not exist
 * - `present` with a version: an external, or a table whose recorded version can be compared
 * - `present` with version null: a view, or a table without such a record
 * - `unreadable`: the fingerprint failed, or sessions can't see its database; other relations are not affected
 *
 * `filesOf`: the files that hold the rows of a view (SEMANTICS 30). The change token of the warehouse says
 * nothing of them, so they count as recorded only if their own token is the recorded one; else their rows
 * are read through the view.
 *
 * Problems: those of `Warehouse.open` (unreachable, locked by another process).
 */
export async function observeRelations(
  requests: readonly ObserveRequest[],
  warehouse: Warehouse,
  filesOf: FilesOf = () => null,
): Promise<Result<ReadonlyMap<string, Found>>> {
  const found = new Map<string, Found>()
  const open: RelationRequest[] = []
  const token = await warehouse.changeToken()
  for (const request of requests) {
    const { relation } = request.definition
    if (relation === null) continue
    const files = filesOf(request)
    if (files !== null && files.state !== 'exist') {
      found.set(request.asset.name, files)
      continue
    }
    const why = warehouse.whyUnseen(relation)
    if (why !== null) {
      found.set(request.asset.name, { state: 'unreadable', message: why })
      continue
    }
    const isUnchanged = token !== null && token === request.warehouseToken
    const { form, accumulates } = request.definition
    const recorded = form === 'external' ? request.lastObserved : request.record
    // The token proves nothing of a relation that was not observed for this record (SEMANTICS 27).
    const isProved = isUnchanged && (recorded === null || (isOfPlace(request) && isSure(request)))
    // An asset without a record is `missing` even if a relation exists, unless it is incremental.
    const isMissing = form !== 'external' && accumulates === 'no' && recorded === null
    const areFilesProved = files === null || holdsRecorded(request, files.token)
    if (isProved && recorded !== null && areFilesProved) {
      found.set(request.asset.name, { state: 'recorded' })
    } else if (!isProved || !isMissing) open.push({ request, relation, files })
  }
  if (open.length === 0) return ok(found)

  const observed = await withSession(warehouse, (session) =>
    observeWith(session, open, filesOf, (relation) => warehouse.whyUnseen(relation)),
  )
  if (!observed.ok) return observed
  for (const [asset, one] of observed.value) found.set(asset, one)
  return ok(found)
}

/**
 * Measures the content of one relation: an adopted table, or a view under new inputs. Problems: those
 * of `Warehouse.open`; `relation-missing`; a view that fails.
 */
export async function measureRelation(
  subject: DefinedAsset,
  warehouse: Warehouse,
  filesOf: FilesOf = () => null,
): Promise<Result<Product>> {
  const { relation } = subject.definition
  if (relation === null) {
    return fail(relationMissing(subject, `${subject.asset.name} has no table or view`))
  }
  const measured = await withSession(warehouse, async (session): Promise<Result<Product>> => {
    const inspected = (await session.inspect([relation])).get(relation)
    if (inspected === undefined) {
      const why = warehouse.whyUnseen(relation) ?? `${relation} does not exist`
      return fail(relationMissing(subject, `${subject.asset.name}: ${why}`))
    }
    const options = fingerprintOptions(subject, inspected.kind === 'table')
    const fingerprint = await fingerprintShown(session, relation, options, () => filesOf(subject))
    if (!fingerprint.ok) return fingerprint
    const { installed } = inspected
    return ok({ ...fingerprint.value, installed, source: null, reference: null })
  })
  return measured.ok ? measured.value : measured
}

type ExistingFiles = Extract<ShownFiles, { state: 'exist' }>

type Present = Extract<Found, { state: 'present' }>

interface RelationRequest {
  readonly request: ObserveRequest
  readonly relation: string
  readonly files: ExistingFiles | null
}

/** Whether the last look at an external found out what it holds, or that it does not exist. */
function isSure({ definition, lastObserved }: ObserveRequest): boolean {
  if (definition.form !== 'external' || lastObserved === null) return true
  return !lastObserved.present || lastObserved.version !== null
}

/** Whether what is recorded of an asset is about the relation that its definition names. */
function isOfPlace({ definition, record, lastObserved }: ObserveRequest): boolean {
  if (definition.form !== 'external') return record === null || moveOf(record, definition) === null
  const seen = lastObserved?.shape?.relation ?? null
  return isObservedHere(lastObserved, definition) ?? isSameRelation(seen, definition.relation)
}

/** Observes relations over one reader. Assets with one relation and equal options share a fingerprint. */
async function observeWith(
  reader: Reader,
  requests: readonly RelationRequest[],
  filesOf: FilesOf,
  whyUnseen: Warehouse['whyUnseen'],
): Promise<ReadonlyMap<string, Found>> {
  const inspected = await reader.inspect([...new Set(requests.map(({ relation }) => relation))])
  const fingerprints = new Map<string, Result<Fingerprint>>()
  const observe = async ({ request, relation, files }: RelationRequest): Promise<Found> => {
    const existing = inspected.get(relation)
    if (existing === undefined) {
      const why = whyUnseen(relation)
      return why === null ? { state: 'absent' } : { state: 'unreadable', message: why }
    }
    if (files !== null)
      return observeFileRows(reader, { request, relation, files }, existing, filesOf)
    const unchanged = provenUnchanged(request, existing)
    if (unchanged !== null) return unchanged
    if (!needsFingerprint(request, existing)) return present(existing, null)
    const options = observationOptions(request, existing.kind === 'table')
    const key = stableJson([
      relation,
      options.volatile,
      options.token ?? false,
      options.content ?? false,
      options.before ? modeOfVersion(options.before) : null,
    ])
    const fingerprint = fingerprints.get(key) ?? (await reader.fingerprint(relation, options))
    fingerprints.set(key, fingerprint)
    return presentOrUnreadable(existing, fingerprint)
  }
  const found = new Map<string, Found>()
  for (const one of requests) found.set(one.request.asset.name, await observe(one))
  return found
}

/**
 * Observes a view whose rows are in files. Their token takes the place of a table's change token. The rows
 * are read between two reads of it (SEMANTICS 1).
 */
async function observeFileRows(
  reader: Reader,
  {
    request,
    relation,
    files: { token, hiddenBy },
  }: RelationRequest & { readonly files: ExistingFiles },
  existing: Inspected,
  filesOf: FilesOf,
): Promise<Found> {
  const withToken = token === null ? existing : { ...existing, token }
  const unchanged = provenUnchanged(request, withToken)
  if (unchanged !== null) return unchanged
  const { record } = request
  const isRead = record !== null && (isComparable(record.dataVersion) || token === null)
  if (!isRead) return { ...present(existing, null), token }
  if (hiddenBy !== null) {
    const message = `${hiddenBy} would be read instead of its file; use another working directory`
    return { state: 'unreadable', message }
  }
  const content = await reader.fingerprint(relation, observationOptions(request, false))
  const after = filesOf(request)
  if (after?.state !== 'exist' || after.token !== token) {
    return { state: 'unreadable', message: 'its files changed while they were read' }
  }
  const found = presentOrUnreadable(existing, content)
  return found.state === 'present' ? { ...found, token } : found
}

/** Whether the token of files proves that they hold what the record says. */
function holdsRecorded({ record, lastObserved }: ObserveRequest, token: string | null): boolean {
  if (token === null || record === null) return false
  if (record.token === token) return true
  const { dataVersion: version } = record
  return version !== null && lastObserved?.version === version && lastObserved.token === token
}

/**
 * The recorded version, if the table's columns and change token equal the recorded ones: then nothing
 * has to be read. Null without such a proof, or without a recorded version that can be compared.
 */
function provenUnchanged(
  { definition, record, lastObserved }: ObserveRequest,
  existing: Inspected,
): Found | null {
  const { token, shape, installed } = existing
  if (token === undefined) return null
  const proves = (recorded: Pick<RecordedObservation, 'version' | 'shape' | 'token'>) =>
    recorded.token === token &&
    recorded.shape?.relation === shape.relation &&
    recorded.shape.columns === shape.columns &&
    isComparable(recorded.version)
  if (definition.form === 'external') {
    if (lastObserved === null || !proves(lastObserved)) return null
    return { state: 'present', version: lastObserved.version, shape, installed, token, rows: null }
  }
  if (record === null) return null
  const { dataVersion: version, rows } = record
  // The table was written to after the build, and an observation then found the recorded content.
  const isObservedEqual =
    lastObserved !== null && lastObserved.version === version && proves(lastObserved)
  if (!isObservedEqual && !proves({ ...record, version })) return null
  return { state: 'present', version, shape, installed, token, rows }
}

/** Whether a fingerprint has something to be compared with. */
function needsFingerprint({ definition, record }: ObserveRequest, existing: Inspected): boolean {
  if (definition.form === 'external') return true
  if (definition.form !== 'stored' || existing.kind === 'view') return false
  if (record === null || record.dataVersion === null) return false
  return isComparable(record.dataVersion) || record.token !== null
}

/**
 * How to fingerprint a relation for comparison with the record. If the record of an asset that we build
 * has a content hash, hash the content even of a large table: to read it once costs less than a build.
 */
function observationOptions(request: ObserveRequest, isTable: boolean): FingerprintOptions {
  const { definition, record, lastObserved } = request
  const options = fingerprintOptions(request, isTable)
  if (definition.form === 'external') {
    return lastObserved?.version ? { ...options, before: lastObserved.version } : options
  }
  return hasContentVersion(record) ? { ...options, content: true } : options
}

/**
 * How to fingerprint a relation by its asset's policy. A table's change token is read too, unless its
 * version covers the content of all columns, now and in the record: a hash that left columns out can't
 * be compared with one that leaves out others.
 */
export function fingerprintOptions(
  { asset, definition, record }: DefinedAsset & { readonly record?: Materialization | null },
  isTable: boolean,
): FingerprintOptions {
  const { dataVersion, volatileColumns: volatile } = asset.policy
  const mode = dataVersion === 'default' ? definition.dataVersion : dataVersion
  const coversAll = mode === 'content' && volatile.length === 0
  const coveredAll =
    (record?.token ?? null) === null && (record?.dataVersion == null || hasContentVersion(record))
  const before = record?.dataVersion ?? null
  const options = before === null ? { volatile } : { volatile, before }
  return isTable && !(coversAll && coveredAll) ? { ...options, token: true } : options
}

function hasContentVersion(record: Materialization | null | undefined): boolean {
  return record?.dataVersion != null && modeOfVersion(record.dataVersion) === 'content'
}

/** Whether a version is made from the relation itself, so that another look can give an equal one. */
function isComparable(version: Version | null): boolean {
  return version !== null && ['content', 'token'].includes(modeOfVersion(version))
}

function presentOrUnreadable(existing: Inspected, fingerprint: Result<Fingerprint>): Found {
  if (fingerprint.ok) return present(existing, fingerprint.value)
  const message = fingerprint.problems.map((problem) => problem.message).join('; ')
  return { state: 'unreadable', message }
}

function present({ shape, installed }: Inspected, content: Fingerprint | null): Present {
  const { version, rows, token } = content ?? { version: null, rows: null, token: null }
  return { state: 'present', version, shape, installed, token, rows }
}

function relationMissing({ asset }: DefinedAsset, message: string): Problem {
  return {
    code: 'relation-missing',
    message,
    asset: asset.name,
    hint: `assets materialize ${asset.name}`,
  }
}
