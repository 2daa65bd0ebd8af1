/** What a cursor can't show, whatever the source is (SEMANTICS 38). */
export const CURSOR_LIMITS =
  'rows below it that are updated, deleted or committed late may not be seen'
