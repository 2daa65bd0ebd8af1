import { isGlob, nameGlob } from '../../lib/glob.ts'
import type { Graph } from '../graph.ts'
import type { Expression, Selection } from './ast.ts'
import type { SelectionFacts } from './facts.ts'
import { methodOf } from './methods.ts'
import { MAX_SELECTORS, parseSelector, selectorNames } from './selector.ts'

type Selectors = SelectionFacts['selectors']

/** Whether `select` needs the state of nodes, which must then be observed first. */
export function needsState(selection: Selection, selectors: Selectors): boolean {
  return usesExpression(
    selection,
    selectors,
    (one) => one.op === 'method' && methodOf(one.method)?.needs === 'state',
  )
}

/** Whether `select` needs the facts of dbt's manifest, which must then be read first. */
export function needsDbt(selection: Selection, selectors: Selectors, graph: Graph): boolean {
  return usesExpression(selection, selectors, (one) => needsDbtItself(one, graph))
}

function needsDbtItself(one: Expression, graph: Graph): boolean {
  switch (one.op) {
    case 'method':
      return methodOf(one.method)?.needs === 'dbt'
    case 'bare':
      return one.value.text !== null && !isName(one.value.text, graph)
    case 'around':
      return true
    default:
      return false
  }
}

/** Whether `select` needs facts that only dbt has: YAML can have tags and groups, too. */
export function needsDbtAlone(selection: Selection, selectors: Selectors, graph: Graph): boolean {
  return usesExpression(selection, selectors, (one) => {
    const isShared = one.op === 'method' && (one.method === 'tag' || one.method === 'group')
    return !isShared && needsDbtItself(one, graph)
  })
}

/** Whether a bare text is the name of a node, or a pattern of names of assets. */
function isName(text: string, graph: Graph): boolean {
  if (!isGlob(text)) return graph.indexOf(text) !== undefined
  const matches = nameGlob(text)
  return graph.names.some((name, i) => i < graph.assetCount && matches(name))
}

/** Whether an expression in a selection, or in a selector that it uses, satisfies `predicate`. */
function usesExpression(
  selection: Selection,
  selectors: Selectors,
  predicate: (expression: Expression) => boolean,
): boolean {
  const seen = new Set<string>()
  const visit = (expression: Expression, selectorsAround: number): boolean => {
    if (predicate(expression)) return true
    if (expressionsIn(expression).some((inner) => visit(inner, selectorsAround))) return true
    if (expression.op !== 'method' || expression.method !== 'selector') return false
    // `Evaluation` reports a longer chain.
    if (selectorsAround >= MAX_SELECTORS) return false
    return selectorNames(expression.value.text ?? '', selectors).some((name) => {
      if (seen.has(name) || !Object.hasOwn(selectors, name)) return false
      seen.add(name)
      const parsed = parseSelector(selectors[name]!)
      return parsed.ok && visit(parsed.value, selectorsAround + 1)
    })
  }
  return selection.some((part) => visit(part.expression, 0))
}

function expressionsIn(expression: Expression): readonly Expression[] {
  switch (expression.op) {
    case 'all':
    case 'bare':
    case 'method':
      return []
    case 'union':
    case 'intersection':
      return expression.of
    case 'not':
    case 'walk':
    case 'around':
    case 'sinks':
    case 'roots':
      return [expression.of]
    case 'part':
      return [expression.part.expression]
  }
}
