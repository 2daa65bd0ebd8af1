import { ok, type Result } from '../model/problem.ts'
import type { DefinedAsset, Product } from '../ports/batch.ts'
import type { Inspected, Reader, Warehouse } from '../ports/warehouse.ts'
import { fingerprintShown } from './fingerprint-shown.ts'
import { fingerprintOptions } from './observe-relations.ts'
import type { FilesOf } from './shown-files.ts'
import { withSession } from './with-session.ts'

/** Relations that are hashed at the same time. */
const AT_ONCE = 8

/**
 * Measures relations that exist, all between two looks at all of them, so that the contents are of one moment
 * (SEMANTICS 1a, 43). Left out is what does not exist or can't be read, what was written to or redefined
 * between the looks, and a table of a shared warehouse that has no change token to tell. Problems: those of
 * `Warehouse.open`.
 */
export async function measureRelations(
  subjects: readonly DefinedAsset[],
  warehouse: Warehouse,
  filesOf: FilesOf = () => null,
): Promise<Result<ReadonlyMap<string, Product>>> {
  const relations = subjects.flatMap(({ definition }) => definition.relation ?? [])
  return withSession(warehouse, async (session) => {
    const before = await session.inspect(relations)
    const products = new Map<string, Product>()
    const open = subjects.filter(({ definition }) => before.has(definition.relation ?? ''))
    for (let at = 0; at < open.length; at += AT_ONCE) {
      await Promise.all(
        open.slice(at, at + AT_ONCE).map(async (subject) => {
          const inspected = before.get(subject.definition.relation!)!
          const product = await productOf(session, subject, inspected, filesOf)
          if (product.ok) products.set(subject.asset.name, product.value)
        }),
      )
    }
    const after = await session.inspect(relations)
    const isShared = warehouse.resource === null
    for (const { asset, definition } of open) {
      const [was, is] = [before.get(definition.relation!)!, after.get(definition.relation!)]
      if (!isUnmoved(was, is, isShared)) products.delete(asset.name)
    }
    return products
  })
}

/** The content of a relation; of a view or function whose version is a key, only what it is. */
async function productOf(
  reader: Pick<Reader, 'fingerprint'>,
  subject: DefinedAsset,
  inspected: Inspected,
  filesOf: FilesOf,
): Promise<Result<Product>> {
  const { definition } = subject
  const { shape, installed } = inspected
  const common = { installed, source: null, reference: null }
  if (definition.form === 'view' && definition.dataVersion !== 'content') {
    return ok({ ...common, version: null, shape, rows: null, bytes: null, token: null })
  }
  const options = fingerprintOptions(subject, inspected.kind === 'table')
  const content = await fingerprintShown(reader, shape.relation!, options, () => filesOf(subject))
  return content.ok ? ok({ ...common, ...content.value }) : content
}

function isUnmoved(was: Inspected, is: Inspected | undefined, isShared: boolean): boolean {
  if (is === undefined || was.kind !== is.kind || was.installed !== is.installed) return false
  if (was.shape.columns !== is.shape.columns || was.token !== is.token) return false
  // Only a process that has an exclusive warehouse open can be sure without a token.
  return was.kind === 'view' || was.token !== undefined || !isShared
}
