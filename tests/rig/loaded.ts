import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type CliProject, type CliResult, REPOSITORY } from './cli.ts'

/** The result of a command, with what it loaded and started. */
export interface TrackedResult extends CliResult {
  /** Native libraries by package: `duckdb`, `sqlite`. */
  readonly native: readonly string[]
  /** The programs that were started. */
  readonly spawned: readonly string[]
}

/** Runs a command and records the native libraries it loads and the programs it starts. */
export async function runTracked(
  place: CliProject,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<TrackedResult> {
  const file = join(place.root, '.loaded')
  rmSync(file, { force: true })
  const preload = join(REPOSITORY, 'tests/rig/loaded-libraries.cjs')
  const answer = await place.start(args, {
    NODE_OPTIONS: `--require=${preload}`,
    ASSETS_LOADED: file,
    ...env,
  }).ended
  const { native, spawned } = JSON.parse(readFileSync(file, 'utf8')) as {
    native: string[]
    spawned: string[]
  }
  return { ...answer, native, spawned }
}
