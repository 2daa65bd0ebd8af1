import { schema } from '../../../config/index.ts'
import { type Context, EXIT } from '../../context.ts'
import type { Output } from '../../output.ts'
import { declarationsOf } from '../../workspace.ts'

/** `assets schema`: prints the JSON Schema of `assets.yaml`, or of the files it includes. */
export async function printSchema(
  context: Context,
  output: Output,
  file: 'project' | 'assets',
): Promise<number> {
  const schemas = await schema(declarationsOf(context.registries))
  output.document(schemas[file])
  return EXIT.done
}
