import { type Problem, ProblemError } from '../model/problem.ts'
import type { Database, Transaction } from './database.ts'
import { sealRows } from './seal-rows.ts'

/** Statements, or work that no statement can do. */
export type Migration = readonly (string | ((tx: Transaction) => Promise<void>))[]

/**
 * The tables of the state, for every adapter. Migrations are applied in order, each in one transaction. A
 * released migration is never edited; changes are a new entry at the end.
 *
 * Some tables have older names than the code uses: `marks` holds forced assets, `gates` change tokens,
 * `sheets` the record snapshots, and `runs.balance` the savings. Renaming them would need a migration
 * and gain nothing.
 */
export const MIGRATIONS: readonly Migration[] = [
  [
    // `id` is also the fencing number of the run's lease: it only grows.
    `create table runs (
      id bigint primary key,
      target text not null,
      command text not null,
      job text,
      started_at bigint not null,
      finished_at bigint,
      outcome text,
      counts text
    )`,
    `create index runs_of_target on runs (target, id)`,
    `create table steps (
      run bigint not null,
      name text not null,
      finished_at bigint not null,
      outcome text not null,
      body text not null,
      primary key (run, name)
    )`,
    `create table durations (
      target text not null,
      name text not null,
      seconds double precision not null,
      primary key (target, name)
    )`,
    `create table leases (
      target text primary key,
      run bigint not null,
      host text not null,
      realm text not null,
      pid bigint not null,
      started text not null,
      since bigint not null,
      heartbeat bigint not null
    )`,
    `create table journal (
      target text not null,
      name text not null,
      run bigint not null,
      at bigint not null,
      state text not null,
      message text,
      reference text not null,
      primary key (target, name)
    )`,
    `create table marks (
      target text not null,
      name text not null,
      mark text not null,
      primary key (target, name)
    )`,
    // `written_by` is the run that wrote the row. Rows newer than the record snapshot are read separately.
    `create table records (
      target text not null,
      name text not null,
      written_by bigint not null,
      version text,
      body text not null,
      primary key (target, name)
    )`,
    `create index records_by_age on records (target, written_by)`,
    // Replaced records whose version another record may still name as an input.
    `create table past_records (
      target text not null,
      name text not null,
      version text not null,
      body text not null,
      primary key (target, name, version)
    )`,
    // Record snapshots in rows of some hundred records, for targets with many assets.
    `create table sheets (
      target text not null,
      part bigint not null,
      written_by bigint not null,
      names text not null,
      bodies text not null,
      primary key (target, part)
    )`,
    `create table checks (
      target text not null,
      name text not null,
      body text not null,
      primary key (target, name)
    )`,
    `create table remembered (
      target text not null,
      asset text not null,
      versions text not null,
      primary key (target, asset)
    )`,
    `create table observed (
      target text not null,
      name text not null,
      at bigint not null,
      body text not null,
      primary key (target, name)
    )`,
    `create table gates (
      target text not null,
      subject text not null,
      token text not null,
      primary key (target, subject)
    )`,
  ],
  // What a run built and skipped, for `savings`.
  [`alter table runs add column balance text`],
  [
    // Record snapshots in one row per target: the record table, and the records as deflated pages.
    'drop table sheets',
    `create table sheets (
      target text primary key,
      written_by bigint not null,
      columns bytea not null,
      pages bytea not null
    )`,
  ],
  [
    // What moved assets left at their old relations and files.
    `create table leftovers (
      target text not null,
      place text not null,
      body text not null,
      primary key (target, place)
    )`,
    // The index in a record snapshot did not cover relations. The next run writes another one.
    'delete from sheets',
  ],
  [
    // A checksum of the row, where a decision reads it.
    'alter table records add column seal text',
    'alter table past_records add column seal text',
    'alter table checks add column seal text',
    'alter table journal add column seal text',
    'alter table marks add column seal text',
    'alter table remembered add column seal text',
    'alter table observed add column seal text',
    'alter table leftovers add column seal text',
    'alter table gates add column seal text',
    'alter table steps add column seal text',
    // The bytes of a record snapshot did not have the number of its run.
    'delete from sheets',
  ],
  // From here on, a row without a checksum is damage.
  [sealRows],
  [
    // What a run did in the order in which it happened, and how far it is, for pages that watch it.
    `create table run_events (
      target text not null,
      run bigint not null,
      seq bigint not null,
      body text not null,
      primary key (run, seq)
    )`,
    `create table run_progress (
      target text primary key,
      run bigint not null,
      at bigint not null,
      body text not null
    )`,
    // The history of one asset.
    `create index steps_by_name on steps (name, run)`,
  ],
]

/**
 * Applies the missing migrations. Two processes may do this at the same time. Throws `state-newer` when a
 * newer version of assets has already migrated the database further.
 */
export async function migrate(
  database: Database,
  where: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const found = await database.transaction('read', (tx) => tx.schema())
  if (found > migrations.length) throw new ProblemError(newer(where, found, migrations.length))
  for (let number = found + 1; number <= migrations.length; number += 1) {
    await database.transaction('durable', async (tx) => {
      // Another process may have applied it while this one waited for the lock.
      if ((await tx.schema()) >= number) return
      for (const step of migrations[number - 1]!) {
        if (typeof step === 'string') await tx.run(step)
        else await step(tx)
      }
      await tx.setSchema(number)
    })
  }
}

function newer(where: string, found: number, known: number): Problem {
  return {
    code: 'state-newer',
    message: `the state in ${where} was written by a newer version of assets (it has schema ${found}, this version supports ${known})`,
    hint: 'run `npm install` to get the version that the project requires, or install a newer version of assets',
  }
}
