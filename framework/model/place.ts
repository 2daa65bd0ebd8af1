import type { Definition } from './definition.ts'
import type { Materialization, RecordedObservation } from './record.ts'

/** What says where an asset is: its relation, or the files that it writes. */
type Placed = Pick<Definition, 'relation' | 'outputs'>

/** Where an asset was built, and where it belongs now, for people. */
export interface Move {
  readonly from: string
  readonly to: string
}

/**
 * Relations are compared without case, because warehouses ignore the case of unquoted names, and without quotes:
 * an earlier version recorded a name with a dot in it without them.
 */
export function isSameRelation(one: string | null, other: string | null): boolean {
  return one === other || (one !== null && other !== null && plain(one) === plain(other))
}

const plain = (relation: string): string => relation.replaceAll('"', '').toLowerCase()

/** Where a record says that its asset is. Records of earlier versions do not name their files. */
export function placeOfRecord({ shape, outputs }: Pick<Materialization, 'shape' | 'outputs'>) {
  return { relation: shape?.relation ?? null, outputs: outputs ?? null }
}

/**
 * Set if the definition puts an asset elsewhere than its record (SEMANTICS 27): another relation, or other
 * files. Null for what is not built here or has no object. A record of an earlier version, which names
 * neither relation nor files, is taken to be at its place: its code version covers the files.
 */
export function moveOf(
  record: Pick<Materialization, 'shape' | 'outputs'>,
  definition: Placed & Pick<Definition, 'form'>,
): Move | null {
  if (definition.form === 'external' || definition.form === 'ephemeral') return null
  const was = placeOfRecord(record)
  if (was.relation === null && was.outputs === null) return null
  const isSame =
    isSameRelation(was.relation, definition.relation) &&
    (definition.relation !== null || isSameList(was.outputs ?? [], definition.outputs))
  if (isSame) return null
  const from = placeText({ relation: was.relation, outputs: was.outputs ?? [] })
  return { from, to: placeText(definition) }
}

/**
 * Whether an observation of an external is of the path or relation that its definition names now. Null if it
 * does not say: an earlier version recorded it.
 */
export function isObservedHere(
  observed: Pick<RecordedObservation, 'codeVersion'> | null,
  { codeVersion }: Pick<Definition, 'codeVersion'>,
): boolean | null {
  const seen = observed?.codeVersion
  return seen === undefined ? null : seen === codeVersion
}

function isSameList(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one, at) => one === others[at])
}

function placeText({ relation, outputs }: Placed): string {
  return relation ?? (outputs.length === 0 ? 'no file' : outputs.join(', '))
}
