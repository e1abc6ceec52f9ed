"""What the host adds to an agent: prints a line per figure, for bench/src/figures.c. usage: measure.py FOLDER"""

import os
import re
import selectors
import subprocess
import sys
import time
import uuid
from pathlib import Path
from statistics import median

from drivers.agents import FAKE, ROOT, Host, line, run_bare

# How often each side of a comparison is run, taking turns.
FAKE_RUNS, REAL_RUNS = 200, 15
CROWD, DELTAS, DELTA = 200, 1000, "a delta of text "
SCRIPT = '{"delta":"word ","times":20}'


def row(*words):
    print(*words, sep="\t", flush=True)


def added(what, bare, hosted, bar):
    """Each a list of pairs (first event, last event) in milliseconds, run in turns."""
    for place, name in enumerate(("first", "last")):
        pairs = list(zip((times[place] for times in bare), (times[place] for times in hosted)))
        row("head", f"{what}, to its {name} event", "ms")
        row("base", "the bare command", median(bare for bare, _ in pairs))
        row("peer", "through agenthost", median(hosted for _, hosted in pairs))
        row("most", "added, median of the pairs", median(hosted - bare for bare, hosted in pairs), bar)


def measure_fake(folder):
    host = Host(folder / "fake", {"default_driver": "fake", "drivers": [{"name": "fake", "executable": FAKE}]})
    start = {"type": "start", "run_id": "r", "task_id": "t", "session_id": "s", "prompt": SCRIPT, "input": [],
             "mode": "analysis", "plan_only": False, "recursion_limit": 100, "results_dir": str(folder)}
    bare, hosted = [], []
    for turn in range(FAKE_RUNS + 5):
        times = run_bare([FAKE], line(start), b'"text.delta"', b'"type":"result"')
        others = host.run(SCRIPT)[:2]
        # The first few warm both up.
        if turn >= 5:
            bare.append(times)
            hosted.append(others)
    host.end()
    added("a run of the scripted agent", bare, hosted, 5)


def real_agents():
    """The Python environment that the tests install real agents in."""
    for folder in (os.environ.get("AGENTHOST_AGENTS"), f"{ROOT}/.venv-agents"):
        if folder and (found := list(Path(folder).glob("lib/python*/site-packages/claude_agent_sdk/_bundled/claude"))):
            return found[0], Path(folder) / "bin/python"
    return None, None


