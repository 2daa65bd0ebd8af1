const IDENTITY = 'the position does not name the relations and definitions that it speaks of'
const TEXTS = 'the position does not cover what turns nested values into text'
const FORKS = 'equal snapshots are taken for proof, although history forked'
const CURSOR = 'rows at, without, or below a cursor are not read'

/**
 * Kinds of operations, scenes, events and places that are not played, because the loader is known to be
 * wrong there, each with the reason. `--with KIND` plays one. An entry goes with the fix. A kind is off in all
 * scenes, or in one: `scene: kind`.
 */
export const SWITCHED_OFF: Readonly<Record<string, string>> = {
  standby: FORKS,
  crash: FORKS,
  restore: FORKS,
  'fail over': FORKS,
  'asynchronous commit': FORKS,
  secured: 'row level security: policies, the tables that they read, and the role are not seen',
  catalog: 'some catalogs are written in place, without a transaction id',
  'rename tables': IDENTITY,
  'set schema': IDENTITY,
  'rename schemas': IDENTITY,
  'create again': IDENTITY,
  'view in place of a table': IDENTITY,
  'swap partitions': IDENTITY,
  attach: IDENTITY,
  detach: IDENTITY,
  inherit: IDENTITY,
  redefine: IDENTITY,
  'rename below a view': IDENTITY,
  'rename enum label': TEXTS,
  'rename attribute': TEXTS,
  'rename what a value names': TEXTS,
  'composite with a null field': 'a composite with a null field is loaded as null',
  'extreme number': 'a number that loses digits is not named in _airbyte_meta.changes',
  'key beyond a double': 'keys become equal, and a merge deletes another row',
  'key out of range': 'keys become equal, and a merge deletes another row',
  'tie of an append': CURSOR,
  'update at the cursor of an append': CURSOR,
  'fill again': CURSOR,
  'create a table with a cursor again': CURSOR,
  'null cursor': CURSOR,
  'infinite cursor': CURSOR,
  'NaN cursor': CURSOR,
}

/** Whether a kind, a scene, an event or a place is switched off. */
export const isOff = (name: string): boolean => Object.hasOwn(SWITCHED_OFF, name)
