import { mkdirSync } from 'node:fs'
import { launch, RunningCommand } from '../../rig/cli.ts'
import type { KillProject } from './place.ts'

/** Where the programs of a project put temporary files. */
export const temporaryFolder = ({ root }: Pick<KillProject, 'root'>): string => `${root}/tmp`

/** Starts `assets materialize` as the leader of a process group. */
export function start(project: KillProject, ...args: readonly string[]): RunningCommand {
  const { root, env } = project
  mkdirSync(temporaryFolder(project), { recursive: true })
  const command = ['materialize', '--threads', '4', ...args]
  const all = { ...env, TMPDIR: temporaryFolder(project) }
  return new RunningCommand(launch(command, root, ['ignore', 'pipe', 'pipe'], all, true))
}

/** Builds a project whole. */
export async function undisturbed(project: KillProject): Promise<void> {
  const { code, stdout, stderr } = await start(project).ended
  if (code !== 0) throw new Error(`an undisturbed run failed:\n${stdout}\n${stderr}`)
}
