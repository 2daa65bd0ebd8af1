import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

declare const __BUILD_ID__: string | undefined

/** Identifies the running bundle, so that it ignores the caches of other bundles. */
export const buildId = typeof __BUILD_ID__ === 'undefined' ? 'sources' : __BUILD_ID__

interface OwnPackage {
  readonly version: string
  /** A real path: a folder above this file. */
  readonly folder: string
}

let own: OwnPackage | null = null

/** The package that this program is part of. */
export function ownPackage(): OwnPackage {
  own ??= findPackage()
  return own
}

/** The version in the package's own package.json. */
export const version = (): string => ownPackage().version

function findPackage(): OwnPackage {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name: string
        version: string
      }
      if (name === 'assets') return { version, folder }
    } catch {
      // This folder has no package.json. Try the folder above.
    }
    if (dirname(folder) === folder) return { version: '0.0.0', folder }
  }
}
