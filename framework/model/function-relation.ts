/** What follows the name of a relation that is called, such as an SQL function: `main.cents()`. */
const CALLED = '()'

/**
 * Whether a relation is a function or a table function: `schema.name()`. It holds no rows, and its name
 * never equals that of a table.
 */
export function isFunctionRelation(relation: string | null): boolean {
  return relation?.endsWith(CALLED) ?? false
}

/** `schema.name` of a function's relation. */
export function calledName(relation: string): string {
  return relation.slice(0, -CALLED.length)
}

/** The relation of the function at `schema.name`. */
export function functionRelation(name: string): string {
  return `${name}${CALLED}`
}
