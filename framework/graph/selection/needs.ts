import { isGlob } from '../../lib/glob.ts'
import type { Graph } from '../graph.ts'
import type { Expression, Selection } from './ast.ts'
import type { SelectionFacts } from './facts.ts'
import { methodOf } from './methods.ts'
import { parseSelector } from './selector.ts'

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
  return usesExpression(selection, selectors, (one) => {
    if (one.op === 'method') return methodOf(one.method)?.needs === 'dbt'
    const text = one.op === 'bare' ? one.value.text : null
    if (text === null || graph.indexOf(text) !== undefined) return false
    return !isGlob(text) || text.includes('/')
  })
}

/** Whether an expression in a selection, or in a selector that it uses, satisfies `predicate`. */
function usesExpression(
  selection: Selection,
  selectors: Selectors,
  predicate: (expression: Expression) => boolean,
): boolean {
  const seen = new Set<string>()
  const visit = (expression: Expression): boolean => {
    if (predicate(expression)) return true
    switch (expression.op) {
      case 'all':
      case 'bare':
        return false
      case 'method': {
        const name = expression.value.text ?? ''
        if (expression.method !== 'selector' || seen.has(name)) return false
        if (!Object.hasOwn(selectors, name)) return false
        seen.add(name)
        const parsed = parseSelector(selectors[name]!)
        return parsed.ok && visit(parsed.value)
      }
      case 'union':
      case 'intersection':
        return expression.of.some(visit)
      case 'not':
      case 'walk':
      case 'around':
      case 'sinks':
      case 'roots':
        return visit(expression.of)
      case 'part':
        return visit(expression.part.expression)
    }
  }
  return selection.some((part) => visit(part.expression))
}
