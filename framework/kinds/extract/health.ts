import type { ExamineTools } from '../../ports/health.ts'
import { extractSpec } from './spec.ts'

/** The examination of what writes .hyper files, if an extract of the target is one. `hyper`: the format's own. */
export function createExamine(hyper: ExamineTools): ExamineTools {
  return async function* (site, signal) {
    const { project, target } = site
    for (const name of project.assets.arrays.names.texts) {
      const asset = project.assets.get(name)
      if (asset?.kind !== 'extract') continue
      const spec = extractSpec(asset, target.name)
      if (!spec.ok || spec.value.format !== 'hyper') continue
      yield* hyper(site, signal)
      return
    }
  }
}
