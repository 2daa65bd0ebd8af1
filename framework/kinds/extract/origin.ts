import type { Asset } from '../../model/asset.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Shape } from '../../model/version.ts'
import type { ExportRequest } from '../../ports/warehouse.ts'
import type { Origin } from './spec.ts'

const PLACEHOLDER = /\{([A-Za-z_][A-Za-z0-9_.]*)\}/g
const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** A problem for each asset that a query names in braces and the asset doesn't depend on. */
export function undeclaredInputs(
  asset: Asset,
  origin: Origin,
  assets: ReadonlySet<string>,
): readonly Problem[] {
  if (origin.is !== 'query') return []
  return placeholders(origin.query)
    .filter((name) => assets.has(name) && !asset.deps.includes(name))
    .map((name) => ({
      code: 'extract-origin',
      message: `${asset.name}: its query reads ${name}, which is not among its dependencies`,
      at: { file: asset.file, path: ['assets', asset.name, 'query'] },
      hint: `add ${name} to its \`deps:\``,
      asset: asset.name,
    }))
}

/**
 * The origin with every dependency's relation in its place; `inputs` tells where they live. Braces
 * around anything but a dependency's name stay as they are. Problems: a dependency without a relation.
 */
export function exportFrom(
  asset: string,
  origin: Origin,
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
      const homeless = placeholders(origin.query).filter(
        (name) => inputs.has(name) && (inputs.get(name)?.relation ?? null) === null,
      )
      if (homeless.length > 0) return fail(...homeless.map((name) => noRelation(asset, name)))
      const query = origin.query.replaceAll(PLACEHOLDER, (text, name: string) => {
        const relation = inputs.get(name)?.relation
        return relation ? inSql(relation) : text
      })
      return ok({ query })
    }
  }
}

function placeholders(query: string): readonly string[] {
  const names = [...query.matchAll(PLACEHOLDER)].map(([, name]) => name ?? '')
  return [...new Set(names)]
}

/** Plain names stay unquoted, so that each warehouse reads them in its own case. */
function inSql(relation: string): string {
  const dot = relation.indexOf('.')
  const parts = dot < 0 ? [relation] : [relation.slice(0, dot), relation.slice(dot + 1)]
  return parts
    .map((part) => (PLAIN_NAME.test(part) ? part : `"${part.replaceAll('"', '""')}"`))
    .join('.')
}

function noRelation(asset: string, input: string): Problem {
  return {
    code: 'extract-origin',
    message: `${asset} reads ${input}, which is no table or view`,
    hint: 'read an asset that is one, or write the file with a `command` asset',
    asset,
  }
}
