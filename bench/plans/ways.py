"""The ways to have a plan's steps done, each with a model server, an agent's home and, where there is one, a host of its
own."""

import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

from drivers.agents import ROOT, Host
from generators.seeded import Seeded
from plans.judge import Verdict, judge
from plans.scripts import SEED

MODEL = "claude-opus-5-5"
ALLOWS = {"rules": [{"tool": "*", "decision": "allow"}]}


class Way:
    """What was measured is in `verdict`, `seconds` (by plan) and, of the plans whose steps did not all complete,
    `failed`."""

    def __init__(self, name, folder, seed, claude):
        self.name, self.folder, self.claude = name, folder, claude
        (folder / "home").mkdir(parents=True)
        self.log = folder / "model.jsonl"
        self.log.touch()
        command = [sys.executable, f"{ROOT}/bench/plans/model_server.py", self.log, str(seed)]
        self.model = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.model.stdout.readline())
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder / "home"), "CLAUDE_CONFIG_DIR": str(folder / "home/claude"),
            "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{self.port}", "ANTHROPIC_API_KEY": "sk-ant-nothing",
            "DISABLE_AUTOUPDATER": "1", "DISABLE_BUG_COMMAND": "1", "DISABLE_COST_WARNINGS": "1",
            "DISABLE_ERROR_REPORTING": "1", "DISABLE_TELEMETRY": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        }
        self.verdict, self.seconds, self.failed, self.steps = Verdict(), {}, 0, 0

    def do(self, plan):
        work = self.folder / f"work-{plan.number}"
        work.mkdir()
        begun = time.perf_counter()
        is_done = self.execute(plan, work)
        self.seconds[plan.number] = time.perf_counter() - begun
        self.failed += not is_done
        self.steps += len(plan.steps)
        self.verdict += judge(plan, work)

    def right(self):
        return self.verdict.right / self.verdict.asked

    def resumes_of(self):
        """How many of the sessions that were to be resumed were, as text."""
        return "-"

    def end(self):
        self.model.stdin.close()
        self.model.wait()

    def sent(self):
        """Requests, tokens sent, and those of them that are not the system's prompt and its tools."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return (len(lines), *(sum(line[name] for line in lines) for name in ("tokens", "message_tokens")))


class Script(Way):
    """The agent's program by itself, a process for each step, with the session of the step before or without one."""

    def __init__(self, *arguments, resumes):
        super().__init__(*arguments)
        self.resumes = resumes

    def execute(self, plan, work):
        session, is_done = str(uuid.uuid4()), True
        for number, step in enumerate(plan.steps):
            if not self.resumes:
                session = str(uuid.uuid4())
            words = ["-p", "--output-format=json", "--permission-mode=acceptEdits", f"--model={MODEL}"]
            words.append(f"--resume={session}" if self.resumes and number else f"--session-id={session}")
            done = subprocess.run(
                [self.claude, *words], input=plan.prompt(step).encode(), env=self.environment, cwd=work,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            is_done &= done.returncode == 0 and not json.loads(done.stdout)["is_error"]
        return is_done


class Hosted(Way):
    """plan.execute, on a session of its own for each plan."""

    def __init__(self, *arguments, driver, session=None):
        super().__init__(*arguments)
        # A tenth of the times that a session is resumed: one of each ten, from a seed.
        draw = Seeded(SEED)
        forgets = [str(ten * 10 + 1 + draw.below(10)) for ten in range(100)]
        (self.folder / "forgets").mkdir()
        self.environment |= {"CLAUDE": str(self.claude), "FORGETS": ",".join(forgets), "MODEL_PORT": str(self.port),
                             "FORGETS_FOLDER": str(self.folder / "forgets")}
        inherits = [name for name in self.environment if name not in ("PATH", "HOME")]
        settings = {"name": "agent", "executable": str(self.claude), "inherits": inherits} | driver
        if settings.get("kind") == "claude":
            settings["model"] = MODEL
        configuration = {"default_driver": "agent", "drivers": [settings]}
        self.host = Host(self.folder / "host", configuration, self.environment)
        self.session = {"permissions": ALLOWS, **(session or {})}

    def execute(self, plan, work):
        session = self.host.session(working_dir=str(work), **self.session)
        made = self.host.call("plan.create", {
            "title": plan.title, "session_id": session, "working_dir": str(work), "batches": plan.wire(), "parallel": 1})
        ended = self.host.call("plan.execute", {"plan_id": made["id"], "stream": False})
        return ended["status"] == "completed"

    def resumes_of(self):
        stats = self.stats()
        return f"{stats['resumes_succeeded']}/{stats['resumes_tried']}" if stats["resumes_tried"] else "-"

    def stats(self):
        return self.host.call("session.stats", {})

    def removed(self):
        return len(list((self.folder / "forgets").glob("removed-*")))

    def end(self):
        self.host.end()
        super().end()
