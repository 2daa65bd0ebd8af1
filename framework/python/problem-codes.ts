export const problemCodes = {
  'python-environment':
    'A Python environment could not be created, or ASSETS_PYTHON_ENV, ASSETS_HYPER_PYTHON_ENV or `dbt.python` names a folder without Python, or one that lacks a package. Correct what is shown and run the command again.',
  'python-missing': 'No Python that the packages support is on PATH. Install one.',
  'python-venv-missing':
    'The venv module of Python is missing or broken. Install it, on Debian and Ubuntu with `apt install python3-venv`.',
  'requirements-missing':
    'The file that a Python environment is created from does not exist, such as the one in `dbt.requirements`. Create it, or remove the key.',
} as const

declare module '../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
