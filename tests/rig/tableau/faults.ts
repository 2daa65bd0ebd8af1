import type { Fault } from './look-alike.ts'

/** What may happen to a call, so that it is not clear whether it was carried out. */
export const UNCLEAR: readonly (readonly [string, Fault])[] = [
  ['500', { is: 'status', status: 500 }],
  ['504', { is: 'status', status: 504 }],
  ['a page of a proxy', { is: 'page', status: 502 }],
  ['a page that calls itself well', { is: 'page', status: 200 }],
  ['a connection that breaks before', { is: 'broken', when: 'before' }],
  ['a connection that breaks after', { is: 'broken', when: 'after' }],
  ['half an answer', { is: 'cut' }],
  ['silence', { is: 'silent' }],
]

/** Those after which it was carried out. */
export const DONE = ['a connection that breaks after', 'half an answer', 'silence']
