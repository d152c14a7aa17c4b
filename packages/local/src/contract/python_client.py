"""Takes calls as JSON lines and answers likewise: `python_client.py botocore|cli|probe <endpoint>`."""

import base64
import contextlib
import io
import json
import re
import sys


def to_json(value):
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    return value


def from_json(value):
    if isinstance(value, dict):
        if set(value) == {"$bytes"}:
            return base64.b64decode(value["$bytes"])
        return {key: from_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [from_json(item) for item in value]
    return value


def botocore_caller(endpoint):
    import botocore.config
    import botocore.exceptions
    import botocore.session

    client = botocore.session.Session().create_client(
        "sqs",
        region_name="us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=botocore.config.Config(retries={"max_attempts": 0}, read_timeout=60),
    )

    def call(action, given):
        try:
            # botocore checks the MD5 of what it receives by itself.
            return {"output": to_json(client._make_api_call(action, from_json(given)))}
        except botocore.exceptions.ClientError as error:
            return {
                "code": error.response["Error"]["Code"],
                "message": error.response["Error"]["Message"],
                "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
            }

    return call


def cli_caller(endpoint):
    import os

    os.environ.update(
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_DEFAULT_REGION="us-east-1",
        AWS_MAX_ATTEMPTS="1",
        AWS_PAGER="",
    )
    from awscli.clidriver import create_clidriver

    # One for all: what a driver reads when it is made is most of what a call costs.
    driver = create_clidriver()

    def call(action, given):
        command = re.sub(r"(?<!^)(?=[A-Z])", "-", action).lower()
        out, err = io.StringIO(), io.StringIO()
        arguments = ["--endpoint-url", endpoint, "--output", "json", "sqs", command]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = driver.main([*arguments, "--cli-input-json", json.dumps(given)])
        if code == 0:
            return {"output": json.loads(out.getvalue() or "{}")}
        failure = re.search(r"\(([^)]+)\) when calling the \w+ operation: (.*)", err.getvalue(), re.S)
        if failure is None:
            return {"code": "client", "message": err.getvalue(), "status": None}
        return {"code": failure[1], "message": failure[2].strip(), "status": None}

    return call


def probe():
    import botocore
    import botocore.session

    model = botocore.session.Session().get_service_model("sqs")
    try:
        import awscli

        cli = awscli.__version__
    except ImportError:
        cli = None
    print(json.dumps({"botocore": botocore.__version__, "protocol": model.protocol, "cli": cli}))


if sys.argv[1] == "probe":
    probe()
else:
    perform = {"botocore": botocore_caller, "cli": cli_caller}[sys.argv[1]](sys.argv[2])
    answers = sys.stdout
    for line in sys.stdin:
        order = json.loads(line)
        answers.write(json.dumps(perform(order["action"], order["input"])) + "\n")
        answers.flush()
