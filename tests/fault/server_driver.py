"""Serve a shop, or run its jobs, in a fork that a test may kill: everything is imported once, so the next one begins at once.

Reads a line, answers with one. `serve HOME [KNOB=VALUE ...]`: gives `pid port` once it is ready. `work HOME`: gives `pid 0`.
`reap PID`: waits for one and gives how it ended. Those that are left are killed at the end.
"""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from crosslift.jobs import worker
from crosslift.shop import Shop
from crosslift.shop import learning as _learning  # noqa: F401 - a fork inherits it
from crosslift.web import app, patience

HEAD_SECONDS = 1


def served(home, tell, settings):
    with Shop(home, settings) as shop:
        app.serve(shop, "127.0.0.1", 0, on_ready=lambda url: tell(url.rpartition(":")[2]))


def worked(home, tell, _):
    worker.LOOK_SECONDS = 0.05
    one = worker.Worker(home)
    signal.signal(signal.SIGTERM, one.stop)
    tell("0")
    one.run()


def forked(work, home, settings):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            work(home, lambda said: os.write(writer, f"{said}\n".encode()), settings)
        except BaseException as error:  # noqa: BLE001 - a fork must never run on into its parent's code
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        said = stream.readline().strip()
    return child, said


def main():
    patience.HEAD_SECONDS = HEAD_SECONDS
    children = set()
    for line in sys.stdin:
        verb, place, *rest = line.split()
        if verb == "reap":
            answer = str(os.waitstatus_to_exitcode(os.waitpid(int(place), 0)[1]))
            children.discard(int(place))
        else:
            settings = {name: int(value) for name, value in (one.split("=", 1) for one in rest)}
            child, said = forked(served if verb == "serve" else worked, Path(place), settings)
            children.add(child)
            answer = f"{child} {said}"
        print(answer, flush=True)
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


if __name__ == "__main__":
    main()
