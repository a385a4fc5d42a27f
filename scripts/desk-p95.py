#!/usr/bin/env python3
"""How fast is the desk on a large case? Starts `PROGRAM serve CASE`, times its first page, then asks every
kind of page many times with ever other words, and prints a table by the clock and by processor time (what
counts on a busy machine); the exit status is 1 if a kind's p95 by the clock is over the limit. Python's
standard library alone; Linux.

    cargo run --release -p xtask -- notices 1000000 1 > notices.jsonl
    target/release/tendertrace trace notices.jsonl --case CASE
    python3 scripts/desk-p95.py target/release/tendertrace CASE [--rounds 40] [--limit 200] [--most 2000]
"""
import argparse
import http.client
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import time
from urllib.parse import quote

parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("case")
parser.add_argument("--rounds", type=int, default=40, help="requests of each kind")
parser.add_argument("--limit", type=float, default=200, help="milliseconds that p95 may take")
parser.add_argument("--most", type=int, default=2000, help="requests after which memory is compared")
parser.add_argument("--only", default="", help="kinds of pages, as a regular expression")
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
dice = random.Random(options.seed)

db = sqlite3.connect(f"file:{options.case}/case.db?mode=ro", uri=True)
last = db.execute("SELECT max(id) FROM notices").fetchone()[0]


def some(sql, n=60):
    """Values of rows behind random ids: no scan of the whole case."""
    found = []
    for _ in range(n * 20):
        row = db.execute(sql, (dice.randrange(last),)).fetchone()
        if row and row[0]:
            found.append(row[0])
        if len(found) == n:
            break
    return found


notices = some("SELECT id FROM notices WHERE id >= ? LIMIT 1")
titles = some("SELECT title FROM notices WHERE id >= ? AND title IS NOT NULL LIMIT 1")
buyers = some("SELECT buyer FROM notices WHERE id >= ? AND buyer IS NOT NULL LIMIT 1")
sellers = some("SELECT name FROM parties WHERE notice >= ? AND role = 'supplier' LIMIT 1")
projects = some("SELECT project_number FROM notices WHERE id >= ? AND project_number IS NOT NULL LIMIT 1")
findings = some("SELECT id FROM findings WHERE notice >= ? LIMIT 1")
brands = sorted(set(some("SELECT brand FROM findings WHERE notice >= ? LIMIT 1")))
regions = sorted(set(some("SELECT substr(region_code, 1, 2) FROM notices WHERE id >= ? AND region_code IS NOT NULL LIMIT 1")))
purposes = sorted({purpose for all in some("SELECT purposes FROM notices WHERE id >= ? AND purposes <> '[]' LIMIT 1") for purpose in json.loads(all)})
kinds = sorted(set(some("SELECT buyer_kind FROM notices WHERE id >= ? AND buyer_kind IS NOT NULL LIMIT 1")))


def han(length):
    """A stretch of a title."""
    while True:
        found = re.findall(r"[\u4e00-\u9fff]{%d,}" % length, dice.choice(titles))
        if found:
            run = dice.choice(found)
            at = dice.randrange(len(run) - length + 1)
            return run[at:at + length]


def year():
    return dice.randrange(2009, 2025)


def page(path, **given):
    given = {key: value for key, value in given.items() if value}
    return path + ("?" if given else "") + "&".join(f"{key}={quote(str(value))}" for key, value in given.items())


def facets():
    """One to three of what a search narrows by."""
    all = {"brand": dice.choice(brands), "usage": "awarded", "kind": dice.choice(kinds), "year": year(), "stage": "award", "strength": "strong", "region": dice.choice(regions)}
    return {name: all[name] for name in dice.sample(sorted(all), dice.randrange(1, 4))}


def narrowed():
    """What pictures and questions are narrowed by: a brand, a kind of buyer, a place, days; one or two of them."""
    all = {"brand": dice.choice(brands), "kind": dice.choice(kinds), "region": dice.choice(regions), "from": f"{year()}-01-01"}
    return {name: all[name] for name in dice.sample(sorted(all), dice.randrange(1, 3))}


