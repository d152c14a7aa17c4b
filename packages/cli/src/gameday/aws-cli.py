"""The AWS CLI as a server, for tests that type many commands: starting it anew takes a second each time.

Serves one connection at a time at the path of a UNIX socket. A request is the words, each ended by NUL, and a last NUL;
the answer is the exit code, a newline, and what the command printed.
"""

import contextlib
import io
import os
import socket
import sys

from awscli.clidriver import create_clidriver

driver = create_clidriver()
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen()
print("ready", flush=True)
while True:
    connection, _ = server.accept()
    with connection, connection.makefile("rb") as reader:
        words = reader.read().decode().split("\0")[:-1]
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            try:
                code = driver.main(words)
            except SystemExit as end:
                code = end.code
        connection.sendall(f"{code}\n".encode() + out.buffer.getvalue())
