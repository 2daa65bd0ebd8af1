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
    named({ ...at, path: [...at.path, 'select'] }, select, false),
    ...(exclude === null ? [] : [named({ ...at, path: [...at.path, 'exclude'] }, exclude, true)]),
  ])
  const selectors = Object.keys(project.selectors).map((name) =>
    named({ file, path: ['selectors', name] }, `selector:${name}`, true),
  )
  const reported = new Set<string>()
  const problems: Problem[] = []
  for (const { at, args, mayBeEmpty } of [...selectors, ...jobs]) {
    const chosen = await choose(args, { ...choosing, stateless: true, mayBeEmpty })
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
  readonly mayBeEmpty: boolean
}

function named(at: Pointer, expression: string, mayBeEmpty: boolean): Named {
  return { at, args: { select: [expression], exclude: [] }, mayBeEmpty }
}
