"""A pytest plugin: runs LocalStack's AWS-validated tests against Holdfast. See README.md beside it.

HOLDFAST_ENDPOINT names the server. Of the tests, those stay that LocalStack's authors ran against AWS, and the
recordings of AWS's answers are compared in full: what LocalStack leaves out of the comparison because it answers
differently itself counts here. `--everything` keeps the tests that only LocalStack is meant to pass.
"""

import os
import re
import socket
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import botocore.httpsession
import pytest
import requests.adapters

ENDPOINT = urlsplit(os.environ.get("HOLDFAST_ENDPOINT", "http://127.0.0.1:4566"))
AUTHORITY = f"{ENDPOINT.hostname}:{ENDPOINT.port}"

# LocalStack reads these when it is imported, so they have to be there before anything else.
os.environ["TEST_SKIP_LOCALSTACK_START"] = "1"
os.environ["TEST_AWS_ENDPOINT_URL"] = ENDPOINT.geturl()
os.environ["LOCALSTACK_HOST"] = AUTHORITY
os.environ["DISABLE_EVENTS"] = "1"
# Tests that sign by hand ask boto3 for somebody.
os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")

OUT_OF_SCOPE = Path(__file__).with_name("localstack-out-of-scope.txt")
WHO_CALLED = ["$..SubscriptionPrincipal"]
# What AWS has put into answers since most of the recordings were made.
SINCE = ["$..ActionExecutedAfterMuteWindow"]
# Ids and dates of requests. Most recordings of Step Functions are older than the names that their tests now give to them.
REQUEST_IDS = ["$..SdkResponseMetadata.RequestId", "$..x-amzn-RequestId", "$..SdkHttpMetadata..Date"]
FOREIGN_HOSTS = ("amazonaws.com", "on.aws", "localhost.localstack.cloud")
FUNCTION_URL = re.compile(r"(/_holdfast/lambda-url/\w+)//+")


def pytest_addoption(parser):
    parser.addoption("--everything", action="store_true", help="also tests that are not validated against AWS")
    parser.addoption("--slow", action="store_true", help="also tests that wait for minutes")


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    from localstack import config as localstack_config

    here = localstack_config.HostAndPort(host=ENDPOINT.hostname, port=ENDPOINT.port)
    localstack_config.LOCALSTACK_HOST = here
    localstack_config.GATEWAY_LISTEN = localstack_config.UniqueHostAndPortList([here])
    _keep_requests_here()
    _sign_for_sqs()
    _write_urls_like_the_recordings()


def _keep_requests_here():
    """Requests for AWS's or LocalStack's host names go to Holdfast; nothing leaves the machine."""
    send = requests.adapters.HTTPAdapter.send

    def send_here(self, request, *args, **kwargs):
        url = urlsplit(request.url)
        if url.hostname != ENDPOINT.hostname and (url.hostname or "").endswith(FOREIGN_HOSTS):
            request.url = urlunsplit((ENDPOINT.scheme, AUTHORITY, url.path, url.query, url.fragment))
            if url.hostname.endswith(".on.aws"):
                request.headers["Host"] = url.hostname
        # AWS's side of a test may ask for TLS.
        if url.netloc == AUTHORITY and url.scheme != ENDPOINT.scheme:
            request.url = urlunsplit((ENDPOINT.scheme, AUTHORITY, url.path, url.query, url.fragment))
        # A function's URL ends in a slash; of two at the beginning of a path, requests sends one.
        request.url = FUNCTION_URL.sub(r"\1/", request.url)
        return send(self, request, *args, **kwargs)

    requests.adapters.HTTPAdapter.send = send_here
    ask = botocore.httpsession.URLLib3Session.send

    def ask_here(self, request):
        """boto3's own clients of AWS, as tests make them that want an address of AWS."""
        url = urlsplit(request.url)
        if (url.hostname or "").endswith(FOREIGN_HOSTS):
            request.url = urlunsplit((ENDPOINT.scheme, AUTHORITY, url.path, url.query, url.fragment))
            request.headers["Host"] = url.hostname
        return ask(self, request)

    botocore.httpsession.URLLib3Session.send = ask_here
    resolve = socket.getaddrinfo

    def resolve_here(host, *args, **kwargs):
        is_foreign = isinstance(host, str) and host.endswith(FOREIGN_HOSTS)
        return resolve(ENDPOINT.hostname if is_foreign else host, *args, **kwargs)

    socket.getaddrinfo = resolve_here


