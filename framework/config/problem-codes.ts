// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts quote settings
/** The problems of this room: what each means, and what to do. `PROBLEMS.md` is generated from these. */
export const problemCodes = {
  'cache-damaged':
    'A file in `.assets/cache` was damaged, and the command had already printed a part of its output or could not delete it. Run the command again.',
  'duplicate-asset': 'Two declarations have the same asset name. Remove or rename one of them.',
  'duplicate-dependency': '`deps` of an asset lists a name twice. Remove one of them.',
  'duplicate-key': 'A mapping in a YAML file has the same key twice. Remove one of them.',
  'empty-project': '`assets.yaml` has no content. Add at least `version: 1` and `project: name`.',
  'file-missing': 'A file that `include:` names does not exist. Create it, or correct the path.',
  'file-too-large':
    'A YAML file is larger than 16 MB, has more than 400,000 words and marks (about 10,000 assets), or a text of more than a million characters. Split it into several files and list them in `include:`.',
  'file-unreadable':
    'A YAML file or `.env` can not be read: it is a folder, or its permissions do not allow it. Correct the path or the permissions.',
  'include-unreadable':
    'A pattern of `include:` matches no file, or its folder can not be read. Paths are relative to the folder of `assets.yaml`.',
  'invalid-name':
    'A name contains characters that are not allowed, is too long, or is reserved. Names start with a letter or `_`; the message lists the allowed characters.',
  'invalid-path':
    'A path leads where its key does not allow it, directly or through a link; or no file can have such a name. Files that a build replaces are in the project, or have an absolute path; `include:` never leaves the project.',
  'invalid-value':
    'A value has the right type but is not allowed here. The message lists what is allowed.',
  'invalid-variable':
    'A setting contains `${` that does not start a valid variable or secret. Write `${NAME}`, `${NAME:-default}` or `${secret:NAME#key}`; `$${` is a literal `${`.',
  'invalid-vars':
    "The value of `--vars` is not a mapping in YAML or JSON. Write it as for dbt: `--vars '{start: 2026-01-01}'`.",
  'key-without-effect':
    'An asset sets a key that has no effect on assets of its kind, such as `retries` on an `external` asset. Remove the key.',
  'missing-default-target':
    'The project has several targets, none of them is called `local`, and `default_target` is missing. Add it.',
  'missing-key': 'A required key is missing. Add it to the asset, or to `defaults:`.',
  'missing-kind':
    'An asset has no `kind`, and neither have the `defaults:` of its file. Add it to one of them.',
  'missing-variable':
    'A setting of the target uses an environment variable that is not set, or empty, and has no default. Export it, add it to `.env`, or write `${NAME:-default}`.',
  'no-project':
    'There is no `assets.yaml` in this folder or above it. Change to the folder of a project, or create one with `assets init`.',
  'not-utf8': 'A YAML file is not encoded as UTF-8. Save it in that encoding.',
  'secret-key-missing':
    '`${secret:NAME#key}` names a key that the JSON of the secret does not have, or whose value is a list or an object. Correct the key or the secret.',
  'secret-not-json':
    '`${secret:NAME#key}` names a key of a secret that is not a JSON object. Leave out `#key`, or store a JSON object.',
  'unknown-dependency':
    '`deps` lists an asset that no file declares. Correct the name or declare the asset; use `kind: external` if another program builds it.',
  'unknown-key': 'A key is not allowed here. Correct its spelling or remove it.',
  'unknown-kind': '`kind` is not one of the known kinds of assets. Use one that the hint lists.',
  'unknown-pool':
    '`pool` is not one of the `pools:` in `assets.yaml`. Correct the name, or add the pool there.',
  'unknown-target':
    'A command or a setting names a target that is not one of the `targets:` in `assets.yaml`. Correct the name, or add the target.',
  'unknown-type':
    '`type` of a warehouse, connection or state is not one of the known adapters. Use one that the hint lists.',
  'warehouse-from':
    'A target takes its warehouse from dbt, but the project has no `dbt:` key. Add it, or state the warehouse.',
  'wrong-type':
    'A value has the wrong type, such as a string instead of a list. Write it as the message says.',
  'yaml-alias':
    'A YAML alias refers to an anchor that is not defined above it, `<<` merges something other than mappings, or the aliases expand to too many values. Correct the alias, or write out the values.',
  'yaml-key': 'A key in a YAML file is a list or a mapping. Put quotes around the key.',
  'yaml-syntax': 'A YAML file has a syntax error. Correct it at the location shown.',
  'yaml-tab':
    'A line of a YAML file is indented with a tab. Use spaces; YAML does not allow tabs there.',
  'yaml-tag':
    'A value in a YAML file has a tag such as `!include`. Tags are not supported: remove it, or put quotes around a text that starts with `!`.',
} as const

declare module '../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
