import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { REPOSITORY } from '../cli.ts'
import type { Source } from './source.ts'

/** A new private key in PEM format, like the one that `deploy/README.md` has the user make. */
export function newKey(): string {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey
}

/**
 * The streams of the Airbyte connection as `deploy/README.md` describes it: those in
 * `assets/raw.yaml`, without excluded columns.
 */
export function streamsOf(source: Source) {
  const text = readFileSync(join(REPOSITORY, 'assets/raw.yaml'), 'utf8')
  const { assets } = parse(text) as {
    readonly assets: Readonly<
      Record<string, { stream: string; primary_key: string[]; exclude?: string[] }>
    >
  }
  return Object.values(assets).map(({ stream, primary_key, exclude = [] }) => ({
    name: stream,
    syncMode: 'incremental_deduped_history',
    primaryKey: primary_key.map((column) => [column]),
    selectedFields: source.tables
      .find(({ name }) => name === stream)!
      .columns.filter(({ name }) => !exclude.includes(name))
      .map(({ name }) => ({ fieldPath: [name] as const })),
  }))
}
