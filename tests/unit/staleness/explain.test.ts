import { describe, expect, test } from 'vitest'
import { FakeProject } from '../../rig/fake-project.ts'

/** Each node of the chain of causes, with its reasons, its causes, and how it changed in itself. */
async function chain(project: FakeProject, name: string): Promise<Record<string, string>> {
  const nodes = await project.why(name)
  return Object.fromEntries(
    nodes.map(({ name: node, reasons, causes, root }) => {
      const said = reasons.map(({ reason, asset }) => `${reason} ${asset ?? ''}`.trim())
      const text = [said.join(', '), causes.map((cause) => `< ${cause}`).join(' '), root ?? '']
      return [node, text.filter((part) => part !== '').join(' ')]
    }),
  )
}

describe('a change below views', () => {
  test('is followed through a view over a view to the table that changed', async () => {
    const project = new FakeProject().raw('raw').view('v1', ['raw']).view('v2', ['v1'])
    project.add('t', ['v2'])
    await project.materialize()
    // The record of a view is of its creation, however often the data below it changes.
    project.change('raw', { source: 'more' })
    await project.materialize()
    project.change('raw', { source: 'even more' })
    await project.materialize(['v2'])
    expect(await chain(project, 't')).toEqual({
      raw: 'source',
      v1: '< raw',
      v2: '< v1',
      t: 'data v2 < v2',
    })
  })

  test('is not blamed on the creation of the view, even if too much changed since to remember', async () => {
    const project = new FakeProject().raw('raw').view('v', ['raw']).add('t', ['v'])
    await project.materialize()
    for (let k = 0; k < 10; k++) {
      project.change('raw', { source: `more ${k}` })
      await project.materialize(['v'])
    }
    expect(await chain(project, 't')).toEqual({ raw: 'source', v: '< raw', t: 'data v < v' })
  })

  test('is followed to it before it was loaded, too', async () => {
    const project = new FakeProject().raw('raw').view('v1', ['raw']).view('v2', ['v1'])
    project.add('t', ['v2'])
    await project.materialize()
    project.change('raw', { source: 'more' })
    expect(await chain(project, 't')).toEqual({
      raw: 'source',
      v1: '< raw',
      v2: '< v1',
      t: '< v2',
    })
  })

  test('names the one of several tables that changed, and no table that did not', async () => {
    const project = new FakeProject().raw('a').raw('b').raw('c')
    project.view('left', ['a', 'b']).view('right', ['b', 'c']).view('top', ['left', 'right'])
    project.add('t', ['top'])
    await project.materialize()
    for (const source of ['c changed before', 'c']) {
      project.change('c', { source })
      await project.materialize()
    }
    project.change('a', { source: 'moved' })
    await project.materialize(['top'])
    expect(await chain(project, 't')).toEqual({
      a: 'source',
      left: '< a',
      top: '< left',
      t: 'data top < top',
    })
  })

  test('is named once by a diamond, on both ways', async () => {
    const project = new FakeProject().raw('raw').raw('other')
    project.view('left', ['raw', 'other']).view('right', ['raw']).view('top', ['left', 'right'])
    project.add('t', ['top'])
    await project.materialize()
    project.change('raw', { source: 'moved' })
    await project.materialize(['top'])
    expect(await chain(project, 't')).toEqual({
      raw: 'source',
      left: '< raw',
      right: '< raw',
      top: '< left < right',
      t: 'data top < top',
    })
  })

  test('ends at a view that shows what it showed before', async () => {
    const project = new FakeProject().raw('a').raw('b')
    project.view('still', ['a'], { constant: 'always' }).view('top', ['still', 'b'])
    project.add('t', ['top'])
    await project.materialize()
    project.change('a', { source: 'moved' }).change('b', { source: 'moved' })
    await project.materialize(['top'])
    expect(await chain(project, 't')).toMatchObject({ b: 'source', top: '< b' })
    expect(await chain(project, 't')).not.toHaveProperty('a')
  })

  test('is found in an external, which has no record', async () => {
    const project = new FakeProject().external('file').raw('raw')
    project.view('v1', ['file', 'raw']).view('v2', ['v1']).add('t', ['v2'])
    await project.materialize()
    project.tables.set('file', 'another file')
    await project.materialize(['v2'])
    expect(await chain(project, 't')).toEqual({
      file: '',
      v1: '< file',
      v2: '< v1',
      t: 'data v2 < v2',
    })
  })

  test('is followed through ephemerals', async () => {
    const project = new FakeProject().raw('a').raw('b')
    project.ephemeral('e1', ['a', 'b']).view('v', ['e1']).ephemeral('e2', ['v'])
    project.add('t', ['e2'])
    await project.materialize()
    project.change('b', { source: 'moved' })
    await project.materialize(['v'])
    expect(await chain(project, 't')).toEqual({
      b: 'source',
      e1: '< b',
      v: '< e1',
      e2: '< v',
      t: 'data e2 < e2',
    })
  })
})

