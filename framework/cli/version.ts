import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

declare const __BUILD_ID__: string | undefined

/** Identifies the running bundle, so that it ignores the caches of other bundles. */
export const buildId = typeof __BUILD_ID__ === 'undefined' ? 'sources' : __BUILD_ID__

/** The version in the package's own package.json, which is in a folder above this file. */
export function version(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name: string
        version: string
      }
      if (name === 'assets') return version
    } catch {
      // This folder has no package.json. Try the folder above.
    }
    if (dirname(folder) === folder) return '0.0.0'
  }
}
