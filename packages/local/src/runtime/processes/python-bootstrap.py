"""Runs a Python function behind the Lambda Runtime API: the counterpart of Lambda's own Python runtime.

Needs nothing but the standard library of Python 3.9. Messages, shapes and log lines are those of
https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html and its neighbours; boto3 is not part of it.
"""

import decimal
import errno
import http.client
import importlib
import json
import logging
import math
import os
import re
import sys
import time
import traceback

RUNTIME = "/2018-06-01/runtime"
# Lines of one log event are joined by this; what reads them puts line breaks in its place.
LINE_BREAK_WITHIN = "\x1e"
NO_BREAK_SPACE = "\u00a0"


class Fault(Exception):
    """An error of the runtime itself rather than of the function's code."""

    def __init__(self, error_type, message, stack_trace=()):
        super().__init__(message)
        self.error_type = error_type
        self.stack_trace = list(stack_trace)


# ---------------------------------------------------------------------------------------------------- output


def write_event(text):
    sys.stdout.write(text.rstrip("\n").replace("\n", LINE_BREAK_WITHIN) + "\n")


class EventHandler(logging.Handler):
    """Writes a record as one log event, however many lines it has."""

    def emit(self, record):
        try:
            record.aws_request_id = current_request_id
            write_event(self.format(record))
        except Exception:
            self.handleError(record)


LOGS_JSON = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
SECONDS = "%Y-%m-%dT%H:%M:%SZ"


class JsonFormatter(logging.Formatter):
    """A record as a JSON object; what `extra` adds are members of their own."""

    KNOWN = set(vars(logging.makeLogRecord({}))) | {"aws_request_id", "message", "asctime"}

    def format(self, record):
        level = min(50, max(0, record.levelno)) // 10 * 10
        is_structure = isinstance(record.msg, dict) and not record.args
        members = {
            "timestamp": time.strftime(SECONDS, time.gmtime(record.created)),
            "level": logging.getLevelName(level),
            "message": record.msg if is_structure else record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info and record.exc_info[0]:
            error_type, error, frames = record.exc_info
            members["stackTrace"] = traceback.format_tb(frames)
            members["errorType"] = error_type.__name__
            members["errorMessage"] = str(error)
        members["requestId"] = record.aws_request_id
        if record.exc_info:
            members["location"] = "%s:%s:%s" % (record.pathname, record.funcName, record.lineno)
        for name, value in vars(record).items():
            if name not in self.KNOWN and name not in members:
                members[name] = value
        shown = {name: value for name, value in members.items() if value is not None}
        return json.dumps(shown, ensure_ascii=False, default=str)


def set_up_logging():
    logging.Formatter.converter = time.gmtime
    handler = EventHandler()
    handler.setFormatter(
        JsonFormatter()
        if LOGS_JSON
        else logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
        )
    )
    root = logging.getLogger()
    root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    if level:
        root.setLevel({"TRACE": "DEBUG"}.get(level, level))


def log_error(error):
    if LOGS_JSON:
        head = {"timestamp": time.strftime(SECONDS, time.gmtime()), "level": "ERROR"}
        write_event(json.dumps({**head, **error}, ensure_ascii=False))
        return

    def indented(line):
        text = line.lstrip(" ")
        return NO_BREAK_SPACE * (len(line) - len(text)) + text

    message = error["errorMessage"]
    lines = ["[ERROR] " + error["errorType"] + (": " + message if message else "")]
    lines.append("Traceback (most recent call last):")
    for entry in error["stackTrace"]:
        lines.extend(indented(line) for line in entry.splitlines())
    write_event("\n".join(lines))


# --------------------------------------------------------------------------------------------------- modules

# Exists and can be written to where the code itself is read-only.
COMPILED = "/var/runtime/compiled"


def keep_compiled_modules():
    """What Python compiles of read-only code goes to a place where the next environment finds it."""
    if not os.access(COMPILED, os.W_OK):
        return
    external = sys.modules["_frozen_importlib_external"]
    beside = external.cache_from_source

    def cache_from_source(path, *rest, **options):
        compiled = beside(path, *rest, **options)
        return COMPILED + compiled if compiled.startswith(("/var/task/", "/opt/")) else compiled

    external.cache_from_source = cache_from_source


# ---------------------------------------------------------------------------------------------------- errors


def describe(error, request_id):
    """What a caller sees of an exception; frames of this file are left out."""
    if isinstance(error, Fault):
        return error_of(str(error), error.error_type, request_id, error.stack_trace)
    frames = traceback.extract_tb(error.__traceback__)
    for index, frame in enumerate(frames):
        if frame.filename != __file__:
            frames = frames[index:]
            break
    return error_of(str(error), type(error).__name__, request_id, traceback.format_list(frames))


def error_of(message, error_type, request_id, stack_trace):
    return {"errorMessage": message, "errorType": error_type, "requestId": request_id, "stackTrace": stack_trace}


# --------------------------------------------------------------------------------------------------- results

IS_ASCII_ONLY = os.environ.get("AWS_EXECUTION_ENV", "") in {
    "AWS_Lambda_python3.%d" % minor for minor in range(12)
}


