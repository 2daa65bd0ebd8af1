import type { Json } from '../../lib/json.ts'

// What the state keeps of publications and refreshes, as JSON.

/** What was published, and how Tableau shows it since. */
export interface Receipt {
  readonly service: string
  /** As the YAML names it. */
  readonly project: string
  readonly projectId: string
  readonly name: string
  /** The data source. */
  readonly id: string
  readonly updatedAt: string
  /** Part of its description, so that it says who published it. */
  readonly mark: string
}

/** In the journal, from before a publication is asked for until its commit. */
export interface PublishReference {
  readonly service: string
  readonly project: string
  readonly name: string
  /** The version of the rows. */
  readonly content: string
  readonly mark: string
  /** By Tableau's clock, in milliseconds since the epoch. */
  readonly askedAt: number
  /** null until Tableau has named it. */
  readonly job: string | null
}

/** In the journal, from before a refresh is asked for until its commit. */
export interface RefreshReference {
  readonly service: string
  /** The data source or workbook. */
  readonly id: string
  readonly run: number
  /** Its refreshes that were there before. */
  readonly known: readonly string[]
  /** By Tableau's clock, in milliseconds since the epoch. */
  readonly askedAt: number
  /** null until Tableau has named it. */
  readonly job: string | null
}

export function parseReceipt(value: Json): Receipt | null {
  const texts = textsOf(
    value,
    ...(['service', 'project', 'projectId', 'name', 'id', 'updatedAt', 'mark'] as const),
  )
  return texts === null ? null : (texts as unknown as Receipt)
}

export function parsePublishReference(value: Json): PublishReference | null {
  const texts = textsOf(value, 'service', 'project', 'name', 'content', 'mark')
  const { askedAt } = (value ?? {}) as { readonly askedAt?: Json }
  if (texts === null || typeof askedAt !== 'number') return null
  return { ...(texts as unknown as PublishReference), askedAt, job: jobOf(value) }
}

export function parseRefreshReference(value: Json): RefreshReference | null {
  const texts = textsOf(value, 'service', 'id')
  const { run, askedAt, known } = (value ?? {}) as Readonly<Record<string, Json>>
  if (texts === null || typeof run !== 'number' || typeof askedAt !== 'number') return null
  const before = Array.isArray(known) ? known.map(String) : []
  return { service: texts.service!, id: texts.id!, run, known: before, askedAt, job: jobOf(value) }
}

function jobOf(value: Json): string | null {
  const { job } = value as { readonly job?: Json }
  return typeof job === 'string' ? job : null
}

/** The texts of an object under these keys; null if one is missing. */
function textsOf(value: Json, ...keys: readonly string[]): Record<string, string> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const entries = keys.map((key) => [key, (value as Record<string, Json>)[key]] as const)
  return entries.every(([, text]) => typeof text === 'string')
    ? (Object.fromEntries(entries) as Record<string, string>)
    : null
}

/** The first part of a job's id, for people. */
export const shortId = (id: string): string => id.slice(0, 8)
