import { createHash } from 'node:crypto'
import type { Json } from '../lib/json.ts'
import type { Component } from './component.ts'

/** The program itself, from its `package.json`. */
export interface Subject {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
}

/**
 * The software bill of materials as CycloneDX 1.5, the version that most tools read. `needs`: the package URLs
 * that the program itself requires. `at`: when it is made. It contains no address of a registry; equal arguments
 * give equal documents, and the serial number is a hash of all but the time. Pure.
 */
export function billOfMaterials(
  { name, version, description, license }: Subject,
  needs: readonly string[],
  components: readonly Component[],
  at: Date,
): Json {
  const purl = `pkg:npm/${name}@${version}`
  const content = {
    component: {
      type: 'application',
      'bom-ref': purl,
      name,
      version,
      description,
      licenses: licencesOf(license),
      purl,
    },
    components: components.map(componentOf),
    dependencies: [
      { ref: purl, dependsOn: [...needs] },
      ...components.flatMap(({ purl: ref, needs: its }) =>
        its === null ? [] : [{ ref, dependsOn: [...its] }],
      ),
    ],
  }
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: serialNumber(JSON.stringify(content)),
    version: 1,
    metadata: {
      timestamp: at.toISOString(),
      lifecycles: [{ phase: 'build' }],
      component: content.component,
    },
    components: content.components,
    dependencies: content.dependencies,
  }
}

function componentOf(one: Component) {
  const notes = Object.entries({ use: one.use, ...one.notes })
  return {
    type: 'library',
    'bom-ref': one.purl,
    name: one.name,
    version: one.version,
    scope: one.isOptional ? 'optional' : 'required',
    ...(one.hashes.length === 0 ? {} : { hashes: one.hashes.map((hash) => ({ ...hash })) }),
    licenses: licencesOf(one.licence),
    purl: one.purl,
    properties: notes.map(([name, value]) => ({ name: `assets:${name}`, value })),
  }
}

/** An SPDX identifier, or an expression of several. */
const licencesOf = (licence: string) =>
  / /.test(licence) ? [{ expression: licence }] : [{ license: { id: licence } }]

/** A UUID of version 8, whose bits are those of a hash. */
function serialNumber(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) % 4]
  const groups = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ]
  return `urn:uuid:${groups.join('-')}`
}
