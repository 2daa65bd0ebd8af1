import type { SoakProject } from '../state.ts'
import { accumulating } from './accumulating.ts'
import { checks } from './checks.ts'
import { environment } from './environment.ts'
import { hooks } from './hooks.ts'
import { packages } from './packages.ts'
import { pivots } from './pivots.ts'
import { properties } from './properties.ts'
import { values } from './values.ts'
import { versions } from './versions.ts'
import { whiteSpace } from './white-space.ts'

/** The projects that the generator edits. */
export const PROJECTS: readonly SoakProject[] = [
  packages,
  whiteSpace,
  properties,
  environment,
  accumulating,
  pivots,
  hooks,
  versions,
  values,
  checks,
]
