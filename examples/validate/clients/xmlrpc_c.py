"""The command xmlrpc of xmlrpc-c: xmlrpc_c.py GATEWAY CALLS. It has no words for lists, maps and
times; what it prints is read back here, indentation and all."""

import base64
import json
import re
import subprocess
import sys


def word(form):
    [(kind, content)] = form.items()
    match kind:
        case "nil":
            return "n/"
        case "bool":
            return "b/true" if content else "b/false"
        case "int":
            return ("i/" if -(2**31) <= int(content) < 2**31 else "I/") + content
        case "float":
            return "d/" + content
        case "str":
            return "s/" + content
        case "bytes":
            return "h/" + base64.b64decode(content).hex()
    raise ValueError("the command has no words for a " + kind)


ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"\\": b"\\"}


def unescaped(text):
    def byte(found):
        return ESCAPES.get(found[1]) or bytes.fromhex(found[1][1:].decode())

    return re.sub(rb"\\(x[0-9a-f]{2}|.)", byte, text.encode()).decode()


def parse(lines):
    """Takes one printed value off the front of lines."""
    kind, _, rest = lines.pop(0).partition(": ")
    if kind == "Nil":
        return {"nil": True}
    if kind in ("Integer", "64-bit integer"):
        return {"int": rest}
    if kind == "Floating Point":
        return {"float": rest}
    if kind == "Boolean":
        return {"bool": rest == "TRUE"}
    if kind == "Bit string":
        return {"bytes": base64.b64encode(bytes.fromhex(rest)).decode()}
    if kind == "String" and rest:
        return {"str": unescaped(rest[1:-1])}
    if kind == "String":
        return {"str": unescaped("".join(indented(lines)))}
    if found := re.match(r"(Array|Struct) of (\d+) ", kind):
        return sequence(int(found[2]), lines) if found[1] == "Array" else members(int(found[2]), lines)
    raise ValueError("the command printed " + kind)


def indented(lines, margin=2):
    """Takes the lines of a part, which stand further in, off the front of lines."""
    part = []
    while lines and lines[0].startswith(" " * margin):
        part.append(lines.pop(0)[margin:])
    return part


def part(lines, label):
    """Takes the value behind a label: its first line and those that stand below it."""
    first = lines.pop(0)
    margin = len(re.match(label, first)[0])
    return parse([first[margin:]] + indented(lines, margin))


def sequence(count, lines):
    return {"list": [part(lines, r"  Index +\d+ ") for _ in range(count)]}


def members(count, lines):
    return {"map": {part(lines, "  Key:   ")["str"]: part(lines, "  Value: ") for _ in range(count)}}


def outcome(call):
    try:
        words = [word(form) for form in call["params"]]
        done = subprocess.run(
            ["xmlrpc", sys.argv[1] + call["path"], call["method"], *words], capture_output=True, text=True
        )
        if fault := re.search(r"fault code (-?\d+)", done.stderr):
            return {"fault": fault[1]}
        if done.returncode != 0:
            return {"error": done.stderr}
        return parse(done.stdout.removeprefix("Result:\n\n").removesuffix("\n").split("\n"))
    except ValueError as error:
        return {"error": str(error)}


with open(sys.argv[2], encoding="utf-8") as calls:
    for call in json.load(calls):
        print(json.dumps({"name": call["name"], "got": outcome(call)}), flush=True)
