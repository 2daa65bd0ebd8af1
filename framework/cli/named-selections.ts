import type { Pointer } from '../model/location.ts'
import type { Problem } from '../model/problem.ts'
import { type Chooser, choose, type SelectArguments } from './selecting.ts'

/**
 * What is wrong with the selections that a project names, each at its place: a job that can't be read
 * would else be told in the night. What a selection holds just now is not looked at. Until dbt's project
 * was read, an unknown name may be a dbt model's and is not reported.
 */
export async function namedSelectionProblems(
  chooser: Omit<Chooser, 'states'>,
  isDbtRead: boolean,
): Promise<readonly Problem[]> {
  const { project } = chooser
  const file = project.files[0] ?? 'assets.yaml'
  const jobs = Object.values(project.jobs).flatMap(({ select, exclude, at }): Named[] => [
    { at: { ...at, path: [...at.path, 'select'] }, args: { select: [select], exclude: [] } },
    ...(exclude === null
      ? []
      : [
          {
            at: { ...at, path: [...at.path, 'exclude'] },
            args: { select: [exclude], exclude: [] },
          },
        ]),
  ])
  const selectors = Object.keys(project.selectors).map(
    (name): Named => ({
      at: { file, path: ['selectors', name] },
      args: { select: [`selector:${name}`], exclude: [] },
    }),
  )
  const told = new Set<string>()
  const problems: Problem[] = []
  for (const { at, args } of [...selectors, ...jobs]) {
    const chosen = await choose(args, { ...chooser, states: async () => STATELESS })
    if (chosen.ok) continue
    const doubtful = isDbtRead ? [] : (chosen.unknownNames ?? [])
    for (const problem of chosen.problems) {
      if (doubtful.includes(problem)) continue
      // A job that uses a broken selector is not broken itself.
      const key = `${problem.message}\n${problem.detail ?? ''}`
      if (!told.has(key)) problems.push({ ...problem, at })
      told.add(key)
    }
  }
  return problems
}

interface Named {
  readonly at: Pointer
  readonly args: SelectArguments
}

const STATELESS = {
  ok: true,
  value: () => ({ verdict: { state: 'fresh' }, recorded: true, outcome: null }) as const,
} as const
