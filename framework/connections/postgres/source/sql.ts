/** Quotes a name as an SQL identifier. */
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Quotes text as an SQL literal. Transactions run with `standard_conforming_strings = on`. */
export const quoteLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** The quoted name of a table or view, with its schema. */
export const qualifiedName = (namespace: string, name: string): string =>
  `${quoteIdentifier(namespace)}.${quoteIdentifier(name)}`

/** Quotes a name only if SQL requires it. */
export const quoteIfNeeded = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : quoteIdentifier(name)