def _sign_for_sqs():
    """LocalStack calls SQS's older protocol a service of its own, and signs for it."""
    from botocore.auth import SigV4Auth

    sign = SigV4Auth.__init__

    def sign_for_sqs(self, credentials, service_name, *args, **kwargs):
        sign(self, credentials, service_name.removesuffix("_query"), *args, **kwargs)

    SigV4Auth.__init__ = sign_for_sqs


def _write_urls_like_the_recordings():
    """Recordings hold queue URLs in the form that LocalStack gives them."""
    from localstack_snapshot.snapshots.prototype import SnapshotSession
    from localstack_snapshot.snapshots.transformer import RegexTransformer

    assert_all = SnapshotSession._assert_all

    def assert_all_with_urls(self, verify=True, skip_verification_paths=()):
        as_recorded = "http://sqs.<region>.localhost.localstack.cloud:4566"
        self.add_transformer(RegexTransformer(ENDPOINT.geturl().rstrip("/"), as_recorded), priority=10)
        _up_to_date(self.recorded_state)
        if _deployments_up_to_date(self.recorded_state):
            for state in (self.recorded_state, self.observed_state):
                state.pop("per-resource-events", None)
            self.called_keys.discard("per-resource-events")
        for state in (self.recorded_state, self.observed_state):
            _in_order(state)
            _without_chance(state)
        # Who called AWS for the recording is nobody's business here.
        return assert_all(self, verify, [*skip_verification_paths, *WHO_CALLED, *SINCE, *REQUEST_IDS])

    SnapshotSession._assert_all = assert_all_with_urls


SDK_FAILURE = re.compile(r"(\(Service: \w+, Status Code: \d+, Request ID: [^()]+\))$")


def _up_to_date(recorded):
    """Step Functions as AWS answers since the end of 2024.

    It tells of encryption; the exit of a distributed map follows the beginning of its run; jobs tell of redrives; errors of the SDK tell how
    often it tried.
    """
    if isinstance(recorded, list):
        for each in recorded:
            _up_to_date(each)
        return
    if not isinstance(recorded, dict):
        return
    if {"ExecutionArn", "InputDetails", "StopDate"} <= recorded.keys() and "RedriveCount" not in recorded:
        is_over = recorded["Status"] == "SUCCEEDED"
        recorded["RedriveCount"] = 0
        recorded["RedriveStatus"] = "NOT_REDRIVABLE" if is_over else "REDRIVABLE"
        if is_over:
            recorded["RedriveStatusReason"] = "Execution is SUCCEEDED and cannot be redriven"
    is_machine = {"stateMachineArn", "definition", "loggingConfiguration"} <= recorded.keys()
    is_activity = {"activityArn", "creationDate", "name", "ResponseMetadata"} <= recorded.keys()
    if is_machine or is_activity:
        recorded.setdefault("encryptionConfiguration", {"type": "AWS_OWNED_KEY"})
    if {"mapRunArn", "itemCounts"} <= recorded.keys():
        recorded.setdefault("redriveCount", 0)
    began = None
    events = recorded.get("events")
    types = {}
    for event in events if isinstance(events, list) else []:
        if not isinstance(event, dict) or not isinstance(event.get("id"), int):
            continue
        types[event["id"]] = event.get("type")
        if event.get("type") == "MapRunStarted":
            began = event["id"]
        if event.get("type") == "MapStateExited" and types.get(event.get("previousEventId")) == "MapRunSucceeded":
            event["previousEventId"] = began
    for name, value in recorded.items():
        if isinstance(value, str):
            recorded[name] = SDK_FAILURE.sub(r"\1 (SDK Attempt Count: 1)", value)
        _up_to_date(value)


