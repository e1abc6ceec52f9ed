"""Plans of several files, resumed against fresh sessions: prints a line per figure, for bench/src/figures.c.
usage: measure.py FOLDER"""

import os
import sys
from pathlib import Path
from statistics import median

from drivers.agents import ROOT
from drivers.measure import real_agents, row
from plans.scripts import SEED, all_plans
from plans.ways import Hosted, Script

PLANS = int(os.environ.get("BENCH_PLANS", "20"))
CLAUDE, COLD = {"kind": "claude"}, {"kind": "claude", "warm": False}
FORGETFUL = COLD | {"executable": f"{ROOT}/bench/plans/forgetful.py"}
LINES = {"kind": "command", "executable": sys.executable, "arguments": [f"{ROOT}/bench/plans/line_agent.py"]}
COLUMNS = ("right", "wrong", "missing", "resumed", "tokens", "said", "seconds")


class Ways:
    """All of them, each with a folder of its own."""

    def __init__(self, folder, claude):
        self.all = []

        def add(kind, name, **settings):
            number = len(self.all)
            self.all.append(kind(name, folder / str(number), SEED + number, claude, **settings))
            return self.all[-1]

        self.fresh = add(Script, "fresh: a script, a session a step", resumes=False)
        self.script = add(Script, "resumed: a script", resumes=True)
        self.resumed = add(Hosted, "resumed: plan.execute, a process a step", driver=COLD)
        self.warm = add(Hosted, "resumed: plan.execute, warm", driver=CLAUDE)
        self.forked = add(Hosted, "resumed: plan.execute, in forks", driver=CLAUDE, parallel=2)
        self.forgetful = add(Hosted, "resumed: a tenth of the sessions removed", driver=FORGETFUL)
        self.record = add(Hosted, "fresh: the host's record", driver=CLAUDE, session={"persistence": "fresh"})
        self.lines = add(Hosted, "fresh: the host's record, a line agent", driver=LINES)

    def do(self, plan):
        """Whoever begins has no advantage: it is another one with each plan."""
        first = plan.number % len(self.all)
        for way in self.all[first:] + self.all[:first]:
            way.do(plan)


def tell(ways, plans):
    steps, asked = sum(len(plan.steps) for plan in plans), ways.fresh.verdict.asked
    row("text", "")
    row("text", f"{len(plans)} plans, {steps} steps, {asked} references to the files of other steps")
    row("text", f"{'':42}" + "".join(f"{name:>9}" for name in COLUMNS))
    for way in ways.all:
        verdict, (_, tokens, said) = way.verdict, way.sent()
        figures = [verdict.right, verdict.wrong, verdict.missing, way.resumes_of(), f"{tokens / 1e6:.2f}M",
                   f"{said / 1e6:.2f}M", f"{way.seconds:.0f}"]
        row("text", f"  {way.name:40}" + "".join(f"{figure:>9}" for figure in figures))


def tell_bars(ways):
    resumed, fresh, forgetful = ways.resumed, ways.fresh, ways.forgetful
    row("head", "references that are right", "share")
    row("own", "resumed, a process a step", resumed.right(), 0.9)
    row("own", "resumed, warm", ways.warm.right(), 0.9)
    row("own", "resumed, independent steps in forks", ways.forked.right(), 0.9)
    row("own", "resumed, a tenth of the sessions removed", forgetful.right(), 0.9)
    row("peer", "fresh, the host's record", ways.record.right())
    row("peer", "fresh, the host's record, a line agent", ways.lines.right())
    row("peer", "fresh, a script", fresh.right())
    row("head", "references that are missing, fewer than fresh", "share")
    whole = [("a process a step", resumed), ("warm", ways.warm), ("in forks", ways.forked)]
    for name, way in whole + [("a tenth of the sessions removed", forgetful)]:
        row("own", f"resumed, {name}", 1 - way.verdict.missing / max(1, fresh.verdict.missing), 0.8)
    row("head", "sessions resumed, of those tried", "share")
    for name, way in whole:
        row("own", f"session.stats, {name}", way.stats()["resume_success_rate"], 0.95)
    row("peer", "session.stats, a tenth removed", forgetful.stats()["resume_success_rate"])
    row("head", "plans completed", "share")
    for way in ways.all:
        row("own", way.name, 1 - way.failed / way.plans, 1)
    row("head", "what the host adds to a script's time", "share")
    row("most", "a process a step, median of the steps", overhead(resumed, ways.script), 0.05)
    row("peer", "what the host computes, of the whole time", resumed.host.processor_seconds() / ways.script.seconds)
    row("peer", "warm, of the whole time", ways.warm.seconds / ways.script.seconds - 1)
    row("peer", "warm in forks, of the whole time", ways.forked.seconds / ways.script.seconds - 1)


def overhead(way, script):
    """The median of what each step took longer, as a share of a script's median step."""
    longer = [hosted - bare for hosted, bare in zip(way.step_seconds, script.step_seconds, strict=True)]
    return median(longer) / median(script.step_seconds)


if __name__ == "__main__":
    claude, _ = real_agents()
    if not claude:
        row("head", "plans of several files", "")
        row("note", "Claude Code's program (./dev test installs it)", "not here")
        sys.exit()
    ways, plans = Ways(Path(sys.argv[1]), claude), all_plans(PLANS)
    for plan in plans:
        ways.do(plan)
    tell(ways, plans)
    tell_bars(ways)
    for way in ways.all:
        way.end()
