import { hash } from '../../framework/lib/hash.ts'
import { ok } from '../../framework/model/problem.ts'
import type { Inspected, Session } from '../../framework/ports/warehouse.ts'
import { digest, type FakeWorld, type Sql } from './fake-world.ts'

/** How a session drops a relation: a test can look first. */
type Drop = (relation: string) => void

/**
 * A session on a fake world, for what moved assets left at their old relations. `showsTokens`: the warehouse
 * reports a table's change token without reading it.
 */
export function fakeSession(world: FakeWorld, showsTokens: boolean, drop: Drop): Session {
  const refuse = () => {
    throw new Error('a fake session does not do this')
  }
  const inspected = (relation: string): Inspected => {
    const definition = world.shownDefinition(relation)
    const token = String(world.tables.writes.get(relation))
    return {
      kind: definition === null ? 'table' : 'view',
      columns: [],
      shape: { relation, columns: hash(world.columns.get(relation) ?? '') },
      installed: definition === null ? null : hash(definition),
      ...(definition === null && showsTokens ? { token } : {}),
    }
  }
  return {
    async inspect(relations) {
      const there = relations.filter((one) => world.tables.has(one) || world.views.has(one))
      return new Map(there.map((relation) => [relation, inspected(relation)]))
    },
    async fingerprint(relation) {
      const version = `c:${digest(world.tables.get(relation)!)}`
      const token = String(world.tables.writes.get(relation))
      return ok({ version, shape: inspected(relation).shape, rows: 1, bytes: null, token })
    },
    async viewsOver(relations) {
      return new Map(relations.map((relation) => [relation, viewsThatName(world, relation)]))
    },
    async drop(relation) {
      drop(relation)
      world.tables.delete(relation)
      world.views.delete(relation)
      return ok(undefined)
    },
    compareViews: refuse,
    digests: refuse,
    countSyncRows: refuse,
    export: refuse,
    loader: null,
    async close() {},
  }
}

/** The views whose statements name a relation, through inlined ephemerals. */
export function viewsThatName(world: FakeWorld, relation: string): string[] {
  const names = (sql: Sql): boolean =>
    sql.is === 'relation' ? sql.relation === relation : sql.reads.some(names)
  return [...world.views].flatMap(([view, sql]) => (names(sql) ? [view] : []))
}
