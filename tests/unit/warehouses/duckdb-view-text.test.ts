import { expect, test } from 'vitest'
import { normalizedViewSql } from '../../../framework/warehouses/duckdb/view-text.ts'

/** The SQL of a view as DuckDB 1.5.6 shows it after creation, and after the file was opened again. */
const PAIRS: readonly (readonly [made: string, opened: string])[] = [
  ['CAST(a AS DECIMAL(18, 2))', 'CAST(a AS DECIMAL(18,2))'],
  [
    'CREATE VIEW v AS (SELECT 0) UNION ALL (SELECT 1)UNION ALL (SELECT 2)UNION ALL (SELECT 3)UNION ALL (SELECT 4);',
    'CREATE VIEW v AS (SELECT 0) UNION ALL (((SELECT 1) UNION ALL (SELECT 2)) UNION ALL ((SELECT 3) UNION ALL (SELECT 4)));',
  ],
  [
    'CREATE VIEW v AS (SELECT 1 AS a) UNION ALL ((SELECT 2) UNION (SELECT 3)UNION (SELECT 5))UNION ALL (SELECT 4);',
    'CREATE VIEW v AS (SELECT 1 AS a) UNION ALL (((SELECT 2) UNION ((SELECT 3) UNION (SELECT 5))) UNION ALL (SELECT 4));',
  ],
  [
    'CREATE VIEW v AS WITH x AS ((SELECT 1 AS a) UNION ALL (SELECT 2)UNION ALL (SELECT 3))(SELECT * FROM x) UNION ALL (SELECT 9)UNION ALL (SELECT 8) ORDER BY 1;',
    'CREATE VIEW v AS WITH x AS ((SELECT 1 AS a) UNION ALL ((SELECT 2) UNION ALL (SELECT 3)))(SELECT * FROM x) UNION ALL ((SELECT 9) UNION ALL (SELECT 8)) ORDER BY 1;',
  ],
  [
    'SELECT * FROM ((SELECT 1 AS a) UNION ALL BY NAME (SELECT 2 AS a)UNION ALL BY NAME (SELECT 3 AS a))',
    'SELECT * FROM ((SELECT 1 AS a) UNION ALL BY NAME ((SELECT 2 AS a) UNION ALL BY NAME (SELECT 3 AS a)))',
  ],
  [
    'SELECT * FROM main.raw AS r CROSS JOIN (SELECT 1 AS n) AS k;',
    'SELECT * FROM main.raw AS r , (SELECT 1 AS n) AS k;',
  ],
  [`SELECT CAST('2020-01-01' AS "DATE") AS d`, `SELECT CAST('2020-01-01' AS DATE) AS d`],
  ['SELECT list_apply(l, (lambda x: (x + 1))) AS m', 'SELECT list_apply(l, (x -> (x + 1))) AS m'],
  ['WITH b AS MATERIALIZED (SELECT 1)SELECT * FROM b', 'WITH b AS (SELECT 1)SELECT * FROM b'],
]

test.each(PAIRS)('%s has one normalized text', (made, opened) => {
  expect(normalizedViewSql(opened)).toBe(normalizedViewSql(made))
})

test.each([
  [
    '(SELECT 1) EXCEPT ((SELECT 2) UNION ALL (SELECT 3))',
    '((SELECT 1) EXCEPT (SELECT 2)) UNION ALL (SELECT 3)',
  ],
  [
    '(SELECT 1) UNION ALL ((SELECT 2) UNION (SELECT 3))',
    '((SELECT 1) UNION ALL (SELECT 2)) UNION (SELECT 3)',
  ],
  [
    '(SELECT 1) EXCEPT ((SELECT 2) EXCEPT (SELECT 3))',
    '((SELECT 1) EXCEPT (SELECT 2)) EXCEPT (SELECT 3)',
  ],
  ['SELECT (a + b) * c', 'SELECT a + (b * c)'],
  ["SELECT ' (x)UNION ALL (y)'", "SELECT ' ((x)UNION ALL (y))'"],
  ["SELECT 'a, b'", "SELECT 'a,b'"],
  ["SELECT 'a CROSS JOIN b'", "SELECT 'a,b'"],
  [
    'SELECT * FROM a , b FULL JOIN c ON ((b.i = c.i))',
    'SELECT * FROM a CROSS JOIN b FULL JOIN c ON ((b.i = c.i))',
  ],
])('%s is not %s', (one, other) => {
  expect(normalizedViewSql(one)).not.toBe(normalizedViewSql(other))
})
