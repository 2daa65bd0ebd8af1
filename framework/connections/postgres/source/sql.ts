/** A name as an SQL identifier, whatever it holds. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Text as an SQL literal; sessions run with `standard_conforming_strings`. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** A table or view of the source, schema first. */
export const qualified = (namespace: string, name: string): string =>
  `${identifier(namespace)}.${identifier(name)}`

/** A name as a person would type it in SQL. */
export const shown = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : identifier(name)
