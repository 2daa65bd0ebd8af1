import { withPolicies } from '../config/index.ts'
import { graphOf } from '../graph/graph.ts'
import { needsDbt, needsState } from '../graph/selection/needs.ts'
import { parseSelection } from '../graph/selection/parse.ts'
import { select } from '../graph/selection/select.ts'
import { type DbtGraph, NO_DBT } from '../model/dbt-facts.ts'
import { ok, type Problem, type Result } from '../model/problem.ts'
import type { PolicyRule, Project } from '../model/project.ts'

/**
 * The project with its `policies:`. `dbt`: the facts of dbt's project; null if it is read later. Problems, each at
 * its policy: a selection that can't be parsed, a name that does not exist, `policy-selection`; a cycle.
 */
export function applyPolicies(project: Project, dbt: DbtGraph | null): Result<Project> {
  if (project.policies.length === 0) return ok(project)
  const graph = graphOf(project.assets, [])
  if (!graph.ok) return graph
  const { assets, selectors } = project
  const facts = {
    ...{ graph: graph.value, assets, definitions: new Map(), selectors, dbt: dbt ?? NO_DBT },
    state: () => {
      throw new Error('the selection of a policy needs no state')
    },
  }
  const problems: Problem[] = []
  const bitsOf = (rule: PolicyRule, key: 'select' | 'exclude'): Uint8Array => {
    const none = new Uint8Array(graph.value.size)
    const text = rule[key]
    if (text === null) return none
    const at = { ...rule.at, path: [...rule.at.path, key] }
    const parsed = parseSelection([text])
    const chosen = !parsed.ok
      ? parsed
      : needsState(parsed.value, selectors)
        ? { ok: false as const, problems: [unfit('`state:` changes with every build')] }
        : dbt === null && needsDbt(parsed.value, selectors, graph.value)
          ? {
              ok: false as const,
              problems: [unfit('only dbt can answer it: set dbt: {models: all}')],
            }
          : select(parsed.value, null, facts)
    if (chosen.ok) return chosen.value.bits
    problems.push(...chosen.problems.map((problem) => ({ ...problem, at })))
    return none
  }
  const applied = project.policies.map((rule) => {
    const left = bitsOf(rule, 'exclude')
    return { rule, bits: bitsOf(rule, 'select').map((bit, i) => bit & ~left[i]!) }
  })
  return problems.length > 0 ? { ok: false, problems } : ok(withPolicies(project, applied))
}

function unfit(why: string): Problem {
  return {
    code: 'policy-selection',
    message: `a policy can't be for this selection: ${why}`,
    hint: 'select by name, tag:, group:, kind: or path:',
  }
}
