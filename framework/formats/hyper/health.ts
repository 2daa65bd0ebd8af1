import { relative } from 'node:path'
import { bad, factOf, good } from '../../model/health-fact.ts'
import type { ExamineTools } from '../../ports/health.ts'
import { findPython } from '../../python/find-python.ts'
import { findInstallation, hyperdIn } from './installation.ts'
import { thisMachine, whyNoHyper } from './platform.ts'

/** Examines what writes .hyper files: the machine, and the environment. Changes nothing and starts no Hyper. */
export const examine: ExamineTools = async function* (site) {
  const why = whyNoHyper(thisMachine())
  if (why !== null) {
    yield bad(
      'machine',
      `Hyper, which writes .hyper files, does not run here: ${why}`,
      'write .csv or .parquet files',
    )
    return
  }
  yield good('machine', 'Hyper has a build for it')
  const found = findInstallation(site)
  if (!found.ok) {
    yield* found.problems.map((problem) => factOf('environment', problem))
    return
  }
  const { environment, isComplete } = found.value
  const inside = relative(site.root, environment.folder)
  const path = inside === '' || inside.startsWith('..') ? environment.folder : inside
  if (isComplete && hyperdIn(environment.folder) !== null) {
    yield good('environment', path)
  } else if (environment.requirements === null) {
    yield bad(
      'environment',
      `${path}, set by ASSETS_HYPER_PYTHON_ENV, has no tableauhyperapi`,
      `install it: ${environment.python} -m pip install tableauhyperapi, or unset the variable`,
    )
  } else {
    const python = await findPython(site.env, 'Hyper')
    if (!python.ok) yield factOf('python', python.problems[0]!)
    yield good(
      'environment',
      'not created yet: the first build of a .hyper file creates it (91 MB to download, 305 MB on the disk)',
    )
  }
}
