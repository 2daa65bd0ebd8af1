import { stableJson } from '../lib/json.ts'
import type { Found } from '../model/observation.ts'
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import { type Materialization, type RecordedObservation, WAREHOUSE_TOKEN } from '../model/record.ts'
import { modeOfVersion } from '../model/version.ts'
import type { DefinedAsset, Product } from '../ports/batch.ts'
import type { ObserveRequest } from '../ports/kind.ts'
import type {
  Fingerprint,
  FingerprintOptions,
  Inspected,
  Reader,
  Warehouse,
} from '../ports/warehouse.ts'
import { withSession } from './with-session.ts'

/**
 * What is found at the relation of each request, by asset name; requests without a relation
 * (ephemerals) are left out. Opens no session when the warehouse's gate proves that nothing moved.
 * - no such relation: `absent`
 * - a table whose record holds a version, and any external: `present` with its fingerprint
 * - a view, a table without a record: `present`, version null
 *
 * Problems: those of `Warehouse.open` (unreachable, locked by another process). A relation that
 * can't be hashed is `unreadable` and hides none of the others.
 */
export async function observeRelations(
  requests: readonly ObserveRequest[],
  warehouse: Warehouse,
): Promise<Result<ReadonlyMap<string, Found>>> {
  const found = new Map<string, Found>()
  const open: Located[] = []
  const gate = await warehouse.changeToken()
  for (const request of requests) {
    const { relation } = request.definition
    if (relation === null) continue
    const proved = gate !== null && gate === request.changeTokens.get(WAREHOUSE_TOKEN)
    const { form, accumulates } = request.definition
    const known = form === 'external' ? request.lastObserved : request.record
    // What was never built is missing whatever lies there, unless it would go on from what it finds.
    const indifferent = form !== 'external' && accumulates === 'no' && known === null
    if (proved && known !== null) found.set(request.asset.name, { state: 'recorded' })
    else if (!proved || !indifferent) open.push({ request, relation })
  }
  if (open.length === 0) return ok(found)

  const read = await withSession(warehouse, (session) => readRelations(open, session))
  if (!read.ok) return read
  for (const [asset, there] of read.value) found.set(asset, there)
  return ok(found)
}

/**
 * The content of one relation as it stands: an adopted table, or a view under new inputs.
 * Problems: those of `Warehouse.open`; the asset has no relation or it is gone; a view that fails.
 */
export async function measureRelation(
  subject: DefinedAsset,
  warehouse: Warehouse,
): Promise<Result<Product>> {
  const { relation } = subject.definition
  if (relation === null)
    return fail(missing(subject, `${subject.asset.name} has no table or view of its own`))
  const measured = await withSession(warehouse, async (session): Promise<Result<Product>> => {
    const inspected = (await session.inspect([relation])).get(relation)
    if (inspected === undefined) {
      return fail(missing(subject, `${subject.asset.name}: ${relation} does not exist`))
    }
    const isTable = inspected.kind === 'table'
    const fingerprint = await session.fingerprint(relation, wantedOf(subject, isTable))
    if (!fingerprint.ok) return fingerprint
    const { installed } = inspected
    return ok({ ...fingerprint.value, installed, source: null, reference: null })
  })
  return measured.ok ? measured.value : measured
}

interface Located {
  readonly request: ObserveRequest
  readonly relation: string
}

async function readRelations(
  requests: readonly Located[],
  reader: Reader,
): Promise<ReadonlyMap<string, Found>> {
  const inspected = await reader.inspect([...new Set(requests.map(({ relation }) => relation))])
  const fingerprints = new Map<string, Result<Fingerprint>>()
  const found = new Map<string, Found>()
  for (const { request, relation } of requests) {
    const there = inspected.get(relation)
    const untouched = there === undefined ? null : asKnown(request, there)
    if (there === undefined) {
      found.set(request.asset.name, { state: 'absent' })
    } else if (untouched !== null) {
      found.set(request.asset.name, untouched)
    } else if (wantsContent(request, there)) {
      const wanted = lookedFor(request, there.kind === 'table')
      const key = stableJson([
        relation,
        wanted.volatile,
        wanted.token ?? false,
        wanted.content ?? false,
        wanted.before ? modeOfVersion(wanted.before) : null,
      ])
      const known = fingerprints.get(key) ?? (await reader.fingerprint(relation, wanted))
      fingerprints.set(key, known)
      found.set(request.asset.name, withContent(there, known))
    } else {
      found.set(request.asset.name, present(there, null))
    }
  }
  return found
}

