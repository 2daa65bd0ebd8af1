"""The requests of both drivers, handled like the service where fakesnow differs."""

import asyncio
import gzip
import json
import secrets
from collections import OrderedDict
from decimal import Decimal

import fakesnow.server as fakesnow_server
import pyarrow
from fakesnow.dialect import parse_one
from results import FORMATS, INLINE, KEPT, captured, is_node
from sqlglot import exp
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

sessions = fakesnow_server.sessions
from_binding, stage_info = fakesnow_server.from_binding, fakesnow_server.gcs_stage_info
SUCCESS = {"data": None, "code": None, "message": None, "success": True}


class Seen:
    """The requests so far: for repeated requests, for cancellation, and for tests."""

    def __init__(self):
        self.statements = []
        self.logins = []
        self.results = OrderedDict()
        self.answers = OrderedDict()
        self.running = {}
        self.locks = {}
        self.expired = set()

    def keep(self, store, key, value):
        store[key] = value
        while len(store) > KEPT:
            store.popitem(last=False)


seen = Seen()


async def body_of(request):
    raw = await request.body()
    if request.headers.get("content-encoding") == "gzip":
        raw = gzip.decompress(raw)
    return json.loads(raw or b"{}")


def token_of(request):
    return request.headers.get("authorization", "")[len('Snowflake Token="') : -1]


def failure(code, message):
    """An error with status 200. Drivers retry other statuses for minutes."""
    data = {"errorCode": code, "sqlState": "58000"}
    return JSONResponse({"data": data, "code": code, "message": message, "success": False})


async def log_in(request):
    answer = json.loads((await fakesnow_server.login_request(request)).body)
    data, asked = answer["data"], (await body_of(request))["data"]
    given = asked["SESSION_PARAMETERS"]
    sessions[data["token"]].parameters = {name: str(value) for name, value in given.items()}
    seen.logins.append({name: asked.get(name) for name in ("LOGIN_NAME", "AUTHENTICATOR")})
    data["masterToken"] = f"master.{data['token']}"
    data["validityInSeconds"], data["masterValidityInSeconds"] = 3600, 14400
    return JSONResponse(answer)


async def query(request):
    token, body = token_of(request), await body_of(request)
    if token in seen.expired:
        return failure("390112", "Your session has expired. Please login again.")
    session, request_id = sessions.get(token), request.query_params.get("requestId")
    is_node.set(request.headers.get("user-agent", "").startswith("JavaScript"))
    captured.set(None)
    given = body.get("parameters") or {}
    note(session, body, given)
    # DuckDB refuses a second call on a busy connection.
    async with seen.locks.setdefault(token, asyncio.Lock()):
        if request_id in seen.answers:
            return Response(seen.answers[request_id], media_type="application/json")
        seen.running[request_id] = session
        try:
            if session and body.get("bindings"):
                bind_in_bulk(session, body)
                replace_body(request, body)
            answer = await fakesnow_server.query_request(request)
        except Exception as error:
            return failure("261000", repr(error))
        finally:
            seen.running.pop(request_id, None)
    content = json.loads(answer.body)
    if answer.status_code >= 500:
        return failure(content["code"], content["message"])
    if is_node.get() and "rowtype" in (content["data"] or {}):
        content = for_node(content, request, {**FORMATS, **session.parameters, **given})
        if body.get("asyncExec"):
            content = {**SUCCESS, "data": {"queryId": content["data"]["queryId"]}, "code": "333334"}
    encoded = json.dumps(content).encode()
    if content["success"] and request_id:
        # A driver that lost the response repeats the request with the same id, which must not run twice.
        seen.keep(seen.answers, request_id, encoded)
    return Response(encoded, media_type="application/json")


def note(session, body, given):
    kept = getattr(session, "parameters", {})
    seen.statements.append(
        {
            "database": getattr(session, "database", None),
            "node": is_node.get(),
            "tag": given.get("QUERY_TAG", kept.get("QUERY_TAG")),
            "sql": body["sqlText"],
        }
    )


def for_node(content, request, parameters):
    data, result = content["data"], captured.get()
    data.pop("rowsetBase64", None)
    rows = data.get("rowset") or (result.rows(0, INLINE) if result else [])
    count = result.table.num_rows if result else len(rows)
    data.update(
        rowset=rows,
        queryResultFormat="json",
        returned=count,
        total=count,
        parameters=[{"name": name, "value": value} for name, value in parameters.items()],
    )
    if result is not None:
        data["chunks"] = [
            {
                "url": f"{request.base_url}chunks/{data['queryId']}/{start}/{size}",
                "rowCount": size,
                "uncompressedSize": 1,
                "compressedSize": 1,
            }
            for start, size in result.chunks()
        ]
        data["chunkHeaders"] = {"x-chunk": "1"}
    seen.keep(seen.results, data["queryId"], (content, result))
    return content


