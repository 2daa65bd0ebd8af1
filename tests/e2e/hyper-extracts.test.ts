import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CliProject, REPOSITORY } from '../rig/cli.ts'
import { sharedHyper, sharedPython } from '../rig/python.ts'
import { readHyper, rowsOfCsv, sortedRows } from '../rig/read-hyper.ts'
import { datatypeOf, fieldsOf } from '../rig/tableau/workbook.ts'

// The eleven reports as CSV files and as .hyper files: the vendor's own driver reads the rows of the CSV files.

const folder = await sharedHyper()

describe.skipIf(folder === null)('the reports of the DVD rental', () => {
  let project: CliProject
  let names: readonly string[]

  beforeAll(async () => {
    project = CliProject.dvdRental({
      ASSETS_PYTHON_ENV: await sharedPython(),
      ASSETS_HYPER_PYTHON_ENV: folder!,
    })
    const first = await project.run('materialize')
    if (first.code !== 0) throw new Error(first.stderr)
    names = readdirSync(project.path('extracts/local')).map((name) => name.replace('.csv', ''))
    const declared = readFileSync(project.path('assets/extracts.yaml'), 'utf8')
    const hyper = declared
      .replaceAll(/^( {2})(extract_\w+):$/gm, '$1hyper_$2:')
      .replaceAll('extracts/{target}/', 'extracts/hyper/{target}/')
      .replaceAll('.{format}', '.hyper')
      .replaceAll(/^ {2}(format|publish): .*\n/gm, '')
    project.write('assets/hyper.yaml', hyper)
    const list = readFileSync(project.path('assets.yaml'), 'utf8')
    if (!/include:.*\*/.test(list)) {
      project.write(
        'assets.yaml',
        list.replace('assets/extracts.yaml', 'assets/extracts.yaml, assets/hyper.yaml'),
      )
    }
    const second = await project.run('materialize')
    if (second.code !== 0) throw new Error(second.stderr)
  })
  afterAll(() => project.remove())

  test('have the same rows in both files, type by type', async () => {
    expect(names).toHaveLength(11)
    const files = names.map((name) => project.path(`extracts/hyper/local/${name}.hyper`))
    const read = await readHyper(folder!, ...files)
    for (const [at, name] of names.entries()) {
      const csv = await rowsOfCsv(project.path(`extracts/local/${name}.csv`), read[at]!)
      expect(sortedRows(read[at]!.rows), name).toEqual(sortedRows(csv))
    }
  })

  test('have the columns, types and order of the workbook that ships with the project', async () => {
    const fields = fieldsOf(readFileSync(join(REPOSITORY, 'deploy/dvd_rental.twb'), 'utf8'))
    const files = names.map((name) => project.path(`extracts/hyper/local/${name}.hyper`))
    for (const [at, { columns }] of (await readHyper(folder!, ...files)).entries()) {
      const types = columns.map(([name, type]) => [name, datatypeOf(type)])
      expect([...fields.get(names[at]!)!], names[at]).toEqual(types)
    }
  })

  test('are fresh after that', async () => {
    const { stderr } = await project.run('materialize')
    expect(stderr).not.toMatch(/ (built|unchanged) {2}/)
  })

  test('are built again where a file was replaced by another one, and only there', async () => {
    const [first, second] = names as [string, string]
    const other = readFileSync(project.path(`extracts/hyper/local/${second}.hyper`))
    writeFileSync(project.path(`extracts/hyper/local/${first}.hyper`), other)
    const { stderr } = await project.run('materialize')
    expect(stderr.match(/ (built|unchanged) {2}/g)).toHaveLength(1)
    expect(stderr).toMatch(new RegExp(` (built|unchanged) +hyper_extract_${first} `))
  })
})

describe.skipIf(folder === null)('a run that is killed while Hyper writes', () => {
  test('leaves no Hyper, no folder and no part of a file', async () => {
    const project = new CliProject({ ASSETS_HYPER_PYTHON_ENV: folder! }).write(
      'assets.yaml',
      `version: 1
project: p
targets: {local: {warehouse: {type: duckdb, path: w.duckdb}}}
assets:
  a: {kind: extract, to: out/a.hyper, query: "select i, i * 2 as j, 'text ' || i as t from range(4000000) r(i)"}
`,
    )
    const hyperOf = (pid: number) => running(`assets-hyper-${pid}-`)
    try {
      const killed = project.start(['materialize'])
      const pid = killed.child.pid!
      await until(() => hyperOf(pid).length > 0 && existsSync(project.path('out')))
      await until(() => readdirSync(project.path('out')).length > 0)
      killed.child.kill('SIGKILL')
      await killed.ended
      await until(() => hyperOf(pid).length === 0)
      const { code, stderr } = await project.run('materialize')
      expect([code, stderr]).toEqual([0, expect.stringMatching(/ built +a +4,000,000 rows/)])
      expect(readdirSync(project.path('out'))).toEqual(['a.hyper'])
      expect(readdirSync(project.path('.assets/scratch'))).toEqual([])
      expect(
        readdirSync(tmpdir()).filter((name) => name.startsWith(`assets-hyper-${pid}-`)),
      ).toEqual([])
      expect((await project.run('status')).stdout).toContain('1 fresh')
    } finally {
      project.remove()
    }
  })
})

/** The command lines of programs that contain a text. */
function running(text: string): readonly string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line.includes(text))
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; !isTrue(); tries++) {
    if (tries > 3_000) throw new Error('it did not happen within 30 s')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
