import type { DocumentedColumn } from '../../../model/columns.ts'
import type { ManifestFacts } from './worker-manifest.ts'

/** The columns that the YAML of a dbt project documents, by unique_id of nodes and sources. */
export type Documentation = Readonly<Record<string, readonly DocumentedColumn[]>>

/** The documentation of a parsed project. Pure. */
export function documentationOf({ nodes, sources }: ManifestFacts): Documentation {
  return Object.fromEntries(
    [...nodes, ...sources]
      .filter(({ documented }) => documented.length > 0)
      .map(({ id, documented }) => [
        id,
        documented.map(([name, type, description]) => ({ name, type, description })),
      ]),
  )
}