def of_question(*names):
    """The same as parameters of a question; only those it takes."""
    given = {{"kind": "buyer_kind"}.get(name, name): value for name, value in narrowed().items()}
    return {name: value for name, value in given.items() if name in names}


PICTURES = ["years", "kinds", "purposes", "map", "network", "time"]
WHO = ("brand", "buyer_kind", "region", "from", "to")
# Every question, with what is asked of it: at least what it needs, now and then nothing else.
QUESTIONS = {
    "brand": lambda: of_question(*WHO),
    "buyer": lambda: {"buyer": dice.choice(buyers)},
    "chain": lambda: {"supplier": dice.choice(sellers)},
    "embedded": lambda: of_question(*WHO),
    "funnel": lambda: of_question(*WHO),
    "listed": lambda: {"supplier": dice.choice(sellers)},
    "project": lambda: {"project": dice.choice(projects)},
    "publish": lambda: of_question("brand"),
    "seller": lambda: {"supplier": dice.choice(sellers)},
    "sellers": lambda: of_question(*WHO),
    "since": lambda: {**of_question(*WHO), "from": f"{year()}-01-01"},
    "support": lambda: {"finding": dice.choice(findings)},
    "together": lambda: {**of_question(*WHO), "purpose": dice.choice(purposes)},
    "units": lambda: of_question(*WHO),
    "unknown": lambda: {},
    "weakest": lambda: of_question("brand", "buyer_kind"),
    "years": lambda: {**of_question("brand", "buyer_kind", "region"), "term": dice.choice(["", han(2)])},
}
NEEDS = {"chain", "project", "since", "support"}

PAGES = {
    "start": lambda: "/",
    "search, one character": lambda: f"/search?q={quote(han(1))}",
    "search, two characters": lambda: f"/search?q={quote(han(2))}",
    "search, whole words": lambda: f"/search?q={quote(han(4))}",
    "search, phrase": lambda: "/search?q=" + quote(f'"{han(6)}"'),
    "search, two words": lambda: f"/search?q={quote(han(2) + ' ' + han(2))}",
    "search, two characters apart": lambda: f"/search?q={quote(han(1) + ' ' + han(1))}",
    "search, word and character": lambda: f"/search?q={quote(han(2) + ' ' + han(1))}",
    "search, without a word": lambda: f"/search?q={quote(han(2) + ' -' + han(2))}",
    "search, in the title": lambda: f"/search?q={quote('title:' + han(2))}",
    "search, nothing typed": lambda: "/search",
    "search, facets": lambda: page("/search", **facets()),
    "search, word and facets": lambda: page("/search", q=han(2), **facets()),
    "search, newest": lambda: f"/search?q={quote(han(2))}&sort=date",
    "search, oldest": lambda: f"/search?q={quote(han(2))}&sort=oldest",
    "search, amount": lambda: f"/search?q={quote(han(2))}&sort=amount",
    "search, page 40": lambda: f"/search?q={quote(han(2))}&page=40",
    "search, unreviewed": lambda: f"/search?q={quote(han(2))}&review=unreviewed",
    "search, listed": lambda: page("/search", q=dice.choice(["", han(2)]), listed=dice.choice(["yes", "no"])),
    "notice": lambda: f"/notice/{dice.choice(notices)}",
    "finding": lambda: f"/finding/{dice.choice(findings)}",
    "findings behind a number": lambda: page("/findings", usage="awarded", **narrowed()),
    "findings, all": lambda: "/findings",
    "queue": lambda: "/queue",
    "saved": lambda: "/saved",
    "claims": lambda: "/claims",
    "parties": lambda: page("/parties", role=dice.choice(["", "buyer", "agency"])),
    "parties by name": lambda: f"/parties?role=buyer&name={quote(han(3))}",
    "parties in doubt": lambda: "/parties/doubts",
    "party, buyer": lambda: f"/party?name={quote(dice.choice(buyers))}",
    "party, seller": lambda: f"/party?name={quote(dice.choice(sellers))}",
    "pictures, all": lambda: "/pictures",
    "pictures, narrowed": lambda: page("/pictures", **narrowed()),
}
for name in PICTURES:
    PAGES[f"picture {name}"] = lambda name=name: f"/pictures/{name}"
    PAGES[f"picture {name}, narrowed"] = lambda name=name: page(f"/pictures/{name}", **narrowed())
