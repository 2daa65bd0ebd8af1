import { isSameRelation, placeOfRecord } from './place.ts'
import type { LeftAt, Leftover, Materialization } from './record.ts'

/** Equal for one relation in any case of letters, and for one file. */
export function leftoverKey({ is, place }: LeftAt): string {
  return is === 'relation' ? `relation ${place.toLowerCase()}` : `file ${place}`
}

/** What an asset leaves when its next record is committed. Pure. */
export function leftBehind(before: Materialization, now: Materialization): readonly Leftover[] {
  const [was, is] = [placeOfRecord(before), placeOfRecord(now)]
  const places: LeftAt[] = []
  if (was.relation !== null && !isSameRelation(was.relation, is.relation)) {
    places.push({ is: 'relation', place: was.relation })
  }
  for (const file of was.outputs ?? []) {
    if (!is.outputs?.includes(file)) places.push({ is: 'file', place: file })
  }
  const { asset } = before
  // An older record does not say, but equal code was built in the same way.
  const isSameCode = before.codeVersion === now.codeVersion
  const accumulates = before.accumulates ?? (isSameCode ? now.accumulates : null) ?? null
  return places.map((place) => ({ ...place, asset, run: now.run, accumulates, record: before }))
}

/** What the record of an asset fills, so that it is not left behind. Pure. */
export function filledBy(record: Pick<Materialization, 'shape' | 'outputs'>): readonly LeftAt[] {
  const { relation, outputs } = placeOfRecord(record)
  return [
    ...(relation === null ? [] : [{ is: 'relation', place: relation } as const]),
    ...(outputs ?? []).map((place) => ({ is: 'file', place }) as const),
  ]
}