describe('a virtual asset that changed in itself is a root', () => {
  test('a view that is stale, and what changed below it', async () => {
    const project = new FakeProject().raw('a').raw('b').view('v1', ['a', 'b']).view('v2', ['v1'])
    project.add('t', ['v2'])
    await project.materialize()
    project.change('v1', { code: 'edited' }).change('a', { source: 'moved' })
    expect(await chain(project, 't')).toEqual({
      a: 'source',
      v1: 'code < a',
      v2: '< v1',
      t: '< v2',
    })
  })

  test('a view that a later run built again for its code', async () => {
    const project = new FakeProject().raw('raw').view('v1', ['raw']).view('v2', ['v1'])
    project.add('t', ['v2'])
    await project.materialize()
    project.change('v1', { code: 'edited' })
    await project.materialize(['v2'])
    expect(await chain(project, 't')).toEqual({
      v1: 'code',
      v2: '< v1',
      t: 'data v2 < v2',
    })
  })

  test('but not a view that a later run built again from the same code', async () => {
    const project = new FakeProject().raw('raw').view('v', ['raw']).add('t', ['v'])
    await project.materialize()
    await project.materialize(['v'], { forced: 'forced' })
    project.change('raw', { source: 'moved' })
    await project.materialize(['v'])
    expect(await chain(project, 't')).toEqual({ raw: 'source', v: '< raw', t: 'data v < v' })
  })

  test('an ephemeral with other code, and not the tables below it', async () => {
    const project = new FakeProject().raw('raw').ephemeral('e1', ['raw']).ephemeral('e2', ['e1'])
    project.add('t', ['e2'])
    await project.materialize()
    project.change('e1', { code: 'edited' })
    expect(await chain(project, 't')).toEqual({ e1: 'code', e2: '< e1', t: 'data e2 < e2' })
  })

  test('a view that is new in each run', async () => {
    const project = new FakeProject().raw('raw').view('v', ['raw']).add('t', ['v'])
    project.policy('v', { dataVersion: 'always_new' })
    await project.materialize()
    await project.materialize(['v'])
    expect(await chain(project, 't')).toEqual({ v: 'always_new', t: 'data v < v' })
  })
})

describe('the history of a fresh table', () => {
  test('names what had changed below its views, although its record has later versions', async () => {
    const project = new FakeProject().raw('a').raw('b').raw('c')
    project.view('v1', ['a', 'b', 'c']).view('v2', ['v1']).add('t', ['v2'])
    await project.materialize()
    project.change('a', { source: 'moved' })
    await project.materialize(['a'])
    project.change('b', { source: 'moved' })
    await project.materialize()
    expect(await chain(project, 't')).toMatchObject({
      v1: '< a < b',
      v2: '< v1',
      t: 'data v2 < v2',
    })
    expect(await chain(project, 't')).not.toHaveProperty('c')
  })

  test('keeps its own changes apart from those that a later reader has not seen', async () => {
    const project = new FakeProject().raw('a').raw('b')
    project.view('v', ['a', 'b']).add('mid', ['v']).add('t', ['v', 'mid'])
    await project.materialize()
    project.change('a', { source: 'moved' })
    await project.materialize(['mid'])
    expect(await chain(project, 't')).toEqual({
      a: 'source',
      v: '< a',
      mid: 'data v < v',
      t: 'data mid, data v < mid < v',
    })
  })
})