async def chunk(request):
    """Rows without the enclosing brackets, as the service stores them."""
    found = seen.results.get(request.path_params["id"])
    if found is None:
        return Response(status_code=404)
    start, size = (int(request.path_params[name]) for name in ("start", "size"))
    rows = await asyncio.to_thread(lambda: json.dumps(found[1].rows(start, size))[1:-1])
    return Response(rows, media_type="text/plain")


def bind_in_bulk(session, body):
    """Turns bound arrays into one INSERT from a table. fakesnow would insert them row by row."""
    statement, bindings = parse_one(body["sqlText"]), body["bindings"]
    arrays = any(isinstance(binding["value"], list) for binding in bindings.values())
    if not (isinstance(statement, exp.Insert) and arrays):
        return
    columns = {
        f"c{position}": [text(bound({**binding, "value": value})) for value in binding["value"]]
        for position, binding in bindings.items()
    }
    session._duck_conn.register("_fs_binds", pyarrow.table(columns))
    source = statement.expression
    if isinstance(source, exp.Values):
        source = exp.select(*source.expressions[0].expressions)
    for position, mark in enumerate(list(source.find_all(exp.Placeholder, bfs=False)), 1):
        mark.replace(exp.column(f"c{position}"))
    statement.set("expression", source.from_("_fs_binds"))
    del body["bindings"]
    body["sqlText"] = statement.sql("snowflake")


def text(value):
    return value if value is None or isinstance(value, bytes) else str(value)


def bound(binding):
    value = binding["value"]
    if value is None:
        return None
    is_decimal = binding["type"] == "FIXED" and not value.lstrip("-").isdigit()
    return Decimal(value) if is_decimal else from_binding(binding)


def replace_body(request, body):
    request._body = json.dumps(body).encode()
    headers = request.scope["headers"]
    request.scope["headers"] = [header for header in headers if header[0] != b"content-encoding"]


async def session(request):
    leaving = sessions.get(token_of(request)) if request.query_params.get("delete") else None
    for drop in getattr(leaving, "temporary", []):
        leaving._duck_conn.execute(drop)
    return await fakesnow_server.session(request)


async def result(request):
    found = seen.results.get(request.path_params["id"])
    return JSONResponse(found[0]) if found else failure("000709", "Statement not found")


async def renew(request):
    old = (await body_of(request)).get("oldSessionToken")
    if old not in sessions:
        return failure("390114", "Authentication token has expired. The user must authenticate again.")
    new = secrets.token_urlsafe(32)
    sessions[new] = sessions.pop(old)
    seen.expired.discard(old)
    tokens = {"sessionToken": new, "masterToken": f"master.{new}"}
    validity = {"validityInSecondsST": 3600, "validityInSecondsMT": 14400}
    return JSONResponse({**SUCCESS, "data": {**tokens, **validity}})


async def abort(request):
    running = seen.running.get((await body_of(request)).get("requestId"))
    if running is not None:
        running._duck_conn.interrupt()
    return JSONResponse(SUCCESS)


async def control(request):
    """For tests. GET: statements and logins so far. POST {"expire": true}: expires all sessions."""
    if request.method == "POST" and (await body_of(request)).get("expire"):
        seen.expired.update(sessions)
    return JSONResponse({"statements": seen.statements, "logins": seen.logins})


fakesnow_server.from_binding = bound
# Ignored: privileges don't exist here, and DuckDB does not support comments on several columns.
fakesnow_server.shared_fs.nop_regexes = [
    r"(?s)\s*alter\s+(table|view)\s+\S+\s+alter\s.*\scomment\s",
    r"\s*(grant|revoke)\s",
]
fakesnow_server.gcs_stage_info = lambda request, expression, put: (
    put["stageInfo"] if is_node.get() else stage_info(request, expression, put)
)

app = Starlette(
    routes=[
        Route("/session/v1/login-request", log_in, methods=["POST"]),
        Route("/session", session, methods=["POST"]),
        Route("/session/token-request", renew, methods=["POST"]),
        Route("/queries/v1/query-request", query, methods=["POST"]),
        Route("/queries/v1/abort-request", abort, methods=["POST"]),
        Route("/queries/{id}/result", result, methods=["GET"]),
        Route("/chunks/{id}/{start}/{size}", chunk, methods=["GET"]),
        Route("/telemetry/send", lambda _: JSONResponse(SUCCESS), methods=["POST"]),
        Route("/__lookalike", control, methods=["GET", "POST"]),
        *fakesnow_server.routes,
    ]
)
