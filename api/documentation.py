"""/docs without any other machine: Swagger UI from the files of an installed package, and the OpenAPI description."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.responses import RedirectResponse, Response

from api.access.roles import is_public, needed
from api.errors import MEDIA_TYPE
from api.refusals import CLOSED, EVERYWHERE, WITH_BODY

FILES = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
START = """window.onload = () => {
  SwaggerUIBundle({url: "/openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: null});
};
"""
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>planopt</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
"""
POLICY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "An access key"},
    "password": {"type": "http", "scheme": "basic", "description": "Any name, and an access key as password"},
}
WITHOUT_BODY = ("get", "head", "delete")

router = APIRouter(include_in_schema=False)


@router.get("/")
def start_page() -> Response:
    return RedirectResponse("/docs")


@router.get("/docs")
def page() -> Response:
    return Response(PAGE, headers=POLICY, media_type="text/html")


@router.get("/docs/start.js")
def start() -> Response:
    return Response(START, media_type="text/javascript")


def _serve(name: str, media_type: str) -> None:
    @router.get(f"/docs/{name}")
    def file() -> Response:
        content = files("fastapi_swagger").joinpath("resources", name).read_bytes()
        return Response(content, headers={"Cache-Control": "max-age=3600"}, media_type=media_type)


for _name, _media_type in FILES.items():
    _serve(_name, _media_type)


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 description; what is refused is a problem document."""
    if app.openapi_schema is None:
        description = get_openapi(
            title=app.title, version=app.version, summary=app.summary, routes=app.routes, openapi_version="3.1.0"
        )
        for path, operations in description["paths"].items():
            for method, operation in operations.items():
                _as_problems(operation["responses"])
                _complete(operation["responses"], method, path)
                if app.state.asks_for_keys:
                    _with_access(operation, method, path)
        if app.state.asks_for_keys:
            description["components"]["securitySchemes"] = SCHEMES
        app.openapi_schema = description
    return app.openapi_schema


def _complete(responses: dict[str, Any], method: str, path: str) -> None:
    """Adds what can be refused at every address, before its endpoint is asked."""
    errors = [*EVERYWHERE, *(() if method in WITHOUT_BODY else WITH_BODY)]
    if not is_public(method.upper(), path):
        errors += CLOSED
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for error in errors:
        said = f"{error.title.en} (`{error.code}`)"
        response = responses.setdefault(str(error.status), {"description": said, "content": {MEDIA_TYPE: schema}})
        if f"`{error.code}`" not in response["description"]:
            response["description"] += f"; {said}"


def _with_access(operation: dict[str, Any], method: str, path: str) -> None:
    """Which key the operation needs."""
    if not is_public(method.upper(), path):
        role = needed(method.upper(), path)
        operation["security"] = [{name: []} for name in SCHEMES]
        operation["description"] = f"{operation['description']}\n\nRole: {role}."


def _as_problems(responses: dict[str, Any]) -> None:
    for status, response in responses.items():
        if int(status) >= 400 and "content" in response:
            response["content"] = {MEDIA_TYPE: next(iter(response["content"].values()))}
