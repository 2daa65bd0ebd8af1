import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { REPOSITORY } from '../rig/cli.ts'
import { fieldsOf } from '../rig/tableau/workbook.ts'

// The workbook that ships with the project, as far as it can be checked without Tableau. Its types are compared with those of the
// extracts by e2e/hyper-extracts.test.ts.

const text = readFileSync(join(REPOSITORY, 'deploy/dvd_rental.twb'), 'utf8')
const fields = fieldsOf(text)
const extracts = parse(readFileSync(join(REPOSITORY, 'assets/extracts.yaml'), 'utf8')) as {
  readonly assets: Readonly<Record<string, { readonly deps: readonly string[] }>>
}
const reports = parse(
  readFileSync(join(REPOSITORY, 'dbt/models/reports/_reports.yml'), 'utf8'),
) as {
  readonly models: readonly { readonly name: string; readonly columns: { name: string }[] }[]
}

describe('the workbook', () => {
  test('is well-formed', () => {
    expect(XMLValidator.validate(text)).toBe(true)
  })

  test('has the data source of each extract, with its columns', () => {
    const published = Object.values(extracts.assets).map(({ deps: [report] }) => report!)
    expect([...fields.keys()].sort()).toEqual(published.sort())
    for (const { name, columns } of reports.models) {
      const declared = columns.map((column) => column.name)
      expect([...fields.get(name)!.keys()].sort(), name).toEqual(declared.sort())
    }
  })

  test('has a sheet for each data source, whose fields exist and are declared as there', () => {
    const parser = new XMLParser({
      ...{ ignoreAttributes: false, attributeNamePrefix: '' },
      isArray: (name) => ['worksheet', 'column', 'column-instance', 'window'].includes(name),
    })
    const { workbook } = parser.parse(text)
    const sheets = workbook.worksheets.worksheet
    expect(workbook.windows.window.map(({ name }: { name: string }) => name)).toEqual(
      sheets.map(({ name }: { name: string }) => name),
    )
    const used = new Set<string>()
    for (const { name, table } of sheets) {
      const needs = table.view['datasource-dependencies']
      const source = needs.datasource.replace('sqlproxy.', '')
      used.add(source)
      const columns = fields.get(source)!
      for (const { name: column, datatype } of needs.column) {
        expect([name, column, columns.get(column.slice(1, -1))]).toEqual([name, column, datatype])
      }
      const instances = needs['column-instance'].map((one: { name: string }) => one.name)
      const shelves = [table.rows, table.cols, ...encodings(table)].join(' ')
      const shown = [...shelves.matchAll(/\[sqlproxy\.(\w+)\]\.(\[[^\]]+\])/g)]
      expect(shown.length, name).toBeGreaterThan(0)
      for (const [, of, field] of shown) {
        expect([of, instances.includes(field)], `${name} ${field}`).toEqual([source, true])
      }
    }
    expect([...used].sort()).toEqual([...fields.keys()].sort())
  })
})

function encodings(table: Record<string, never>): readonly string[] {
  const { view, panes } = table as unknown as {
    view: { 'computed-sort'?: { column: string; using: string } }
    panes: { pane: { encodings?: { color: { column: string } } } }
  }
  const sort = view['computed-sort']
  return [
    ...(sort === undefined ? [] : [sort.column, sort.using]),
    ...(panes.pane.encodings === undefined ? [] : [panes.pane.encodings.color.column]),
  ]
}
