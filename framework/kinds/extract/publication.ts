import { basename, extname, resolve } from 'node:path'
import type { Json } from '../../lib/json.ts'
import type { Asset } from '../../model/asset.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { BatchStep, Product, Report } from '../../ports/batch.ts'
import type { ShowingTarget } from '../../ports/kind.ts'
import type { Published, PublishedPlace } from '../../ports/publisher.ts'
import type { Site } from '../../ports/site.ts'
import { atKey } from '../at-key.ts'
import { isPublishedElsewhere } from '../published-elsewhere.ts'
import { type ExtractSpec, outputFile } from './spec.ts'

/** Where an extract is published on a target. */
export interface Publication {
  readonly connection: string
  readonly place: PublishedPlace
  readonly mode: 'create' | 'overwrite'
}

/** What the record of a published extract keeps. */
export interface PublishedRecord {
  /** In the service's own JSON. */
  readonly receipt: Json
  /** The version of the published rows. */
  readonly content: string
  /** Where it is, for people. */
  readonly where: string
  /** When the service last showed it as published: milliseconds since the epoch. */
  readonly lookedAt: number
}

/** The publication that an extract declares; null if it declares none, or the target does not have the connection. */
export function publicationOf(asset: Asset, target: ShowingTarget): Publication | null {
  const declared = declaredIn(asset)
  if (declared === null || !Object.hasOwn(target.connections, declared.connection)) return null
  const { connection, mode = 'create' } = declared
  const named = (text: string) => text.replaceAll('{target}', target.name)
  const to = outputFile(asset, target.name)
  const name = named(declared.name ?? basename(to, extname(to)))
  return { connection, place: { project: named(declared.project), name }, mode }
}

interface Declared {
  readonly connection: string
  readonly project: string
  readonly name?: string
  readonly mode?: Publication['mode']
}

function declaredIn({ spec }: Asset): Declared | null {
  return spec.publish === undefined ? null : (spec.publish as unknown as Declared)
}

/**
 * What is wrong with a publication on this target: no target has the connection, or it is of another type, or it does not
 * take files of the extract's format. `reported`: the connections whose own problems are known, which grows.
 */
export async function publicationProblems(
  asset: Asset,
  spec: ExtractSpec,
  site: Site,
  reported: Set<string>,
): Promise<readonly Problem[]> {
  const declared = declaredIn(asset)
  if (declared === null) return []
  const { connection } = declared
  if (isPublishedElsewhere(connection, site)) return []
  const publisher = await site.publisher(connection, asset)
  if (!publisher.ok) {
    // A connection that can't be used is one problem, however many extracts name it.
    if (reported.has(connection)) return []
    reported.add(connection)
    const at = { file: asset.file, path: ['assets', asset.name, 'publish', 'connection'] }
    return publisher.problems.map((problem) =>
      problem.code === 'no-connection' ? { ...problem, at } : problem,
    )
  }
  const { format } = publisher.value
  if (asset.policy.onDrift === 'adopt') return [adoptsNothing(asset)]
  if (spec.format === format) return []
  return [
    {
      code: 'publish-format',
      message: `${asset.name}: connection ${connection} takes .${format} files, and on target ${site.target.name} the format is ${spec.format}`,
      at: { file: asset.file, path: ['assets', asset.name, 'publish'], key: true },
      hint: `write \`to: ….{format}\` and \`format: {${site.target.name}: ${format}, default: ${spec.format}}\`, or delete \`publish:\``,
      asset: asset.name,
    },
  ]
}

/** Two parts can't be adopted: the file of one program beside the data source of another one. */
function adoptsNothing({ name, file }: Asset): Problem {
  return {
    code: 'publish-adopt',
    message: `${name} is published, and on_drift: adopt would leave a file and a data source with different rows`,
    at: { file, path: ['assets', name, 'publish'], key: true },
    hint: 'remove on_drift, or publish:',
    asset: name,
  }
}

/** What a record says of a publication; null if it says nothing. */
export function publishedRecord(source: Json): PublishedRecord | null {
  if (typeof source !== 'object' || source === null || Array.isArray(source)) return null
  const { receipt, content, where, lookedAt } = source as Partial<PublishedRecord>
  const isWhole = receipt !== undefined && typeof content === 'string' && typeof where === 'string'
  return isWhole && typeof lookedAt === 'number' ? { receipt, content, where, lookedAt } : null
}

/** Of an extract whose publication was moved or removed. */
export const stillThere = ({ where }: PublishedRecord): string =>
  `${where} is still there: delete it there if nobody needs it`

/** A file that was written, and what is to be published of it. */
export interface Publishable {
  readonly step: BatchStep
  readonly asset: Asset
  readonly publication: Publication
  readonly file: string
  readonly product: Product
}

/**
 * Publishes a file and adds the receipt to its product. null: it was cancelled, and that is reported. Problems: those of
 * the service; the file changed while it was hashed.
 */
export async function publishFile(
  { step, asset, publication, file, product }: Publishable,
  work: {
    readonly run: number
    readonly signal: AbortSignal
    readonly report: Report
    readonly site: Site
  },
): Promise<Result<Product> | null> {
  const { run, signal, report, site } = work
  const { name, subject, reasons } = step
  if (subject.is !== 'asset') throw new Error(`${name} is not an extract`)
  if (product.version === null) {
    return fail({
      code: 'output-missing',
      message: `${name}: ${file} changed while it was read, so it is not published`,
      at: { file: asset.file, path: ['assets', name], key: true },
      hint: 'run the same command again, and let nothing write to the file meanwhile',
      asset: name,
    })
  }
  const publisher = await site.publisher(publication.connection, asset)
  if (!publisher.ok) return publisher
  const last = publishedRecord(subject.record?.source ?? null)
  const published: Published = await publisher.value.publish({
    ...{ asset: name, run, signal, content: product.version, last },
    ...{ place: publication.place, mode: publication.mode },
    file: { path: resolve(site.root, file), token: product.token },
    description: asset.description ?? null,
    unfinished: subject.unfinished?.reference ?? null,
    forced: reasons.some(({ reason }) => reason === 'forced'),
    onReference: (reference) => report({ step: 'reference', name, reference }),
    onProgress: (progress) => report({ step: 'progress', name, ...progress }),
  })
  switch (published.is) {
    case 'failed':
      return fail(atKey(asset, published.problem, 'publish'))
    case 'cancelled':
      if (published.detail !== '') await report({ step: 'note', name, message: published.detail })
      await report({ step: 'cancelled', name, detail: published.detail })
      return null
    case 'published': {
      const { receipt, where, reference } = published
      const isElsewhere = last !== null && !publisher.value.holds(last.receipt, publication.place)
      // Another spelling of the same place is no other data source.
      if (isElsewhere && reference !== null) {
        await report({ step: 'note', name, message: stillThere(last) })
      }
      if (reference !== null) {
        await report({ step: 'note', name, message: `published as ${where}` })
      }
      const content = product.version
      const record: PublishedRecord = { receipt, content, where, lookedAt: site.clock() }
      return ok({
        ...product,
        source: { ...record },
        reference: reference ?? subject.record?.reference ?? null,
      })
    }
  }
}
