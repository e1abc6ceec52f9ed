"""Agents and hosts to measure: what a bare command writes and when, and what a client of the host hears of it."""

import json
import os
import subprocess
import time

ROOT = os.getcwd()
FAKE = f"{ROOT}/.build/release/fake-agent"


def line(message):
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def run_bare(arguments, sent, first, last, environment=None):
    """Milliseconds from the start of a command to the first line that holds `first` and the first with `last`."""
    begun = time.perf_counter()
    child = subprocess.Popen(
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        close_fds=False,
        bufsize=0,
    )
    child.stdin.write(sent)
    heard, times = b"", {}
    while last not in times:
        more = os.read(child.stdout.fileno(), 1 << 16)
        now = (time.perf_counter() - begun) * 1000
        if not more:
            raise SystemExit(f"{arguments[0]} ended too early: {heard[-500:]}")
        heard += more
        for mark in (first, last):
            if mark in heard:
                times.setdefault(mark, now)
    child.stdin.close()
    child.stdout.read()
    child.wait()
    return times[first], times[last]


class Host:
    """A host on pipes, with what configures it."""

    def __init__(self, folder, configuration, environment=None, arguments=()):
        folder.mkdir(parents=True)
        settings = folder / "config.json"
        settings.write_text(json.dumps(configuration))
        program = os.environ["BENCH_AGENTHOST"]
        self.child = subprocess.Popen(
            [program, "serve", "--quiet", "--store", folder / "store", "--config", settings, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            bufsize=0,
        )
        self.output = self.child.stdout.fileno()
        self.number = 0
        self.call("host.ping", {})

    def send(self, method, params):
        self.number += 1
        self.child.stdin.write(line({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}))
        return self.number

    def call(self, method, params, told=None):
        """The result. `told` is called with each line that comes before it."""
        mark = b'"id":%d,' % self.send(method, params)
        rest = b""
        while True:
            *lines, rest = (rest + os.read(self.output, 1 << 16)).split(b"\n")
            for heard in lines:
                if mark in heard and b'"method"' not in heard:
                    return json.loads(heard)["result"]
                if told:
                    told(heard)

    def session(self, **params):
        return self.call("session.create", params)["session_id"]

    def run(self, prompt, session=None, first=b'"type":"text.delta"'):
        """Milliseconds from the request to the first event that holds `first` and to the reply, and the reply. Without
        a session the task gets one of its own."""
        begun = time.perf_counter()
        number = self.send("task.execute", {"prompt": prompt} | ({"session_id": session} if session else {}))
        mark, heard, earliest = b'"id":%d,"result"' % number, b"", None
        while True:
            heard += os.read(self.output, 1 << 16)
            now = (time.perf_counter() - begun) * 1000
            if earliest is None and first in heard:
                earliest = now
            if mark in heard and heard.endswith(b"\n"):
                reply = next(reply for reply in heard.split(b"\n") if mark in reply)
                return earliest, now, json.loads(reply)["result"]

    def memory(self, name):
        """A figure of /proc in KiB, e.g. VmHWM."""
        with open(f"/proc/{self.child.pid}/status") as status:
            return next(int(row.split()[1]) for row in status if row.startswith(name + ":"))

    def processor_seconds(self):
        """What the host itself has computed, without its agents."""
        with open(f"/proc/{self.child.pid}/stat") as stat:
            return sum(map(int, stat.read().rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        self.child.stdin.close()
        while os.read(self.output, 1 << 16):
            pass
        self.child.wait()
