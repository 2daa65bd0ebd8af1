import type { Scene } from '../scene.ts'
import { CURSORS, ODD_CURSORS, SERIES } from './cursors.ts'
import { NAMES, PARTITIONS, VIEWS } from './names.ts'
import { SECURED } from './secured.ts'
import { CATALOG, FAMILIES, ITEMS, UNLOGGED } from './tables.ts'
import { REFERENCES, TYPES } from './types.ts'
import { COMPOSITES, KEYS, NUMBERS, TEXTS } from './values.ts'

export const SCENES: readonly Scene[] = [
  ITEMS,
  FAMILIES,
  UNLOGGED,
  CATALOG,
  NAMES,
  PARTITIONS,
  VIEWS,
  TYPES,
  REFERENCES,
  CURSORS,
  SERIES,
  ODD_CURSORS,
  NUMBERS,
  TEXTS,
  COMPOSITES,
  KEYS,
  SECURED,
]
