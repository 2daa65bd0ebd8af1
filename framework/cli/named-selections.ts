import type { Pointer } from '../model/location.ts'
import type { Problem } from '../model/problem.ts'
import { type Choosing, choose, type SelectArguments } from './selecting.ts'

/**
 * The problems of the selections that `jobs:` and `selectors:` name, each at its key. They are
 * evaluated without state: what they select at the moment does not matter.
 */
export async function namedSelectionProblems(choosing: Choosing): Promise<readonly Problem[]> {
  const { project } = choosing.workspace
  const file = project.files[0] ?? 'assets.yaml'
  const jobs = Object.values(project.jobs).flatMap(({ select, exclude, at }) => [
    named({ ...at, path: [...at.path, 'select'] }, select),
    ...(exclude === null ? [] : [named({ ...at, path: [...at.path, 'exclude'] }, exclude)]),
  ])
  const selectors = Object.keys(project.selectors).map((name) =>
    named({ file, path: ['selectors', name] }, `selector:${name}`),
  )
  const reported = new Set<string>()
  const problems: Problem[] = []
  for (const { at, args } of [...selectors, ...jobs]) {
    const chosen = await choose(args, { ...choosing, stateless: true })
    if (chosen.ok) continue
    for (const problem of chosen.problems) {
      // A job that uses a broken selector is reported once, at the selector.
      const key = `${problem.message}\n${problem.detail ?? ''}`
      if (!reported.has(key)) problems.push({ ...problem, at })
      reported.add(key)
    }
  }
  return problems
}

interface Named {
  readonly at: Pointer
  readonly args: SelectArguments
}

function named(at: Pointer, expression: string): Named {
  return { at, args: { select: [expression], exclude: [] } }
}
