import type { Verdict } from '../../framework/model/verdict.ts'
import type { FakeProject } from '../rig/fake-project.ts'

/** What `status` says of an asset, and why. */
export async function stateOf(project: FakeProject, name: string): Promise<string> {
  const verdict: Verdict = (await project.status()).get(name)!
  return verdict.state === 'stale'
    ? `stale: ${verdict.reasons.map((reason) => reason.reason).join()}`
    : verdict.state
}

/** Does something just before the point of a run at which an asset is built. */
export function justBefore(project: FakeProject, name: string, act: () => void): void {
  project.onBuild = (built) => {
    if (built === name) act()
    project.onBuild = built === name ? () => {} : project.onBuild
  }
}
