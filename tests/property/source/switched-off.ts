/**
 * Kinds of operations, scenes, events and places that are not played, because the loader is known to be
 * wrong there, each with the reason. `--with KIND` plays one. An entry goes with the fix. A kind is off in all
 * scenes, or in one: `scene: kind`.
 */
export const SWITCHED_OFF: Readonly<Record<string, string>> = {
  'composite with a null field': 'a composite with a null field is loaded as null',
  'add attribute': 'a composite with a null field is loaded as null',
  'lost below a cursor':
    'after a restore, a load goes on from its cursor, and keeps rows that the source lost',
  'extreme number': 'a number that loses digits is not named in _airbyte_meta.changes',
  'key beyond a double': 'keys become equal, and a merge deletes another row',
  'key out of range': 'keys become equal, and a merge deletes another row',
}

/** Whether a kind, a scene, an event or a place is switched off. */
export const isOff = (name: string): boolean => Object.hasOwn(SWITCHED_OFF, name)
