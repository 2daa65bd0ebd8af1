import { connectionTo, EMBEDDED, testSite } from './postgres-source.ts'

// A process that has an embedded source open and tells its parent what it does. Arguments: the
// project's root, the worker's program, SQL to run, and `stay` or `leave` for what comes then.

const [root, worker, sql, then] = process.argv.slice(2)
const notices: string[] = []
const site = {
  ...testSite(root!, notices),
  notice: (message: string) => void process.send?.({ notice: message }),
}
const connection = connectionTo(EMBEDDED, site, new URL(worker!))
process.send?.({ answer: await connection.admin!.sql(sql!) })
// Without a listener the channel keeps nothing alive, so that only the source could.
process.channel?.unref()
if (then === 'stay') setInterval(() => {}, 1_000_000)
