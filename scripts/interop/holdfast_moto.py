"""A pytest plugin: runs moto's tests in server mode against Holdfast. See README.md beside it.

HOLDFAST_ENDPOINT names the server, which has to be started with `--account 123456789012`: moto's tests expect that
account. Before each test Holdfast is emptied where moto would empty its own server.
"""

import os
import types
import uuid
from pathlib import Path

import pytest

ENDPOINT = os.environ.get("HOLDFAST_ENDPOINT", "http://127.0.0.1:4566").rstrip("/")
os.environ["TEST_SERVER_MODE"] = "true"
os.environ["TEST_SERVER_MODE_ENDPOINT"] = ENDPOINT

OUT_OF_SCOPE = Path(__file__).with_name("moto-out-of-scope.txt")


def pytest_configure():
    import requests

    post = requests.post

    def post_here(url, *args, **kwargs):
        if url.endswith("/moto-api/config"):
            # What moto can be told to leave out; nothing is left out here.
            return types.SimpleNamespace(status_code=201)
        if url == f"{ENDPOINT}/moto-api/reset":
            url = f"{ENDPOINT}/_holdfast/reset"
            kwargs["headers"] = {"Content-Type": "application/json"}
        return post(url, *args, **kwargs)

    requests.post = post_here


def _uuid_that_names_a_stack():
    """CloudFormation's stack names start with a letter; moto's do so by chance."""
    return uuid.UUID("a" + uuid.uuid4().hex[1:])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    reasons = [line.split(" | ", 1) for line in OUT_OF_SCOPE.read_text().splitlines() if " | " in line]
    for item in items:
        if hasattr(item.module, "uuid4"):
            item.module.uuid4 = _uuid_that_names_a_stack
        if hasattr(item.module, "get_role_name"):
            # moto's own asks without end for a role whose trust policy is not JSON, which IAM refuses.
            item.module.get_role_name = lambda: "arn:aws:iam::123456789012:role/my-role"
        for pattern, reason in reasons:
            if pattern.strip() in (item.name, item.originalname):
                item.add_marker(pytest.mark.skip(reason=f"out of scope: {reason.strip()}"))
