import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { InProcessProject } from '../rig/in-process.ts'

let desk: InProcessProject
/** A folder outside the project. */
let share: string
beforeEach(() => {
  share = mkdtempSync(join(tmpdir(), 'assets-share-'))
})
afterEach(() => {
  desk.remove()
  rmSync(share, { recursive: true, force: true })
})

const yaml = (assets: string) => `version: 1
project: paths
targets: {local: {warehouse: {type: duckdb, path: w.duckdb}}}
assets:
${assets}`

test('an absolute path is used as it is, by every verb', async () => {
  const file = join(share, 'new/a.csv')
  const at = (to: string) => `  a: {kind: extract, query: select 1 as x, to: "${to}"}\n`
  desk = new InProcessProject({ 'assets.yaml': yaml(at(file)) })
  expect(await desk.show('materialize')).toContain('built      a')
  expect(readFileSync(file, 'utf8')).toBe('x\n1\n')
  expect(readdirSync(desk.root).sort()).toEqual(['.assets', 'assets.yaml', 'w.duckdb'])
  expect(await desk.show('status')).toContain('1 fresh')
  expect(await desk.show('verify')).toContain('verified 1 of 1')
  writeFileSync(file, 'x\n2\n')
  expect(await desk.show('status')).toContain('1 stale')
  await desk.show('materialize')
  expect(readFileSync(file, 'utf8')).toBe('x\n1\n')
  rmSync(file)
  expect(await desk.show('status')).toContain('1 stale')
  await desk.show('materialize')
  desk.write('assets.yaml', yaml(at('a.csv')))
  expect((await desk.show('materialize')).replaceAll(share, '<share>')).toMatch(
    /<share>\/new\/a\.csv\s+remains/,
  )
  expect(existsSync(file)).toBe(true)
})

test('so is that of a command, with {target}', async () => {
  const run = `echo a > "${share}/$ASSETS_TARGET/a.txt"`
  const command = { kind: 'command', run, outputs: [`${share}/{target}/a.txt`] }
  desk = new InProcessProject({ 'assets.yaml': yaml(`  a: ${JSON.stringify(command)}\n`) })
  expect(await desk.show('materialize')).toContain('built      a')
  expect(existsSync(join(share, 'local/a.txt'))).toBe(true)
  expect(await desk.show('status')).toContain('1 fresh')
})

test('code may be outside the project, and a change of it is seen', async () => {
  mkdirSync(join(share, 'lib'))
  writeFileSync(join(share, 'lib/a.py'), '1')
  const codes = [`${share}/lib/*.py`, `${share}/lib`, `${share}/lib/a.py`, '../LIB/*.py']
  desk = new InProcessProject({ 'assets.yaml': '' })
  symlinkSync(join(share, 'lib'), `${desk.root}-lib`)
  const assets = codes.map((code, at) => {
    const path = code.replace('LIB', `${desk.root.split('/').at(-1)}-lib`)
    return `  a${at}: {kind: command, run: "true", code: ["${path}"]}\n`
  })
  desk.write('assets.yaml', yaml(assets.join('')))
  await desk.show('materialize')
  expect(await desk.show('status')).toContain('4 fresh')
  writeFileSync(join(share, 'lib/a.py'), '22')
  expect(await desk.show('status')).toContain('4 stale')
  rmSync(`${desk.root}-lib`)
})

test('a link that another step makes while the run is on is followed before anything is written', async () => {
  desk = new InProcessProject({
    'assets.yaml': yaml(`  link: {kind: command, run: "ln -s ${share} out"}
  a: {kind: extract, query: select 1 as x, to: out/new/a.csv, deps: [link]}
  b: {kind: command, run: "echo b > out/b/b.txt", outputs: [out/b/b.txt], deps: [link]}
`),
  })
  const shown = (await desk.show('materialize')).replaceAll(share, '<share>')
  expect(shown).toContain('a: "to" must be in the project, but out leads to <share>')
  expect(shown).toContain('b: "outputs[0]" must be in the project, but out leads to <share>')
  expect(shown).toContain('write its absolute path: <share>/new/a.csv')
  expect(readdirSync(share)).toEqual([])
  // From now on, every command sees it before it builds anything.
  expect((await desk.show('materialize')).replaceAll(share, '<share>')).toContain('exit 2')
})

test('another spelling of the same file leaves nothing behind', async () => {
  const at = (to: string) => `  a: {kind: extract, query: select 1 as x, to: "${to}"}\n`
  desk = new InProcessProject({ 'assets.yaml': yaml(at('out/a.csv')), 'out/x': '' })
  symlinkSync('out', join(desk.root, 'link'))
  await desk.show('materialize')
  for (const to of ['link/a.csv', join(desk.root, 'out/a.csv'), './link/../out/a.csv']) {
    desk.write('assets.yaml', yaml(at(to)))
    expect(await desk.show('plan')).not.toContain('remains')
    expect(await desk.show('materialize')).not.toContain('remains')
    expect(await desk.show('status')).toContain('1 fresh')
  }
  desk.write('assets.yaml', yaml(at('other.csv')))
  expect(await desk.show('materialize')).toContain('out/a.csv        remains')
})

test('names of 255 bytes are written and measured', async () => {
  const name = `${'é'.repeat(125)}a.csv`
  desk = new InProcessProject({
    'assets.yaml': yaml(`  a: {kind: extract, query: select 1 as x, to: "${name}"}\n`),
  })
  expect(await desk.show('materialize')).toContain('built      a')
  expect(readFileSync(join(desk.root, name), 'utf8')).toBe('x\n1\n')
  expect(readdirSync(desk.root).sort()).toEqual(['.assets', 'assets.yaml', 'w.duckdb', name])
})

test('a folder that is a file is the problem of the asset, and not of the warehouse', async () => {
  desk = new InProcessProject({
    'assets.yaml': yaml(`  a: {kind: extract, query: select 1 as x, to: file/a.csv}
  b: {kind: command, run: "true", outputs: [ok.txt, file/b/b.txt]}
  c: {kind: extract, query: select 1 as x, to: folder.csv}
  d: {kind: extract, query: select 1 as x, to: /proc/1/d.csv}
`),
    file: '',
    'folder.csv/x': '',
  })
  const shown = await desk.show('materialize')
  expect(shown).toContain("a: can't write file/a.csv: <root>/file is a file, not a folder")
  expect(shown).toContain("b: can't create the folder of file/b/b.txt: <root>/file is a file")
  expect(shown).toContain("c: can't write folder.csv: <root>/folder.csv is a folder")
  expect(shown).toContain("d: can't write /proc/1/d.csv: ")
  expect(shown).not.toMatch(/w\.duckdb|bug/)
})

test('a name of 64 KB on the command line is cut, and no bug', async () => {
  desk = new InProcessProject({
    'assets.yaml': yaml('  a: {kind: command, run: "true", outputs: [a.txt]}\n'),
  })
  const long = 'x'.repeat(65_000)
  for (const line of [
    ...[`init ${long}`, `init ${'x/'.repeat(32_000)}`, `state copy --to ${long}`],
    ...[`status ${long}`, `status group:${long}`, `status --target ${long}`, `why ${long}`],
    ...[`run ${long}`, `runs ${long}`, `status --${long}`, long],
  ]) {
    // Its first line repeats the command.
    const [, ...shown] = (await desk.show(line)).split('\n')
    const text = shown.join('\n')
    expect(text, line.slice(0, 30)).toMatch(/^error .*exit [12]$/s)
    expect(text, line.slice(0, 30)).not.toMatch(/bug/)
    expect(text.length, line.slice(0, 30)).toBeLessThan(3_000)
  }
})
