import { connectionTo, EMBEDDED, testSite } from './postgres-source.ts'

// A process that opens an embedded source and reports to its parent. Arguments: the root of the project, the
// worker's program, SQL to run, and `stay` or `leave` for what to do afterwards.

const [root, worker, sql, then] = process.argv.slice(2)
const notices: string[] = []
const site = {
  ...testSite(root!, notices),
  notice: (message: string) => void process.send?.({ notice: message }),
}
const connection = connectionTo(EMBEDDED, site, new URL(worker!))
process.send?.({ answer: await connection.admin!.sql(sql!) })
// The channel must not keep the process alive: the test shows that the source does not either.
process.channel?.unref()
if (then === 'stay') setInterval(() => {}, 1_000_000)