def measure_real(folder):
    claude, python = real_agents()
    if not claude:
        row("head", "a run of Claude Code", "ms")
        return row("note", "its program (./dev test installs it)", "not here")
    server = [python, f"{ROOT}/Tests/RealAgents/model.py"]
    model = subprocess.Popen(server, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    port = int(model.stdout.readline())
    (folder / "home").mkdir(parents=True)
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder / "home"), "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}",
        "ANTHROPIC_API_KEY": "sk-ant-nothing", "CLAUDE_CONFIG_DIR": str(folder / "home/claude"),
        "DISABLE_AUTOUPDATER": "1", "DISABLE_BUG_COMMAND": "1", "DISABLE_COST_WARNINGS": "1",
        "DISABLE_ERROR_REPORTING": "1", "DISABLE_TELEMETRY": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    }
    driver = {"kind": "claude", "executable": str(claude), "model": "claude-opus-5-5",
              "inherits": ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"]}
    cold = driver | {"name": "cold", "warm": False}
    host = Host(folder / "real", {"default_driver": "claude", "drivers": [driver, cold]}, environment)
    bare, hosted = [], []
    for turn in range(REAL_RUNS + 1):
        words = ["-p", "--input-format=stream-json", "--output-format=stream-json", "--verbose",
                 "--permission-prompt-tool=stdio", "--include-partial-messages", "--permission-mode=default",
                 "--max-turns=100", "--model=claude-opus-5-5", f"--session-id={uuid.uuid4()}"]
        sent = line({"type": "control_request", "request_id": "initialize", "request": {"subtype": "initialize"}})
        sent += line({"type": "user", "uuid": str(uuid.uuid4()), "session_id": "", "parent_tool_use_id": None,
                      "message": {"role": "user", "content": [{"type": "text", "text": "hello"}]}})
        times = run_bare([claude, *words], sent, b'"text_delta"', b'"type":"result"', environment)
        others = host.run("hello", host.session(driver="cold"))[:2]
        if turn:
            bare.append(times)
            hosted.append(others)
    added("a run of Claude Code", bare, hosted, 5)
    measure_warm(host)
    host.end()
    model.stdin.close()
    model.wait()


def measure_warm(host):
    cold, warm = host.session(driver="cold"), host.session(driver="claude")
    times = {cold: [], warm: []}
    for turn in range(REAL_RUNS + 1):
        for session, list_of_times in times.items():
            _, last, result = host.run("hello", session)
            if result["status"] != "completed":
                raise SystemExit(f"a turn failed: {result}")
            # The first turn of a session is cold in both.
            if turn:
                list_of_times.append(last)
    row("head", "a later turn of Claude Code's session", "ms")
    row("base", "warm: in the process of the turn before", median(times[warm]))
    row("peer", "cold: in a process of its own", median(times[cold]))
    row("own", "times as fast", median(times[cold]) / median(times[warm]), 4)


def read_bare(script):
    """Seconds that as many agents take whom nothing but a reader listens to."""
    begun = time.perf_counter()
    start = {"type": "start", "run_id": "r", "task_id": "t", "session_id": "s", "prompt": script, "input": [],
             "mode": "analysis", "plan_only": False, "recursion_limit": 100, "results_dir": "."}
    waiting = selectors.DefaultSelector()
    children = []
    for _ in range(CROWD):
        child = subprocess.Popen([FAKE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=False, bufsize=0)
        child.stdin.write(line(start))
        waiting.register(child.stdout, selectors.EVENT_READ, child)
        children.append(child)
    while waiting.get_map():
        for key, _ in waiting.select():
            if not os.read(key.fd, 1 << 16):
                waiting.unregister(key.fileobj)
                key.data.wait()
    return time.perf_counter() - begun


def measure_crowd(folder):
    script = '{"delta":"%s","times":%d}' % (DELTA, DELTAS)
    bare = read_bare(script)
    host = Host(
        folder / "crowd", {"default_driver": "fake", "drivers": [{"name": "fake", "executable": FAKE}]},
        arguments=["--runs-max", str(CROWD)])
    before = host.memory("VmRSS")
    begun = time.perf_counter()
    for _ in range(CROWD):
        host.send("task.execute", {"prompt": script})
    pieces, replies, rest = [], 0, b""
    while replies < CROWD:
        more = os.read(host.output, 1 << 20)
        pieces.append(more)
        head, _, rest = (rest + more).rpartition(b"\n")
        replies += len(re.findall(rb'"id":\d+,"result"', head))
    seconds = time.perf_counter() - begun
    peak = host.memory("VmHWM")
    host.end()
    told = b"".join(pieces).split(b"\n")
    streamed = sum(text.count(DELTA.encode()) for text in told if b'"text.delta"' in text)
    row("head", f"{CROWD} agents at once, {DELTAS} deltas each", "deltas/s")
    row("base", "through agenthost", CROWD * DELTAS / seconds)
    row("peer", "the same agents, read and thrown away", CROWD * DELTAS / bare)
    row("head", "the host's memory meanwhile", "KiB")
    row("base", "an agent, at the peak", (peak - before) / CROWD)
    row("peer", "in all", peak)
    row("head", "deltas that reach a client that keeps up", "share")
    row("own", "of those that were said", streamed / (CROWD * DELTAS), 1)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True)
    measure_fake(folder)
    measure_real(folder / "claude")
    measure_crowd(folder)