ALL_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


def _deployments_up_to_date(recorded):
    """Deployments of two templates in turn, as their fixture makes and AWS tells them today.

    The fixture asks for all capabilities, and keeps events by resource until the stack is gone: older forms of these cannot be compared,
    which is what this answers. AWS says of something new no more that it is replaced.
    """
    if not isinstance(recorded, dict) or "describe-change-set-1-prop-values" not in recorded:
        return False
    for key, answer in recorded.items():
        if not isinstance(answer, dict):
            continue
        if key.startswith("describe-change-set-"):
            answer["Capabilities"] = ALL_CAPABILITIES
            for change in answer.get("Changes", []):
                if change["ResourceChange"]["Action"] == "Add":
                    change["ResourceChange"].pop("Replacement", None)
        elif key.endswith("describe"):
            answer["Capabilities"] = ALL_CAPABILITIES
    return "Stack" not in recorded.get("per-resource-events", {"Stack": []})


def _in_order(value):
    """Causes of a change come in any order."""
    if isinstance(value, list):
        for each in value:
            _in_order(each)
    elif isinstance(value, dict):
        for name, member in value.items():
            if name == "Details" and isinstance(member, list):
                member.sort(key=lambda each: (str(each.get("Target")), each.get("ChangeSource", "")))
            _in_order(member)


BY_CHANCE = re.compile(r"\b(CFN-\w+|<stack-name:1>-[a-z]+)-[A-Za-z0-9]{12}\b")


def _without_chance(value):
    """What makes names of resources unique that a template does not name."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in list(members):
        if isinstance(member, str):
            value[name] = BY_CHANCE.sub(r"\1-<by-chance>", member)
        else:
            _without_chance(member)


def _reasons():
    for line in OUT_OF_SCOPE.read_text().splitlines():
        if line and not line.startswith("#"):
            pattern, reason = line.split(" | ", 1)
            yield pattern.strip(), reason.strip()


def _for_everybody(marks):
    """Drops what is left out for LocalStack's sake alone.

    How many messages AWS had moved at the moment of a recording is chance; that stays out of the comparison.
    """
    for mark in marks:
        if mark.name == "skip_snapshot_verify":
            by_chance = [path for path in mark.kwargs.get("paths", []) if "ApproximateNumberOfMessages" in path]
            if by_chance:
                yield pytest.mark.skip_snapshot_verify(paths=by_chance).mark
        elif mark.name not in ("skip", "skipif"):
            yield mark


def _is_kept_waiting(item):
    reasons = [str(mark.kwargs.get("reason", mark.args[:1])) for mark in item.iter_markers("skip")]
    return any("minutes" in reason for reason in reasons)


def _mark_for_everybody(item):
    """Marks of a test, and of its class and module, which pytest keeps apart."""
    for node in item.listchain():
        node.own_markers[:] = _for_everybody(node.own_markers)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    out_of_scope = list(_reasons())
    validated = [item for item in items if item.get_closest_marker("aws_validated") is not None]
    if not config.option.everything:
        config.hook.pytest_deselected(items=[item for item in items if item not in validated])
        items[:] = validated
    for item in items:
        # AWS's side of tests that tell AWS and LocalStack apart.
        if hasattr(item.module, "is_aws_cloud"):
            item.module.is_aws_cloud = lambda: True
        if item in validated and (config.option.slow or not _is_kept_waiting(item)):
            _mark_for_everybody(item)
        for pattern, reason in out_of_scope:
            if pattern in (item.name, item.originalname):
                item.add_marker(pytest.mark.skip(reason=f"out of scope: {reason}"))
