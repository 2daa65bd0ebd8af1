/** The parts of a relation, without quotes. */
export interface RelationParts {
  /** null: the target's own database. */
  readonly database: string | null
  /** null: the default schema of the warehouse. */
  readonly schema: string | null
  readonly name: string
}

const PART = /(?:"([^"]*(?:""[^"]*)*)"|([^.]*))(?:\.|$)/gy
/** A part that is written in quotes: it would be read as several parts, or as another name. */
const NEEDS_QUOTES = /\.|^"/

/**
 * Splits `name`, `schema.name` or `database.schema.name`. A part with a dot in it is in double quotes:
 * `raw."a.b"`. Without quotes, everything after the second dot is the name. Pure.
 */
export function relationParts(relation: string): RelationParts {
  const parts = partsOf(relation)
  if (parts.length <= 2) {
    const [name = '', schema = null] = parts.reverse()
    return { database: null, schema, name }
  }
  const [database = '', schema = '', ...rest] = parts
  return { database, schema, name: rest.join('.') }
}

/** The relation with these parts, as `relationParts` splits it. Pure. */
export function relationText({ database, schema, name }: RelationParts): string {
  return [database, schema, name]
    .filter((part) => part !== null)
    .map((part) => (NEEDS_QUOTES.test(part) ? `"${part.replaceAll('"', '""')}"` : part))
    .join('.')
}

/** The database of a relation in lower case; null for the target's own one. Pure. */
export function databaseOf(relation: string | null): string | null {
  return relation === null ? null : (relationParts(relation).database?.toLowerCase() ?? null)
}

/** A relation without its database: what it would be called in the target's own one. Pure. */
export function inOwnDatabase(relation: string): string {
  return relationText({ ...relationParts(relation), database: null })
}

function partsOf(relation: string): string[] {
  const parts: string[] = []
  PART.lastIndex = 0
  while (PART.lastIndex < relation.length) {
    const found = PART.exec(relation)
    // A quote in the middle of a part: the text is no list of parts.
    if (found === null) return [relation]
    parts.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '')
    if (!found[0].endsWith('.')) break
  }
  return parts
}
