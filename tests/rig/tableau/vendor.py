"""Uses the look-alike through the vendor's own client, and prints what it saw as JSON.

Arguments: the URL, the token's name and its secret, the site, and a file to publish.
"""

import json
import os
import sys

# The client reads these when it is imported: every file in blocks of a megabyte.
os.environ["TSC_CHUNK_SIZE_MB"] = "1"
os.environ["TSC_FILESIZE_LIMIT_MB"] = os.environ.get("TSC_FILESIZE_LIMIT_MB", "64")

import tableauserverclient as TSC  # noqa: E402

url, name, secret, site, path = sys.argv[1:6]
seen = {}
server = TSC.Server(url)
server.use_server_version()
seen["version"] = server.version


def error_of(call):
    try:
        call()
    except TSC.ServerResponseError as error:
        return error.code
    except Exception as error:  # noqa: BLE001
        return type(error).__name__
    return None


seen["wrong token"] = error_of(
    lambda: server.auth.sign_in(TSC.PersonalAccessTokenAuth(name, "wrong", site))
)
server.auth.sign_in(TSC.PersonalAccessTokenAuth(name, secret, site))
projects, _ = server.projects.get()
seen["projects"] = sorted(project.name for project in projects)
project = next(one for one in projects if one.name == "default")

item = TSC.DatasourceItem(project_id=project.id, name="Revenue & <trend>")
published = server.datasources.publish(item, path, "CreateNew")
seen["published"] = [published.name, published.project_id == project.id]
seen["published twice"] = error_of(
    lambda: server.datasources.publish(
        TSC.DatasourceItem(project_id=project.id, name="Revenue & <trend>"), path, "CreateNew"
    )
)
job = server.datasources.publish(
    TSC.DatasourceItem(project_id=project.id, name="Revenue & <trend>"), path, "Overwrite", as_job=True
)
done = server.jobs.wait_for_job(job, timeout=20)
seen["job"] = [done.type, done.finish_code]
found, pages = server.datasources.get(
    TSC.RequestOptions(pagesize=1)
)
seen["datasources"] = [pages.total_available, found[0].name, str(found[0].updated_at is not None)]

refresh = server.datasources.refresh(found[0])
seen["refresh"] = refresh.type
seen["refresh twice"] = error_of(lambda: server.datasources.refresh(found[0]))
jobs, _ = server.jobs.get()
seen["jobs"] = sorted({(one.type, one.status) for one in jobs})
one = server.jobs.get_by_id(refresh.id)
seen["refreshed"] = one.datasource_id == found[0].id
server.jobs.cancel(refresh.id)
seen["cancelled"] = server.jobs.get_by_id(refresh.id).finish_code
seen["no job"] = error_of(lambda: server.jobs.get_by_id("00000000-0000-0000-0000-000000000000"))
books, _ = server.workbooks.get()
seen["workbook refresh"] = server.workbooks.refresh(books[0]).type
server.datasources.delete(found[0].id)
seen["deleted"] = error_of(lambda: server.datasources.get_by_id(found[0].id))
server.auth.sign_out()
print(json.dumps(seen))
