import { describe, expect, test } from 'vitest'
import type { Stream } from '../../framework/model/stream.ts'
import { onEachPostgres, probe } from '../rig/each-postgres.ts'
import { type Ended, load, stream } from '../rig/load.ts'

/** Rows as text, in order, without the columns that the loader adds. */
const texts = (rows: readonly Readonly<Record<string, unknown>>[], columns: readonly string[]) =>
  rows.map((row) => columns.map((column) => row[column] ?? '-').join(' ')).sort()

onEachPostgres((loading) => {
  const { built, rows } = loading
  const exec = (sql: string) => loading.source.exec(sql)

  /** Loads on top of a load, and returns what the run said of it. */
  async function again(one: Stream, records: ReadonlyMap<string, Ended>) {
    const said: string[] = []
    const ended = await built([one], {
      records,
      onReport: (report) => report.step === 'note' && said.push(report.message),
    })
    const { how } = loading.session.loads.at(-1)!.mode
    return { ended, how, said }
  }

  const answerOf = async (one: Stream, records: ReadonlyMap<string, Ended>) =>
    (await probe(loading.source.connection, [one], records)).get(one.asset)!

  const append = stream('t', { sync: 'incremental_append', cursor: 'at' })
  const dedup = stream('t', { sync: 'incremental_dedup', cursor: 'at', primaryKey: ['id'] })

  describe('rows at the cursor', () => {
    test('that come later are appended, and those that were loaded are not appended again', async () => {
      await exec(`create table t (id int primary key, at date);
        insert into t values (1, '2026-01-01'), (2, '2026-01-01'), (3, '2025-01-01')`)
      const first = await built([append])
      expect(await answerOf(append, first)).toEqual({ answer: 'unchanged', asFarAs: 'at' })
      await exec(`insert into t values (4, '2026-01-01')`)
      expect((await answerOf(append, first)).answer).toBe('moved')
      const second = await again(append, first)
      expect([second.how, second.said]).toEqual(['append', []])
      expect(texts(rows('t'), ['id'])).toEqual(['1', '2', '3', '4'])
      const third = await again(append, second.ended)
      await exec(`insert into t values (5, '2026-01-01'), (6, '2026-01-02')`)
      const fourth = await again(append, third.ended)
      expect([third.how, fourth.how]).toEqual(['append', 'append'])
      expect(texts(rows('t'), ['id'])).toEqual(['1', '2', '3', '4', '5', '6'])
    })

    test('that were updated are new rows of a history', async () => {
      await exec(`create table t (id int primary key, at int, v text);
        insert into t values (1, 10, 'a'), (2, 10, 'b')`)
      const first = await built([append])
      await exec(`update t set v = 'B' where id = 2; insert into t values (3, 10, 'c')`)
      expect((await again(append, first)).how).toBe('append')
      expect(texts(rows('t'), ['id', 'v'])).toEqual(['1 a', '2 B', '2 b', '3 c'])
    })

    test('of partitions are told apart, also after a partition was attached', async () => {
      await exec(`create table t (id int, at int) partition by list (id);
        create table t1 partition of t for values in (1);
        create table t2 (id int, at int); insert into t values (1, 10); insert into t2 values (2, 10)`)
      const first = await built([append])
      await exec('insert into t values (1, 10)')
      const second = await again(append, first)
      expect([second.how, texts(rows('t'), ['id'])]).toEqual(['append', ['1', '1']])
      await exec('alter table t attach partition t2 for values in (2)')
      expect((await answerOf(append, second.ended)).answer).toBe('moved')
      const third = await again(append, second.ended)
      expect([third.how, third.said]).toEqual([
        'replace',
        [
          'a partition or child with rows up to its cursor was attached since the last load, so it is read in full',
        ],
      ])
      expect(texts(rows('t'), ['id'])).toEqual(['1', '1', '2'])
    })

    test('go on in a partition that was attached, empty or with rows above the cursor', async () => {
      await exec(`create table t (id int, at int) partition by range (at);
        create table t1 partition of t for values from (0) to (10);
        insert into t values (1, 8), (2, 9); create table t3 (id int, at int); insert into t3 values (4, 21)`)
      const first = await built([append])
      await exec(`create table t2 partition of t for values from (10) to (20)`)
      expect(await answerOf(append, first)).toEqual({ answer: 'unchanged', asFarAs: 'at' })
      await exec(`insert into t values (3, 11); insert into t values (5, 9);
        alter table t attach partition t3 for values from (20) to (30)`)
      expect((await answerOf(append, first)).answer).toBe('moved')
      const second = await again(append, first)
      expect([second.how, second.said]).toEqual(['append', []])
      expect(texts(rows('t'), ['id'])).toEqual(['1', '2', '3', '4', '5'])
      await exec('alter table t detach partition t1')
      expect((await again(append, second.ended)).said[0]).toMatch(/^it is another table/)
    })

    test('are none of the last load if only rows of an attached partition are old', async () => {
      await exec(`create table t (id int, at int) partition by range (at);
        create table t1 partition of t for values from (0) to (10);
        create table t2 (id int, at int); insert into t2 values (7, 12), (8, 13); insert into t values (1, 1)`)
      const first = await built([append])
      await exec(`truncate t1; insert into t values (1, 0), (2, 5), (3, 6);
        alter table t attach partition t2 for values from (10) to (20)`)
      const { how, said } = await again(append, first)
      expect([how, said[0]]).toEqual([
        'replace',
        'none of its rows is left from the last load, so it is read in full',
      ])
      expect(texts(rows('t'), ['id'])).toEqual(['1', '2', '3', '7', '8'])
    })

    test('of a view are compared by their values', async () => {
      await exec(`create table base (id int, at int, v text); insert into base values (1, 10, 'a');
        create view t as select * from base`)
      const first = await built([append])
      await exec(`insert into base values (2, 20, 'b')`)
      const second = await again(append, first)
      expect([second.how, texts(rows('t'), ['id'])]).toEqual(['append', ['1', '2']])
      await exec(`insert into base values (3, 20, 'c')`)
      const third = await again(append, second.ended)
      expect([third.how, texts(rows('t'), ['id'])]).toEqual(['replace', ['1', '2', '3']])
    })
  })

  test('rows that are committed late, below the cursor, are loaded too', async () => {
    await exec(`create table t (id int primary key, at int);
      insert into t values (1, 10), (2, 20)`)
    const [history, merged] = [await built([append]), await built([dedup])]
    await exec('insert into t values (3, 15), (4, 30)')
    expect((await answerOf(append, history)).answer).toBe('moved')
    const appended = await again(append, history)
    expect([appended.how, texts(rows('t'), ['id'])]).toEqual(['append', ['1', '2', '3', '4']])
    const result = await again(dedup, merged)
    expect([result.how, texts(rows('t'), ['id'])]).toEqual(['merge', ['1', '2', '3', '4']])
  })

  test('an updated row below the cursor is merged, and is none of a history', async () => {
    await exec(`create table t (id int primary key, at int, v text);
      insert into t values (1, 10, 'a'), (2, 20, 'b')`)
    const history = await built([append])
    const merged = await built([dedup])
    await exec(`update t set v = 'A' where id = 1`)
    expect(await answerOf(append, history)).toEqual({ answer: 'unchanged', asFarAs: 'at' })
    expect((await answerOf(dedup, merged)).answer).toBe('moved')
    expect((await again(dedup, merged)).how).toBe('merge')
    expect(texts(rows('t'), ['id', 'v'])).toEqual(['1 A', '2 b'])
  })

  describe('a cursor that no other follows', () => {
    test.each([
      ['timestamptz', 'infinity'],
      ['timestamp', '-infinity'],
      ['date', 'infinity'],
      ['float8', 'NaN'],
      ['float4', 'infinity'],
      ['numeric', 'NaN'],
      ['timestamptz[]', '{infinity}'],
      ['int', null],
    ])('is not the last one, and a change of its row is seen (%s %s)', async (type, value) => {
      const plain = type.includes('[]')
        ? "'{2026-01-01}'"
        : /t.*e|date/.test(type) && !/float/.test(type)
          ? "'2026-01-01'"
          : '1'
      const later = plain === '1' ? '2' : plain.replace('2026', '2027')
      const odd = value === null ? 'null' : `'${value}'`
      await exec(`create table t (id int primary key, at ${type}, v text);
        insert into t values (1, ${plain}, 'a'), (2, ${odd}, 'b')`)
      const first = await built([dedup])
      expect(await answerOf(dedup, first)).toEqual({ answer: 'unchanged', asFarAs: 'at' })

      await exec(`insert into t values (3, ${later}, 'c')`)
      const second = await again(dedup, first)
      expect([second.how, second.said]).toEqual([
        'merge',
        ['1 row has a null, infinite or NaN at: when such a row changes, t is read in full'],
      ])
      expect(texts(rows('t'), ['id', 'v'])).toEqual(['1 a', '2 b', '3 c'])

      for (const change of [
        `update t set v = 'B' where id = 2`,
        `insert into t values (4, ${odd}, 'd')`,
      ]) {
        const before = await again(dedup, second.ended)
        await exec(change)
        expect((await answerOf(dedup, before.ended)).answer).toBe('moved')
        const after = await again(dedup, before.ended)
        expect([after.how, after.said[0]]).toEqual([
          'replace',
          'rows whose cursor is null, infinite or NaN changed since the last load, so it is read in full',
        ])
      }
      expect(texts(rows('t'), ['id', 'v'])).toEqual(['1 a', '2 B', '3 c', '4 d'])
    })

    test('in every row is a load in full', async () => {
      await exec('create table t (id int primary key, at int); insert into t values (1, null)')
      const first = await built([dedup])
      expect(await answerOf(dedup, first)).toEqual({ answer: 'unchanged' })
      await exec('insert into t values (2, null)')
      expect((await answerOf(dedup, first)).answer).toBe('moved')
      expect((await again(dedup, first)).how).toBe('replace')
      expect(texts(rows('t'), ['id'])).toEqual(['1', '2'])
    })
  })

  describe('is read in full', () => {
    const table = `create table t (id int primary key, at int, v text)`
    const old = `insert into t values (1, 1, 'old'), (2, 2, 'old'), (3, 3, 'old')`
    const cases: readonly (readonly [string, string, RegExp])[] = [
      [
        'created again',
        `drop table t; ${table}; insert into t values (1, 1, 'NEW'), (2, 2, 'NEW')`,
        /^it is another table/,
      ],
      [
        'created again with more rows above the cursor',
        `drop table t; ${table}; insert into t select i, i, 'NEW' from generate_series(1, 5) i`,
        /^it is another table/,
      ],
      [
        'refilled after a truncation',
        `truncate t; insert into t select i, i, 'NEW' from generate_series(1, 5) i`,
        /^none of its rows is left/,
      ],
      [
        'refilled after a delete',
        `delete from t; insert into t values (1, 1, 'NEW'), (2, 2, 'NEW'), (3, 3, 'NEW')`,
        /^none of its rows is left/,
      ],
      ['with fewer rows', 'delete from t where id = 1', /^it has fewer rows/],
      [
        'with a row moved below the cursor',
        'update t set at = 0 where id = 3',
        /^its largest cursor is lower/,
      ],
      [
        'that swapped names with another',
        `create table u (like t including all); insert into u values (1, 1, 'NEW'), (2, 2, 'NEW'), (3, 4, 'NEW'); alter table t rename to x; alter table u rename to t`,
        /^it is another table/,
      ],
    ]
    test.each(cases)('a table %s', async (_what, sql, note) => {
      for (const one of [append, dedup]) {
        await exec(`drop table if exists t, x; ${table}; ${old}`)
        const first = await built([one])
        await exec(sql)
        expect((await answerOf(one, first)).answer).toBe('moved')
        const { how, said } = await again(one, first)
        expect([how, said.length]).toEqual(['replace', 1])
        expect(said[0]).toMatch(note)
        expect(said[0]).toMatch(/, so it is read in full$/)
      }
    })

    test('a view with another definition', async () => {
      await exec(`${table}; ${old}; alter table t rename to base; create view inner_t as select * from base;
        create view t as select * from inner_t`)
      const first = await built([dedup])
      const same = await again(dedup, first)
      expect(same.how).toBe('merge')
      await exec(`create or replace view inner_t as select id, at, upper(v) as v from base`)
      const { how, said } = await again(dedup, same.ended)
      expect([how, said]).toEqual([
        'replace',
        [
          'it is another table than at the last load, or a view with another definition, so it is read in full',
        ],
      ])
      expect(texts(rows('t'), ['id', 'v'])).toEqual(['1 OLD', '2 OLD', '3 OLD'])
    })

    test('not a table that was only rewritten, or whose rows moved above the cursor', async () => {
      await exec(`${table}; ${old}`)
      const first = await built([dedup])
      for (const sql of ['vacuum full t', 'vacuum freeze t']) await exec(sql)
      expect(await answerOf(dedup, first)).toEqual({ answer: 'unchanged', asFarAs: 'at' })
      await exec(`update t set at = 4, v = 'new' where id = 1`)
      expect((await again(dedup, first)).how).toBe('merge')
      expect(texts(rows('t'), ['id', 'v'])).toEqual(['1 new', '2 old', '3 old'])
    })

    test('not a small history of which every row moved above the cursor', async () => {
      await exec(`${table}; insert into t values (1, 1, 'a')`)
      const first = await built([append])
      await exec(`update t set at = 2, v = 'b'`)
      expect((await again(append, first)).how).toBe('append')
      expect(texts(rows('t'), ['id', 'v'])).toEqual(['1 a', '1 b'])
    })
  })

  describe('a cursor', () => {
    test.each(['json', 'xml', 'point', 'bool', 'jsonb', 'tsvector', 'json[]'])(
      'of the type %s is refused with what to use instead',
      async (type) => {
        await exec(`create table t (id int primary key, at ${type}, moved timestamptz)`)
        const answers = await loading.source.connection.probe([{ stream: dedup, recorded: null }])
        expect(answers.ok ? [] : answers.problems.map(({ code }) => code)).toEqual(['unfit-cursor'])
        const ended = await load(loading.source.connection, [dedup], { session: loading.session })
        const one = ended.get('raw_t')!
        expect(one.step === 'failed' && [one.problem.code, one.problem.hint]).toEqual([
          'unfit-cursor',
          'set cursor: to a column that grows with each write and has both (these columns do: id, moved), or set sync: full_refresh',
        ])
        await built([stream('t', { cursor: 'at' })])
      },
    )

    test('of any type with an order and a max is read', async () => {
      await exec(`create type size as enum ('s', 'm', 'l'); create domain moment as timestamptz;
        create type color as enum ('red')`)
      const types: readonly (readonly [string, string, string])[] = [
        ['int2', '1', '2'],
        ['int8', '1', '2'],
        ['numeric(10,2)', '1.10', '1.11'],
        ['money', '1', '2'],
        ['float4', '0.1', '0.2'],
        ['text', 'a', 'b'],
        ['varchar(5)', 'a', 'b'],
        ['char(5)', 'a', 'b'],
        ['moment', '2026-01-01', '2026-01-01 00:00:00.000001'],
        ['timetz', '10:00+02', '10:00+01'],
        ['time', '10:00', '10:01'],
        ['interval', '1 day', '25 hours'],
        ['inet', '10.0.0.1', '10.0.0.2'],
        ['cidr', '10.0.0.0/8', '11.0.0.0/8'],
        ['size', 's', 'l'],
        ['oid', '1', '2'],
        ['pg_lsn', '0/1', '0/2'],
        ['int[]', '{1}', '{1,2}'],
        ['size[]', '{s}', '{s,m}'],
        ['date', '2026-01-01', '2026-01-02'],
      ]
      for (const [type, from, to] of types) {
        await exec(`create table t (id int, at ${type}); insert into t values (1, '${from}')`)
        const first = await built([append])
        await exec(`insert into t values (2, '${to}'), (3, '${from}')`)
        const second = await again(append, first)
        expect([type, second.how, ...texts(rows('t'), ['id'])]).toEqual([
          type,
          'append',
          '1',
          '2',
          '3',
        ])
        await exec('drop table t')
      }
    })
  })
})
