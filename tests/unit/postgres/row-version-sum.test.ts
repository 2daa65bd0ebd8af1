import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  hashXid,
  RowVersionSum,
} from '../../../framework/connections/postgres/probe/row-version-sum.ts'

// From PostgreSQL 18: select hashtextextended('756', 0).
const KNOWN: readonly (readonly [number, bigint])[] = [
  [0, 2234665679637250028n],
  [3, 115675922791092696n],
  [756, 4431972183083624452n],
  [1234, -2124025301376571422n],
  [12345, -4619177982457060005n],
  [1234567, 2229141098294468673n],
  [12345678, -2672274306434209449n],
  [123456789, 5342912370613372840n],
  [4294967295, 1786700928564182184n],
]

const signed = ([high, low]: readonly [number, number]) => (BigInt(high) << 32n) + BigInt(low)

test.each(KNOWN)('%s hashes as in the source', (xid, hash) => {
  expect(signed(hashXid(xid))).toBe(hash)
})

test('row versions are counted and summed exactly, in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4_294_967_295)), (xids) => {
      const forwards = new RowVersionSum()
      const backwards = new RowVersionSum()
      for (const xid of xids) forwards.add(xid)
      for (const xid of xids.toReversed()) backwards.add(xid)
      const sum = xids.reduce((total, xid) => total + signed(hashXid(xid)), 0n)
      expect(forwards.position).toEqual({ count: String(xids.length), hash: String(sum) })
      expect(backwards.position).toEqual(forwards.position)
    }),
  )
})

test('a sum of millions of rows loses nothing to rounding', () => {
  const versions = new RowVersionSum()
  for (let row = 0; row < 3_000_001; row++) versions.add(4_294_967_295)
  expect(versions.position.hash).toBe(String(3_000_001n * signed(hashXid(4_294_967_295))))
})
