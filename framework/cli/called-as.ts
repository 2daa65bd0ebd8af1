import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * What a person types for this program: `assets`, `npx assets`, or `npx --package SPEC assets`. `npx`, `npm
 * exec` and package scripts set npm's variables (docs.npmjs.com/cli/using-npm/scripts) for every process
 * below them. So they count only if this package, in `folder`, is one that npx would find again: a global
 * one is on the person's own PATH.
 */
export function calledAs(
  env: Readonly<Record<string, string | undefined>>,
  folder: string,
): string {
  const { npm_config_user_agent: agent, npm_config_local_prefix: project } = env
  if (agent?.startsWith('npm/') !== true || project === undefined) return 'assets'
  if (!NPX_CACHE.test(folder) && !isInstalledFor(project, folder)) return 'assets'
  const spec = env.npm_command === 'exec' ? env.npm_config_package : undefined
  return spec !== undefined && PLAIN.test(spec) ? `npx --package ${spec} assets` : 'npx assets'
}

/** Where npx keeps packages that are not installed: `<cache>/_npx/<hash>/node_modules`. */
const NPX_CACHE = /[\\/]_npx[\\/][0-9a-f]+[\\/]node_modules[\\/]/
/** A package that needs no quotes in a shell. */
const PLAIN = /^[\w@%+=:,./-]+$/

/** True if the package is the project itself, or is installed in its folder or one above, as npx looks for it. */
function isInstalledFor(project: string, folder: string): boolean {
  if (realpath(project) === folder) return true
  for (let above = project; ; above = dirname(above)) {
    if (realpath(join(above, 'node_modules', 'assets')) === folder) return true
    if (dirname(above) === above) return false
  }
}

function realpath(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}
