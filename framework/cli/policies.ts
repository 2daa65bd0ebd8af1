import { withPolicies } from '../config/index.ts'
import { graphOf, graphWithoutEdges } from '../graph/graph.ts'
import type { SelectionFacts } from '../graph/selection/facts.ts'
import { needsDbt, needsDbtAlone, needsState } from '../graph/selection/needs.ts'
import { parseSelection } from '../graph/selection/parse.ts'
import { select } from '../graph/selection/select.ts'
import { type DbtGraph, NO_DBT } from '../model/dbt-facts.ts'
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import type { PolicyRule, Project } from '../model/project.ts'

/** A project with its policies, as far as they have no problems. */
export interface RuledProject {
  readonly project: Project
  readonly problems: readonly Problem[]
}

/**
 * The project with its `policies:`. `dbt` gives the facts of dbt's project, and is called if there are policies; null
 * if they are read later. Problems, each at its policy: a selection that can't be parsed, a name that does not exist,
 * `policy-selection`; a cycle.
 */
export function applyPolicies(project: Project, dbt: (() => DbtGraph) | null): RuledProject {
  if (project.policies.length === 0) return { project, problems: [] }
  const whole = graphOf(project.assets, [])
  const graph = whole.ok ? whole.value : graphWithoutEdges(project.assets)
  const { assets, selectors } = project
  const facts: SelectionFacts = {
    graph,
    assets,
    definitions: new Map(),
    selectors,
    dbt: dbt?.() ?? NO_DBT,
    state: () => {
      throw new Error('the selection of a policy needs no state')
    },
  }
  const problems: Problem[] = whole.ok ? [] : [...whole.problems]
  const bitsOf = (rule: PolicyRule, key: 'select' | 'exclude'): Uint8Array => {
    const text = rule[key]
    const chosen = text === null ? null : chosenBits(text, facts, dbt !== null)
    if (chosen?.ok) return chosen.value
    const at = { ...rule.at, path: [...rule.at.path, key] }
    problems.push(...(chosen?.problems ?? []).map((problem) => ({ ...problem, at })))
    return new Uint8Array(graph.size)
  }
  const applied = project.policies.map((rule) => {
    const left = bitsOf(rule, 'exclude')
    return { rule, bits: bitsOf(rule, 'select').map((bit, i) => bit & ~left[i]!) }
  })
  // What a policy is for depends on the edges.
  return { project: whole.ok ? withPolicies(project, applied) : project, problems }
}

/** Whether an expression selects each node. */
function chosenBits(text: string, facts: SelectionFacts, knowsDbt: boolean): Result<Uint8Array> {
  const parsed = parseSelection([text])
  if (!parsed.ok) return parsed
  if (needsState(parsed.value, facts.selectors)) {
    return fail(unfit('`state:` changes with every build'))
  }
  const { selectors, graph } = facts
  if (!knowsDbt && needsDbtAlone(parsed.value, selectors, graph)) return fail(onlyDbt())
  const chosen = select(parsed.value, null, facts)
  // Of tags and groups, what YAML says is enough if it says something.
  const isAsked = !knowsDbt && needsDbt(parsed.value, selectors, graph)
  if (isAsked && chosen.ok && chosen.value.warnings.length > 0) return fail(onlyDbt())
  return chosen.ok ? ok(chosen.value.bits) : chosen
}

const onlyDbt = () => unfit('only dbt can answer it: set dbt: {models: all}')

function unfit(why: string): Problem {
  return {
    code: 'policy-selection',
    message: `a policy can't be for this selection: ${why}`,
    hint: 'select by name, tag:, group:, kind: or path:',
  }
}
