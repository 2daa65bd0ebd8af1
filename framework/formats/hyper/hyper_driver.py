"""Runs SQL in Hyper through the vendor's driver. `driver.ts` starts it with the version of the file format.

Reads lines of JSON from stdin, `{"sql": …}`, and answers each with a line: `{"rows": […]}` or `{"error": …}`. Ends, with
the server that it started, when stdin does.
"""

import json
import sys

from tableauhyperapi import Connection, HyperException, HyperProcess, Telemetry


def main(version):
    # The protocol has stdout for itself: a library that prints must not break it.
    answers, sys.stdout = sys.stdout, sys.stderr
    parameters = {"log_config": "", "default_database_version": version}
    telemetry = Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU
    with HyperProcess(telemetry, parameters=parameters) as process:
        with Connection(process.endpoint) as connection:
            for line in sys.stdin:
                print(json.dumps(answer(connection, json.loads(line)["sql"])), file=answers, flush=True)


def answer(connection, sql):
    try:
        if not sql.lstrip().startswith("select"):
            connection.execute_command(sql)
            return {"rows": []}
        with connection.execute_query(sql) as result:
            return {"rows": [[None if cell is None else str(cell) for cell in row] for row in result]}
    except HyperException as error:
        return {"error": "\n".join(filter(None, [error.main_message, error.hint]))}


if __name__ == "__main__":
    main(sys.argv[1])