PAGES["questions"] = lambda: "/questions"
for name, given in QUESTIONS.items():
    PAGES[f"question {name}"] = lambda name=name, given=given: page(f"/questions/{name}", **given())
    if name not in NEEDS:
        PAGES[f"question {name}, of all"] = lambda name=name: f"/questions/{name}"
PAGES.update({
    "api search": lambda: page("/api/search", q=han(2), **facets()),
    "api notice": lambda: f"/api/notices/{dice.choice(notices)}",
    "api text": lambda: f"/api/notices/{dice.choice(notices)}/text",
    "api finding": lambda: f"/api/findings/{dice.choice(findings)}",
    "api claims": lambda: "/api/claims",
    "api questions": lambda: "/api/questions",
    "api openapi": lambda: "/api/openapi.json",
})
for name, given in QUESTIONS.items():
    PAGES[f"api question {name}"] = lambda name=name, given=given: page(f"/api/questions/{name}", **given())

PAGES = {name: place for name, place in PAGES.items() if re.search(options.only, name)}
started = time.monotonic()
desk = subprocess.Popen([options.program, "serve", options.case, "--port", "0"], stdout=subprocess.PIPE, text=True)
address = re.search(r"http://([\d.]+):(\d+)", desk.stdout.readline())
connection = http.client.HTTPConnection(address[1], int(address[2]), timeout=120)


def ask(place):
    begun = time.monotonic()
    try:
        connection.request("GET", place)
        answer = connection.getresponse()
        body = answer.read()
    except TimeoutError:
        connection.close()
        print(f"no answer in {connection.timeout} s: {place}", file=sys.stderr)
        return connection.timeout * 1000, 0, b""
    if answer.status != 200:
        print(f"{answer.status} {place}: {re.sub(r'<[^>]+>', ' ', body.decode(errors='replace'))[-300:]}", file=sys.stderr)
    return (time.monotonic() - begun) * 1000, answer.status, body


def processor():
    """Milliseconds of processor time the desk has used."""
    total = 0
    for task in os.listdir(f"/proc/{desk.pid}/task"):
        try:
            total += int(open(f"/proc/{desk.pid}/task/{task}/schedstat").read().split()[0])
        except OSError:
            pass
    return total / 1e6


def memory():
    for line in open(f"/proc/{desk.pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


def memory_of_machine():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def at(times, share):
    times = sorted(times)
    return times[min(len(times) - 1, int(len(times) * share))]


failed = slow = total = 0
try:
    ask("/")
    first = (time.monotonic() - started) * 1000
    print(f"{os.cpu_count()} cores, {memory_of_machine():.0f} GB of memory, load {os.getloadavg()[0]:.1f}")
    print(f"case of {db.execute('SELECT count(*) FROM notices').fetchone()[0]:,} notices, {db.execute('SELECT count(*) FROM findings').fetchone()[0]:,} findings")
    print(f"first page {first:.0f} ms after the start")
    early = None
    print(f"{'page':32} {'p50 ms':>8} {'p95 ms':>8} {'most ms':>8} {'p95 of processor':>17}")
    for name, place in PAGES.items():
        times, used = [], []
        for _ in range(options.rounds):
            before = processor()
            taken, status, _ = ask(place())
            times.append(taken)
            used.append(processor() - before)
            failed += status != 200
            total += 1
        mark = " over" if at(times, 0.95) > options.limit else ""
        slow += bool(mark)
        print(f"{name:32} {at(times, 0.5):8.0f} {at(times, 0.95):8.0f} {max(times):8.0f} {at(used, 0.95):17.0f}{mark}", flush=True)
    early, begun = memory(), total
    while total < begun + options.most:
        ask(PAGES[dice.choice(list(PAGES))]())
        total += 1
    print(f"memory {early:.0f} MB after {begun} requests, {memory():.0f} MB after {total}")
    print(f"{failed} answers were no page; {slow} of {len(PAGES)} kinds are over {options.limit:.0f} ms at p95")
finally:
    desk.terminate()
    desk.wait()
sys.exit(1 if failed or slow else 0)