/**
 * A table whose columns and token are those that are known holds what it held then, and nobody has to
 * read it. Null where there is no such proof, or no content to speak of.
 */
function asKnown(
  { definition, record, lastObserved }: ObserveRequest,
  there: Inspected,
): Found | null {
  if (there.token === undefined) return null
  const { shape, installed } = there
  const isProof = (known: Pick<RecordedObservation, 'version' | 'shape' | 'token'>) =>
    known.token === there.token &&
    known.shape?.relation === shape.relation &&
    known.shape.columns === shape.columns &&
    /^[ct]:/.test(known.version ?? '')
  const { token } = there
  if (definition.form === 'external') {
    if (lastObserved === null || !isProof(lastObserved)) return null
    return { state: 'present', version: lastObserved.version, shape, installed, token, rows: null }
  }
  if (record === null) return null
  const { dataVersion: version, rows } = record
  // Written to since it was built, and then found to hold the same after all.
  const isSameAgain =
    lastObserved !== null && lastObserved.version === version && isProof(lastObserved)
  if (!isSameAgain && !isProof({ ...record, version })) return null
  return { state: 'present', version, shape, installed, token, rows }
}

/** A hash is worth taking only where there is something to compare it with. */
function wantsContent({ definition, record }: ObserveRequest, there: Inspected): boolean {
  if (definition.form === 'external') return true
  if (definition.form !== 'stored' || there.kind === 'view') return false
  const recorded = record?.dataVersion ?? null
  return recorded !== null && (/^[ct]:/.test(recorded) || record!.token !== null)
}

/**
 * What tells whether something is as it was. Of what we build the content counts, however large it has
 * become, as long as a hash of it is recorded: to read it once costs less than to build it again.
 */
function lookedFor(request: ObserveRequest, isTable: boolean): FingerprintOptions {
  const { definition, record, lastObserved } = request
  const wanted = wantedOf(request, isTable)
  if (definition.form === 'external') {
    return lastObserved?.version ? { ...wanted, before: lastObserved.version } : wanted
  }
  return isHashed(record) ? { ...wanted, content: true } : wanted
}

/** Whether the recorded version is a hash of the content. */
function isHashed(record: Materialization | null | undefined): boolean {
  return record?.dataVersion != null && modeOfVersion(record.dataVersion) === 'content'
}

/**
 * What to look at: the content as its policy sees it, and of a table also whether anybody wrote to it,
 * where its version is another than that, or was when it was recorded, or is of some columns only: what
 * was hashed without others can't be compared once those are named otherwise.
 */
export function wantedOf(
  { asset, definition, record }: DefinedAsset & { readonly record?: Materialization | null },
  isTable: boolean,
): FingerprintOptions {
  const { dataVersion, volatileColumns: volatile } = asset.policy
  const mode = dataVersion === 'default' ? definition.dataVersion : dataVersion
  const isPlain = mode === 'content' && volatile.length === 0
  const wasPlain =
    (record?.token ?? null) === null && (record?.dataVersion == null || isHashed(record))
  const before = record?.dataVersion
  const known = before === null || before === undefined ? {} : { before }
  return isTable && !(isPlain && wasPlain)
    ? { volatile, token: true, ...known }
    : { volatile, ...known }
}

function withContent(there: Inspected, fingerprint: Result<Fingerprint>): Found {
  if (fingerprint.ok) return present(there, fingerprint.value)
  const message = fingerprint.problems.map((problem) => problem.message).join('; ')
  return { state: 'unreadable', message }
}

function present({ shape, installed }: Inspected, content: Fingerprint | null): Found {
  const { version, rows, token } = content ?? { version: null, rows: null, token: null }
  return { state: 'present', version, shape, installed, token, rows }
}

function missing({ asset }: DefinedAsset, message: string): Problem {
  return {
    code: 'relation-missing',
    message,
    asset: asset.name,
    hint: `assets materialize ${asset.name}`,
  }
}
