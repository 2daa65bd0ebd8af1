import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { stableJson } from '../lib/json.ts'
import { type KnownFolders, realPlace } from '../lib/real-place.ts'
import type { Definition } from '../model/definition.ts'
import { leftoverKey } from '../model/leftover.ts'
import { ok, ProblemError, type Result } from '../model/problem.ts'
import { isStated } from '../model/project.ts'
import type { Leftover } from '../model/record.ts'
import { modeOfVersion } from '../model/version.ts'
import type { LeftoverFound } from '../plan/leftovers.ts'
import type { Site } from '../ports/site.ts'
import type { StateReader } from '../ports/state.ts'
import type { Inspected, Session, Warehouse } from '../ports/warehouse.ts'

/**
 * Looks at what moved assets left, by `leftoverKey`. A relation is compared with its last record, by its
 * change token or its content. If the warehouse can't be looked at, its relations are `unknown`. A file that a
 * definition names by another path is not left (SEMANTICS 50), so it is `absent`.
 */
export async function lookAtLeftovers(
  leftovers: readonly Leftover[],
  site: Site,
  definitions: ReadonlyMap<string, Pick<Definition, 'outputs'>>,
): Promise<ReadonlyMap<string, LeftoverFound>> {
  const found = new Map<string, LeftoverFound>()
  const relations = leftovers.filter(({ is }) => is === 'relation')
  const files = leftovers.filter(({ is }) => is === 'file')
  const filled = files.length === 0 ? new Set<string>() : filledPlaces(definitions, site)
  for (const file of files) found.set(leftoverKey(file), await fileFound(file, site, filled))
  if (relations.length === 0) return found
  const looked = await withSession(site, (session, warehouse) =>
    relationsFound(relations, session, warehouse, site),
  )
  for (const leftover of relations) {
    const key = leftoverKey(leftover)
    const message = looked.ok ? '' : (looked.problems[0]?.message ?? 'it could not be looked at')
    const one = looked.ok ? looked.value.get(key) : undefined
    found.set(key, one ?? { state: 'unknown', message })
  }
  return found
}

/**
 * The relations, in lower case, that other targets with the same warehouse settings have built, as far as
 * this state knows them. A warehouse that is not stated may be that of any target. Problems: the state can't be read.
 */
export async function relationsOfOtherTargets(
  state: StateReader,
  { project, target }: Site,
): Promise<Result<ReadonlySet<string>>> {
  const settings = (name: string) => {
    const warehouse = project.targets[name]?.warehouse ?? null
    if (warehouse === null) return null
    return isStated(warehouse) ? stableJson([warehouse.type, warehouse.settings]) : ANY
  }
  const own = settings(target.name)
  const isApart = (other: string | null) => other !== own && own !== ANY && other !== ANY
  const relations = new Set<string>()
  for (const name of Object.keys(project.targets)) {
    if (name === target.name || isApart(settings(name))) continue
    const snapshot = await state.snapshot(name)
    if (!snapshot.ok) return snapshot
    for (const { shape } of snapshot.value.records.values()) {
      if (shape?.relation != null) relations.add(shape.relation.toLowerCase())
    }
  }
  return ok(relations)
}

/** The settings of a warehouse that only an adapter knows. */
const ANY = 'any'

/** Calls `use` with a session of the target's warehouse. Problems: those of opening it and of reading. */
export async function withSession<T>(
  site: Site,
  use: (session: Session, warehouse: Warehouse) => Promise<T>,
): Promise<Result<T>> {
  const warehouse = await site.warehouse()
  if (!warehouse.ok) return warehouse
  const session = await warehouse.value.open()
  if (!session.ok) return session
  try {
    return ok(await use(session.value, warehouse.value))
  } catch (error) {
    if (error instanceof ProblemError) return { ok: false, problems: error.problems }
    throw error
  } finally {
    await session.value.close()
  }
}

/** Where the files of all definitions are, once links are followed. */
function filledPlaces(
  definitions: ReadonlyMap<string, Pick<Definition, 'outputs'>>,
  { root }: Site,
): ReadonlySet<string> {
  const known: KnownFolders = new Map()
  const places = new Set<string>()
  for (const { outputs } of definitions.values()) {
    for (const file of outputs) places.add(realPlace(resolve(root, file), known))
  }
  return places
}

async function fileFound(
  { place }: Leftover,
  { root }: Site,
  filled: ReadonlySet<string>,
): Promise<LeftoverFound> {
  if (filled.has(realPlace(resolve(root, place)))) return { state: 'absent' }
  try {
    await stat(resolve(root, place))
    return { state: 'present', kind: 'file', isAsRecorded: false, views: [] }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const isGone = code === 'ENOENT' || code === 'ENOTDIR'
    return isGone ? { state: 'absent' } : { state: 'unknown', message }
  }
}

/** What is at each relation, by `leftoverKey`. Throws a `ProblemError`. */
async function relationsFound(
  leftovers: readonly Leftover[],
  session: Session,
  warehouse: Warehouse,
  site: Site,
): Promise<ReadonlyMap<string, LeftoverFound>> {
  const places = leftovers.map(({ place }) => place)
  const inspected = await session.inspect(places)
  const views = inspected.size === 0 ? new Map() : await session.viewsOver([...inspected.keys()])
  const found = new Map<string, LeftoverFound>()
  for (const leftover of leftovers) {
    const { place } = leftover
    const existing = inspected.get(place)
    const unseen = warehouse.whyUnseen(place)
    const one: LeftoverFound =
      existing === undefined
        ? unseen === null
          ? { state: 'absent' }
          : { state: 'unknown', message: unseen }
        : {
            state: 'present',
            kind: existing.kind,
            isAsRecorded: await isAsRecorded(leftover, existing, session, site),
            views: views.get(place) ?? [],
          }
    found.set(leftoverKey(leftover), one)
  }
  return found
}

/** Whether a relation is proved to be what was recorded of it. Without proof it is not. */
async function isAsRecorded(
  { asset, place, record, accumulates }: Leftover,
  existing: Inspected,
  session: Session,
  site: Site,
): Promise<boolean> {
  const { installed, token, dataVersion, shape } = record
  if (existing.kind === 'view' || installed !== null) {
    return existing.kind === 'view' && installed !== null && existing.installed === installed
  }
  if (existing.shape.columns !== shape?.columns) return false
  // Equal tokens prove it without reading the table; other ones are a write by someone.
  if (existing.token !== undefined && token !== null) return existing.token === token
  // It is kept in any case, so it need not be read.
  if (accumulates !== 'no') return false
  const volatile = site.project.assets.get(asset)?.policy.volatileColumns ?? []
  const isContent = dataVersion !== null && modeOfVersion(dataVersion) === 'content'
  if (!isContent && token === null) return false
  const options = {
    volatile,
    content: true,
    ...(isContent ? {} : { token: true as const }),
  } as const
  const print = await session.fingerprint(place, options)
  if (!print.ok) return false
  return isContent ? print.value.version === dataVersion : print.value.token === token
}
