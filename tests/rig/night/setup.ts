import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { REPOSITORY } from '../cli.ts'
import type { Source } from './source.ts'

/** A private key in PEM format, as `deploy/README.md` has one made. */
export function newKey(): string {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey
}

/** The connection as `deploy/README.md` has it set up: the declared streams, without what they exclude. */
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
