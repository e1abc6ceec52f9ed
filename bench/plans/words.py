"""What the plans are about, and which words an author of code may choose for it.

A kind is a part of a small service: its layer, what it gives to other parts, and words for its file. What it gives is
an act with words for its name. A prompt names kinds and acts; the words that an author chooses from never hold them,
and no word stands for two things. So a name says what it is for to anyone who reads it, and nobody can tell from a
prompt what it is going to be.
"""

import re

KINDS = """
types 0: model shape schema entity form
  record: sheet slip dossier docket voucher
  check: verify vet inspect audit examine
settings 0: options knobs tuning preferences dials
  load: obtain gather pull acquire collect
  limit: ceiling cap bound maximum threshold
store 1: depot vault shelf cabinet ledger
  save: keep put stash deposit lodge
  find: seek fetch lookup retrieve locate
queue 1: pipeline belt backlog lineup waiting
  push: enlist append place hand insert
  take: draw next grab pluck pop
access 1: gate guard wicket doorman sentry
  admit: permit grant welcome clear authorise
  sign: seal stamp attest endorse certify
metrics 1: gauges meters counters readings tallies
  count: tick increment bump tot mark
  time: clock stopwatch span duration elapsed
pricing 2: tariff fees rates charges costs
  price: quote value cost appraise bill
  discount: rebate reduce lower cut shave
mail 2: courier post herald letters messenger
  notify: tell inform announce alert advise
  remind: nudge prompt jog poke chase
report 2: digest summary bulletin overview review
  total: sum amount aggregate addup combine
  chart: plot graph sketch render picture
feed 2: intake importer inlet funnel inbound
  read: scan parse decode ingest absorb
  convert: turn translate recast map adapt
api 3: web http service endpoint portal
  serve: handle answer respond reply attend
  route: dispatch steer direct channel forward
cli 3: console shell command terminal prompter
  run: launch start begin execute invoke
  show: display print present exhibit view
"""

# What comes last and gives nothing to others.
LEAVES = ("tests", "manifest")
LEAF_FILES = {"tests": ("trial", "proof", "exam", "probe"), "manifest": ("index", "contents", "inventory", "listing")}

DOMAINS = """parcel invoice recipe lesson ticket garden booking patient vehicle library auction harvest ferry concert
 tournament museum bakery orchard theatre clinic""".split()
FOLDERS = "lib app core src parts inner".split()
ENDINGS = "row entry item unit piece case line note part set one page card leaf block frame".split()
LANGUAGES = {"python": "py", "typescript": "ts"}

LAYERS, FILES, NAMES, GIVES = {}, dict(LEAF_FILES), {}, {}
for line in KINDS.strip().splitlines():
    head, _, words = line.partition(":")
    if line.startswith(" "):
        NAMES[head.strip()] = words.split()
        GIVES[kind].append(head.strip())
    else:
        kind, layer = head.split()
        LAYERS[kind], FILES[kind], GIVES[kind] = int(layer), words.split(), []

MAKER = {act: kind for kind, acts in GIVES.items() for act in acts}
_ACTS = {word: act for act, words in NAMES.items() for word in words}


def act_of(name):
    """What a name is for, by its first word; None if it is no name of a part."""
    word = re.match(r"[A-Z]?[a-z]*", name)[0].lower()
    return _ACTS.get(word)


def name_of(act, domain, language, draw):
    words = [draw.choice(NAMES[act]), domain, draw.choice(ENDINGS)]
    if act == "record":
        return "".join(word.capitalize() for word in words)
    if language == "python":
        return "_".join(words)
    return words[0] + "".join(word.capitalize() for word in words[1:])


def path_of(kind, language, draw):
    ending = "json" if kind == "manifest" else LANGUAGES[language]
    return f"{draw.choice(FOLDERS)}/{draw.choice(FILES[kind])}_{draw.choice(ENDINGS)}.{ending}"


def self_check():
    """No word is for two acts, and no prompt can hold one."""
    words = [word for choices in NAMES.values() for word in choices]
    assert len(words) == len(set(words)), sorted(word for word in words if words.count(word) > 1)
    assert not set(words) & (set(NAMES) | set(GIVES) | set(LEAVES) | set(DOMAINS))
    files = [word for choices in FILES.values() for word in choices]
    assert len(files) == len(set(files)), sorted(word for word in files if files.count(word) > 1)


self_check()
