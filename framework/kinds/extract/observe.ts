import { groupBy } from '../../lib/group-by.ts'
import type { Json } from '../../lib/json.ts'
import type { Found, Observation } from '../../model/observation.ts'
import type { Problem } from '../../model/problem.ts'

import type { Observations, ObserveRequest } from '../../ports/kind.ts'
import type { SeenPublication } from '../../ports/publisher.ts'
import type { Site } from '../../ports/site.ts'
import { observeFiles, type Reading, recordedFiles } from '../observe-files.ts'
import {
  type Publication,
  type PublishedRecord,
  publicationOf,
  publishedRecord,
} from './publication.ts'

/** How long a look at a publication counts for a command that looks sparingly (SEMANTICS 52). A week, in milliseconds. */
const LOOK_COUNTS = 7 * 24 * 3_600_000
/** A look within this time is not written into the record again, in milliseconds. */
const LOOK_IS_NEW = 3_600_000

/** An extract whose file is there, and what its record says of its publication. */
interface ToLookAt {
  readonly asset: ObserveRequest['asset']
  readonly publication: Publication
  readonly published: PublishedRecord
}

/** Observes the files of extracts, and what is published of them. */
export async function observeExtracts(
  requests: readonly ObserveRequest[],
  site: Site,
  readingOf: (request: ObserveRequest) => Reading,
): Promise<Observations> {
  const found = new Map<string, Found>()
  const toLookAt: ToLookAt[] = []
  for (const request of requests) {
    const { asset, definition } = request
    const files = await observeFiles(
      site.root,
      definition.outputs,
      recordedFiles(request),
      readingOf(request),
    )
    const next = await publicationState(request, files, site)
    found.set(asset.name, 'state' in next ? next : files)
    if (!('state' in next)) toLookAt.push(next)
  }
  const positions = new Map<string, Json>()
  const problems: Problem[] = []
  for (const group of groupBy(toLookAt, ({ publication }) => publication.connection).values()) {
    const { seen, problems: ofGroup } = await lookAt(group, site)
    problems.push(...ofGroup)
    for (const { asset, published } of group) {
      const now = seen.get(asset.name)
      if (now?.is === 'as_published') {
        const lookedAt = site.clock()
        const isNew = Math.abs(lookedAt - published.lookedAt) < LOOK_IS_NEW
        if (!isNew) positions.set(asset.name, { ...published, lookedAt })
      } else found.set(asset.name, foundOf(now, asset.name, ofGroup))
    }
  }
  const observations = new Map<string, Observation>()
  const at = site.clock()
  for (const [name, one] of found) {
    observations.set(name, { at, found: one, probe: { answer: 'not_asked' } })
  }
  return { observations, positions, problems }
}

/** What is found of an extract without a look at the service; or what must be looked at. */
async function publicationState(
  { asset, record, lastObserved, sparing }: ObserveRequest,
  files: Found,
  site: Site,
): Promise<Found | ToLookAt> {
  const publication = publicationOf(asset, site.target)
  // What will be built is looked at by its build.
  const isThere = files.state === 'recorded' || files.state === 'present'
  if (publication === null || record === null || !isThere) return files
  const publisher = await site.publisher(publication.connection, asset)
  if (!publisher.ok) return { state: 'unreadable', message: publisher.problems[0]!.message }
  const published = publishedRecord(record.source)
  if (published === null || !publisher.value.holds(published.receipt, publication.place)) {
    const { project, name } = publication.place
    const before = published === null ? '' : `; it is ${published.where}`
    const message = `not published yet as ${name} in project ${project}${before}`
    return { state: 'absent', message }
  }
  const age = site.clock() - published.lookedAt
  const isContradicted = lastObserved !== null && !isAsRecorded(lastObserved, record)
  const counts = sparing && age >= 0 && age < LOOK_COUNTS && !isContradicted
  return counts ? files : { asset, publication, published }
}

/** Whether the last look found the extract as its record says. */
function isAsRecorded(
  last: NonNullable<ObserveRequest['lastObserved']>,
  record: NonNullable<ObserveRequest['record']>,
): boolean {
  return last.present && last.version === record.dataVersion
}

async function lookAt(group: readonly ToLookAt[], site: Site) {
  const { asset, publication } = group[0]!
  const publisher = await site.publisher(publication.connection, asset)
  if (!publisher.ok)
    return { seen: new Map<string, SeenPublication>(), problems: publisher.problems }
  return publisher.value.look(
    group.map(({ asset, publication: { place }, published: { receipt } }) => ({
      ...{ asset: asset.name, place, receipt },
    })),
  )
}

function foundOf(
  seen: SeenPublication | undefined,
  asset: string,
  problems: readonly Problem[],
): Found {
  switch (seen?.is) {
    case 'gone':
      return { state: 'absent', message: seen.message }
    case 'replaced':
      return { state: 'replaced', message: seen.message }
    case 'as_published':
    case undefined:
      return { state: 'unreadable', message: whyUnseen(asset, problems) }
  }
}

/** The problem of the asset itself, or of all. */
function whyUnseen(asset: string, problems: readonly Problem[]): string {
  const own = problems.find((problem) => problem.asset === asset)
  const all = problems.find((problem) => problem.asset === undefined)
  const why = (own ?? all)?.message
  return `its data source could not be looked at${why === undefined ? '' : `: ${why}`}`
}
