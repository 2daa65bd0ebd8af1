import { beforeEach, describe, expect, test } from 'vitest'
import type { Probe } from '../../framework/model/observation.ts'
import { onEachPostgres, probe, productOf } from '../rig/each-postgres.ts'
import { type Ended, load, stream } from '../rig/load.ts'

onEachPostgres((loading) => {
  const { built, rows } = loading

  test('appends rows from the cursor on, or none', async () => {
    await loading.source.exec(`create table log (id int, at timestamp, note text);
      insert into log values (1, '2024-01-01', 'a'), (2, '2024-01-02', 'b'), (3, null, 'no time')`)
    const log = stream('log', { sync: 'incremental_append', cursor: 'at' })
    const first = await built([log], { run: 1 })
    expect(loading.session.loads.at(-1)!.mode).toEqual({ how: 'replace' })
    await loading.source.exec(`insert into log values (4, '2024-01-02', 'late, same time'), (5, '2024-01-03', 'c');
      update log set note = 'unseen' where id = 1`)
    const second = await built([log], { run: 2, records: first })
    expect(loading.session.loads.at(-1)!.mode).toEqual({ how: 'append' })
    expect(rows('log').map(({ id }) => id)).toEqual(['1', '2', '3', '4', '5'])
    const third = await built([log], { run: 3, records: second })
    expect(rows('log').length).toBe(5)
    expect(productOf(third, 'raw_log').version).toBe(productOf(second, 'raw_log').version)
    expect(loading.session.loads.map(({ generationId }) => generationId)).toEqual([1, 1, 1])
    await built([log], { run: 4, records: third, full: true })
    expect(
      rows('log')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['1', '2', '3', '4', '5'])
    expect(loading.session.tables.get('raw.log')!.generationId).toBe(4)
  })

  test('sees changes of an incremental stream as far as its cursor and the number of its rows tell', async () => {
    await loading.source.exec(
      `create table log (id int, note text); insert into log values (1, 'a'), (2, 'b')`,
    )
    const log = stream('log', { sync: 'incremental_append', cursor: 'id' })
    const first = await built([log])
    const answer = async (sql: string) => {
      await loading.source.exec(sql)
      return (await probe(loading.source.connection, [log], first)).get('raw_log')!.answer
    }
    expect(await answer("update log set note = 'A' where id = 1")).toBe('unchanged')
    expect(await answer('insert into log values (3)')).toBe('moved')
    expect(await answer('delete from log where id > 2')).toBe('unchanged')
    expect(await answer("update log set note = 'B' where id = 2")).toBe('moved')
    const again = await built([log], { records: first })
    await loading.source.exec('delete from log where id = 1')
    const [gone] = (await probe(loading.source.connection, [log], again)).values()
    expect(gone).toEqual({
      answer: 'moved',
      message: 'log has 1 fewer row in the source since the last load',
    })
  })

  test('merges by key the rows from the cursor on, inclusive', async () => {
    await loading.source.exec(`create table t (id int primary key, at int, v text);
      insert into t values (1, 10, 'a'), (2, 20, 'b')`)
    const t = stream('t', { sync: 'incremental_dedup', primaryKey: ['id'], cursor: 'at' })
    const first = await built([t])
    await loading.source.exec(
      `update t set at = 30, v = 'A' where id = 1; insert into t values (3, 20, 'late')`,
    )
    await built([t], { records: first })
    expect(loading.session.loads.at(-1)!.mode).toEqual({ how: 'merge', key: ['id'] })
    expect(rows('t').map(({ id, v }) => `${id}${v}`)).toEqual(['1A', '2b', '3late'])
  })

  test('keeps the newest row of each key if the source does not enforce the key', async () => {
    await loading.source.exec(`create table t (id int, at int, v text);
      insert into t values (1, 10, 'old'), (1, 20, 'new'), (1, null, 'none'), (2, 5, 'only')`)
    const t = stream('t', { sync: 'incremental_dedup', primaryKey: ['id'], cursor: 'at' })
    const first = await built([t])
    expect(rows('t').map(({ id, v }) => `${id}${v}`)).toEqual(['1new', '2only'])
    await loading.source.exec(`insert into t values (2, 30, 'newer'), (2, 40, 'newest')`)
    await built([t], { records: first })
    expect(rows('t').map(({ id, v }) => `${id}${v}`)).toEqual(['1new', '2newest'])
  })

  test('reads in full after the columns changed, with a message', async () => {
    await loading.source.exec(
      `create table t (id int primary key, v text); insert into t values (1, 'a')`,
    )
    const t = stream('t', { sync: 'incremental_append', cursor: 'id' })
    const first = await built([t])
    await loading.source.exec(`alter table t add column w int default 3`)
    const messages: string[] = []
    await built([t], {
      records: first,
      onReport: (report) => report.step === 'note' && messages.push(report.message),
    })
    expect(messages).toEqual(['its columns changed since the last load, so it is read in full'])
    expect(loading.session.loads.at(-1)!.mode).toEqual({ how: 'replace' })
    expect(rows('t')).toEqual([{ id: '1', v: 'a', w: '3' }])
  })

  test('leaves volatile columns out of the version', async () => {
    await loading.source.exec(`create table t (id int, seen int); insert into t values (1, 1)`)
    const first = await built([stream('t')], { volatile: ['seen'] })
    await loading.source.exec('update t set seen = 2')
    const second = await built([stream('t')], { volatile: ['seen'] })
    expect(productOf(second, 'raw_t').version).toBe(productOf(first, 'raw_t').version)
  })

  describe('a probe of a table', () => {
    const t = stream('t')
    let loaded: ReadonlyMap<string, Ended>

    beforeEach(async () => {
      await loading.source.exec(`create type size as enum ('s', 'm');
        create table t (id int, v text, s size default 's'); insert into t values (1, 'a', 'm'), (2, 'b', 's');
        create table other (id int)`)
      loaded = await built([t])
    })

    const unmoved: readonly (readonly [string, readonly string[]])[] = [
      ['nothing', []],
      ['a read', ['select count(*) from t']],
      ['another table', ['insert into other values (1)']],
      ['maintenance', ['vacuum freeze t', 'analyze t', 'checkpoint', 'vacuum full t']],
      ['an index and a privilege', ['create index on t (id)', 'grant select on t to public']],
      ['a rolled back update', ["begin; update t set v = 'x'; rollback"]],
    ]
    test.each(unmoved)('is unchanged after %s', async (_what, statements) => {
      for (const sql of statements) await loading.source.exec(sql)
      expect(await answer()).toEqual({ answer: 'unchanged' })
    })

    const moves: readonly (readonly [string, string, RegExp])[] = [
      ['an update that changes nothing', 'update t set v = v', /^t changed in the source/],
      [
        'a deleted and inserted row',
        'with d as (delete from t where id = 1 returning *) insert into t select * from d',
        /^t changed/,
      ],
      ['a new row', "insert into t values (3, 'c')", /^t has 1 more row in the source/],
      ['a truncation', 'truncate t', /^t has 2 fewer rows in the source/],
      [
        'a column with a default',
        'alter table t add column w int default 7',
        /^columns of t changed/,
      ],
      ['a default', "alter table t alter column s set default 'm'", /^columns of t changed/],
      ['a renamed column', 'alter table t rename column v to w', /^columns of t changed/],
      [
        'columns that swap names',
        'alter table t rename v to x; alter table t rename s to v; alter table t rename x to s',
        /^columns/,
      ],
      [
        'a recreated column',
        'alter table t drop column v; alter table t add column v text',
        /^columns/,
      ],
      ['a renamed label', "alter type size rename value 'm' to 'l'", /^columns of t changed/],
      [
        'labels that swap names',
        "alter type size rename value 'm' to 'x'; alter type size rename value 's' to 'm'; alter type size rename value 'x' to 's'",
        /^columns/,
      ],
      ['another type', 'alter table t alter column id type bigint', /^columns of t changed/],
    ]
    test.each(moves)('is moved after %s', async (_what, sql, message) => {
      await loading.source.exec(sql)
      const moved = await answer()
      expect(moved.answer).toBe('moved')
      expect('message' in moved ? moved.message : '').toMatch(message)
    })

    test('returns the newer position that it proved', async () => {
      await loading.source.exec('insert into other values (1)')
      const answers = await loading.source.connection.probe([
        { stream: t, recorded: productOf(loaded, 'raw_t').source },
      ])
      if (!answers.ok) throw new Error(answers.problems[0]?.message)
      const { position } = answers.value.get('raw_t')!
      expect(position).not.toEqual(productOf(loaded, 'raw_t').source)
      const again = await loading.source.connection.probe([{ stream: t, recorded: position }])
      expect(again.ok && again.value.get('raw_t')).toEqual({
        probe: { answer: 'unchanged' },
        position,
      })
    })

    async function answer(): Promise<Probe> {
      return (await probe(loading.source.connection, [t], loaded)).get('raw_t')!
    }
  })

  test('names every missing stream, column and key, with suggestions', async () => {
    await loading.source.exec(
      'create table payment (payment_id int, amount int); create table customer (id int)',
    )
    const wrong = [
      stream('paymnt'),
      stream('payment', { columns: ['payment_id', 'amuont'], asset: 'a' }),
      stream('payment', {
        sync: 'incremental_dedup',
        primaryKey: ['paymentid'],
        cursor: 'at',
        asset: 'b',
      }),
      stream('payment', { exclude: ['payment_id', 'amount'], asset: 'c' }),
    ]
    const answers = await loading.source.connection.probe(
      wrong.map((one) => ({ stream: one, recorded: null })),
    )
    expect(
      answers.ok ? [] : answers.problems.map(({ code, asset, hint }) => [code, asset, hint]),
    ).toEqual([
      ['unknown-stream', 'raw_paymnt', 'did you mean payment?'],
      ['unknown-column', 'a', 'did you mean amount?'],
      ['missing-key-column', 'b', 'did you mean payment_id?'],
      ['missing-cursor-column', 'b', 'its columns are payment_id, amount'],
      ['no-columns', 'c', 'remove a column from exclude:'],
    ])
    const ended = await load(loading.source.connection, [...wrong, stream('customer')], {
      session: loading.session,
    })
    expect([...ended].map(([name, { step }]) => [name, step])).toEqual([
      ['raw_paymnt', 'failed'],
      ['a', 'failed'],
      ['b', 'failed'],
      ['c', 'failed'],
      ['raw_customer', 'built'],
    ])
  })

  test('refuses columns whose names clash in the warehouse', async () => {
    await loading.source.exec(
      'create table t ("A" int, a int); create table u (_airbyte_raw_id int, b int)',
    )
    const ended = await load(loading.source.connection, [stream('t'), stream('u')], {
      session: loading.session,
    })
    expect([...ended.values()].map((one) => one.step === 'failed' && one.problem.hint)).toEqual([
      'leave it out with exclude: [a]',
      'leave it out with exclude: [_airbyte_raw_id]',
    ])
    await built([stream('t', { exclude: ['a'] })])
  })

  test('one failed stream does not affect the others', async () => {
    await loading.source.exec(`create table good (id int); insert into good values (1);
      create table zero (id int); insert into zero values (0);
      create view bad as select 1 / id as x from zero`)
    const names = ['bad', 'good']
    const ended = await load(
      loading.source.connection,
      names.map((name) => stream(name)),
      { session: loading.session },
    )
    const bad = ended.get('raw_bad')!
    expect(
      bad.step === 'failed' && [bad.problem.code, bad.problem.asset, bad.problem.detail],
    ).toEqual(['source-read-failed', 'raw_bad', 'division by zero\nSQLSTATE 22012'])
    expect(ended.get('raw_good')!.step).toBe('built')
    expect(loading.session.tables.has('raw.bad')).toBe(false)
  })

  test('a cancelled load changes nothing and is reported', async () => {
    await loading.source.exec(`create table t (id int); insert into t select generate_series(1, 1000);
      create table u (id int); insert into u values (1)`)
    const controller = new AbortController()
    loading.session.onSpool = async () => controller.abort()
    const streams = [stream('t'), stream('u')]
    const ended = await load(loading.source.connection, streams, {
      session: loading.session,
      signal: controller.signal,
    })
    // The first stream was already read completely at the abort, so it may have been built.
    expect(ended.get('raw_u')!.step).toBe('cancelled')
    expect(loading.session.tables.has('raw.u')).toBe(false)
  })
})