class ResultEncoder(json.JSONEncoder):
    """Decimals become numbers with all their digits: written as marked strings first, unquoted afterwards."""

    MARK = "\ue000decimal:"
    MARKED = re.compile('"(?:\ue000|\\\\ue000)decimal:([^"]*)"')

    def __init__(self):
        super().__init__(ensure_ascii=IS_ASCII_ONLY)
        self.has_decimals = False

    def default(self, o):
        if not isinstance(o, decimal.Decimal):
            return super().default(o)
        if o.is_nan():
            return math.nan
        self.has_decimals = True
        return self.MARK + str(o)


def to_json(result):
    if isinstance(result, bytes):
        return result
    try:
        encoder = ResultEncoder()
        text = encoder.encode(result)
        if encoder.has_decimals:
            text = encoder.MARKED.sub(r"\1", text)
        return text.encode("utf8")
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)


# --------------------------------------------------------------------------------------------------- context


class Fields:
    """An object with a fixed set of attributes, taken from a dictionary, absent ones None."""

    FIELDS = ()

    def __init__(self, values):
        for field in self.FIELDS:
            setattr(self, field, values.get(field))

    def __repr__(self):
        return "%s([%s])" % (type(self).__name__, ",".join("%s=%s" % (f, getattr(self, f)) for f in self.FIELDS))


class CognitoIdentity(Fields):
    FIELDS = ("cognito_identity_id", "cognito_identity_pool_id")


class Client(Fields):
    FIELDS = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")


class ClientContext(Fields):
    FIELDS = ("custom", "env", "client")

    def __init__(self, values):
        super().__init__(values)
        if self.client is not None:
            self.client = Client(self.client)


class LambdaContext:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    def __init__(self, headers):
        environment = os.environ.get
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.log_group_name = environment("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environment("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environment("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environment("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.tenant_id = None
        self.client_context = None
        self.identity = CognitoIdentity({})
        self._epoch_deadline_time_in_ms = int(headers["Lambda-Runtime-Deadline-Ms"])
        client_context = headers["Lambda-Runtime-Client-Context"]
        if client_context:
            try:
                self.client_context = ClientContext(json.loads(client_context))
            except Exception as error:
                raise Fault("Runtime.LambdaContextUnmarshalError", "Unable to parse Client Context JSON: %s" % error)

    def get_remaining_time_in_millis(self):
        return max(0, self._epoch_deadline_time_in_ms - int(time.time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        shown = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return "LambdaContext([%s])" % ",".join("%s=%s" % item for item in shown.items())


# --------------------------------------------------------------------------------------------------- handler


def load_handler(name):
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        problem = "not enough values to unpack (expected 2, got 1)"
        raise Fault("Runtime.MalformedHandlerName", "Bad handler '%s': %s" % (name, problem))
    if module_name.split(".")[0] in sys.builtin_module_names:
        message = "Cannot use built-in module %s as a handler module" % module_name
        raise Fault("Runtime.BuiltInModuleConflict", message)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    except SyntaxError as error:
        place = '  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)
        message = "Syntax error in module '%s': %s" % (module_name, error)
        raise Fault("Runtime.UserCodeSyntaxError", message, [place])
    try:
        return getattr(module, function_name)
    except AttributeError:
        message = "Handler '%s' missing on module '%s'" % (function_name, module_name)
        raise Fault("Runtime.HandlerNotFound", message)


# ------------------------------------------------------------------------------------------------ invocations

current_request_id = ""


class RuntimeApi:
    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address)

    def next(self):
        return self.call("GET", "/invocation/next")

    def post(self, path, body):
        self.call("POST", path, body)

    def call(self, method, path, body=None):
        try:
            self.connection.request(method, RUNTIME + path, body, {"Content-Type": "application/json"} if body else {})
            response = self.connection.getresponse()
            return response.headers, response.read()
        except (OSError, http.client.HTTPException):
            # The engine is gone, and with it everybody who could be told.
            os._exit(1)


def run_once(api, handler):
    global current_request_id
    headers, body = api.next()
    current_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    os.environ["_X_AMZN_TRACE_ID"] = headers["Lambda-Runtime-Trace-Id"] or ""
    path = "/invocation/%s/" % current_request_id
    try:
        context = LambdaContext(headers)
        try:
            event = json.loads(body)
        except Exception as error:
            raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)
        result = to_json(handler(event, context))
    except Exception as error:
        described = describe(error, current_request_id)
        log_error(described)
        api.post(path + "error", json.dumps(described).encode("utf8"))
    else:
        api.post(path + "response", result)


def guard_parent():
    """On AWS a function may signal what is in its sandbox and nothing else; here its parent is the engine."""
    parent, send = os.getppid(), os.kill

    def kill(pid, sig):
        if sig != 0 and abs(pid) == parent:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
        send(0 if pid == -1 else pid, sig)

    def killpg(pgid, sig):
        kill(-pgid, sig)

    os.kill, os.killpg = kill, killpg


def main():
    # The directory of this file is not the function's.
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    guard_parent()
    set_up_logging()
    keep_compiled_modules()
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        described = describe(error, "")
        log_error(described)
        api.post("/init/error", json.dumps(described).encode("utf8"))
        sys.exit(1)
    while True:
        run_once(api, handler)


if __name__ == "__main__":
    main()
