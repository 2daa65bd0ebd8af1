import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

declare const __BUILD_ID__: string | undefined

/** Names the bundle that runs, so that it trusts no cache of another; sources that run unbundled have none. */
export const buildId = typeof __BUILD_ID__ === 'undefined' ? 'sources' : __BUILD_ID__

/** The package's version. Bundled code lies one folder below the package, sources lie deeper. */
export function version(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name: string
        version: string
      }
      if (name === 'assets') return version
    } catch {
      // Not the package's folder; look further up.
    }
    if (dirname(folder) === folder) return '0.0.0'
  }
}
