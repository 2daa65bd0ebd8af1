import type { Asset } from '../../model/asset.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import { relationParts } from '../../model/relation-name.ts'
import type { Shape } from '../../model/version.ts'
import type { ExportRequest } from '../../ports/warehouse.ts'
import type { ExtractOrigin } from './spec.ts'

const PLACEHOLDER = /\{([A-Za-z_][A-Za-z0-9_.]*)\}/g
const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Problem `extract-origin` for each asset that a query names in braces but `deps:` does not list. */
export function undeclaredInputs(
  asset: Asset,
  origin: ExtractOrigin,
  assets: ReadonlySet<string>,
): readonly Problem[] {
  if (origin.is !== 'query') return []
  return placeholders(origin.query)
    .filter((name) => assets.has(name) && !asset.deps.includes(name))
    .map((name) => ({
      code: 'extract-origin',
      message: `${asset.name}: its query reads ${name}, which is not in \`deps:\``,
      at: { file: asset.file, path: ['assets', asset.name, 'query'] },
      hint: `add ${name} to \`deps:\` of ${asset.name}`,
      asset: asset.name,
    }))
}

/**
 * What the warehouse exports for an origin: dependencies are replaced by their relations, which `inputs`
 * gives. Braces around anything but the name of a dependency are kept. Problem `extract-origin`: a
 * dependency has no relation.
 */
export function exportFrom(
  asset: string,
  origin: ExtractOrigin,
  inputs: ReadonlyMap<string, Shape | null>,
): Result<ExportRequest['from']> {
  switch (origin.is) {
    case 'relation':
      return ok({ relation: origin.relation })
    case 'asset': {
      const relation = inputs.get(origin.asset)?.relation ?? null
      return relation === null ? fail(noRelation(asset, origin.asset)) : ok({ relation })
    }
    case 'query': {
      const missing = placeholders(origin.query).filter(
        (name) => inputs.has(name) && (inputs.get(name)?.relation ?? null) === null,
      )
      if (missing.length > 0) return fail(...missing.map((name) => noRelation(asset, name)))
      const query = origin.query.replaceAll(PLACEHOLDER, (text, name: string) => {
        const relation = inputs.get(name)?.relation
        return relation ? quoted(relation) : text
      })
      return ok({ query })
    }
  }
}

/** The distinct names that a query has in braces. */
function placeholders(query: string): readonly string[] {
  const names = [...query.matchAll(PLACEHOLDER)].map(([, name]) => name ?? '')
  return [...new Set(names)]
}

/** A relation as SQL. Plain names stay unquoted, so that each warehouse applies its own case rules. */
function quoted(relation: string): string {
  const { database, schema, name } = relationParts(relation)
  return [database, schema, name]
    .filter((part) => part !== null)
    .map((part) => (PLAIN_NAME.test(part) ? part : `"${part.replaceAll('"', '""')}"`))
    .join('.')
}

function noRelation(asset: string, input: string): Problem {
  return {
    code: 'extract-origin',
    message: `${asset} reads ${input}, which is not a table or view`,
    hint: 'read an asset that is a table or view, or write the file with an asset of kind `command`',
    asset,
  }
}
