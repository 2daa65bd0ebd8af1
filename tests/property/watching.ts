import type { Verdict } from '../../framework/model/verdict.ts'
import type { FakeProject } from '../rig/fake-project.ts'

/** The verdict of an asset in `status`, with its reasons. */
export async function stateOf(project: FakeProject, name: string): Promise<string> {
  const verdict: Verdict = (await project.status()).get(name)!
  return verdict.state === 'stale'
    ? `stale: ${verdict.reasons.map((reason) => reason.reason).join()}`
    : verdict.state
}

/** Calls `act` in the next run, just before an asset is built. */
export function justBefore(project: FakeProject, name: string, act: () => void): void {
  project.onBuild = (built) => {
    if (built === name) act()
    project.onBuild = built === name ? () => {} : project.onBuild
  }
}
