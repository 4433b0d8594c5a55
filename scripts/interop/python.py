"""Python's xmlrpc.client against a gateway: python.py BASE."""

import datetime
import sys
import xmlrpc.client

BASE = sys.argv[1]
rpc = xmlrpc.client.ServerProxy(BASE + "/RPC2", allow_none=True, use_builtin_types=True)
ose = xmlrpc.client.ServerProxy(BASE + "/xmlrpc/service/math")
failures = 0


def check(what, got, want):
    global failures
    if got != want or type(got) is not type(want):
        failures += 1
        print(f"{what}: got {got!r}, want {want!r}")


def fault(what, call, want):
    try:
        check(what, call(), f"fault {want}")
    except xmlrpc.client.Fault as f:
        check(what, f.faultCode, want)


check("math.multiply", rpc.math.multiply(3, 4), 12)
check("multiply of the service's own URL", ose.multiply(3, 4), 12)
fault("no such method", lambda: rpc.math.absent(), -32601)
fault("bad arguments", lambda: rpc.math.multiply("x", []), -32602)
check("system.listMethods has ours", "math.multiply" in rpc.system.listMethods(), True)

for name, value in {
    "bool": True,
    "int": -2147483648,
    "double": 1e300,
    "empty text": "",
    "line ends": "a\rb\nc\r\nd",
    "markup": "<&>]]>\"'",
    "blanks": "  a\t",
    "Unicode": "\u00e9\u4e2d\U0001f600",
    "bytes": bytes(range(256)),
    "date": datetime.datetime(2026, 11, 22, 10, 0, 1),
    "list": [1, [], ["x", 2.5]],
    "map": {"a": 1, "": {"nested": [True]}},
    "nil": None,
}.items():
    # The library sends \r as it is, and every XML parser reads it as \n.
    want = value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value
    check("echo of " + name, rpc.echo.echo(value), want)

v = rpc.validator1
check("arrayOfStructsTest", v.arrayOfStructsTest([{"moe": 1, "larry": 2, "curly": n} for n in (3, -5)]), -2)
check(
    "countTheEntities",
    v.countTheEntities("<<a> & 'b' \"c\" &"),
    {
        "ctLeftAngleBrackets": 2,
        "ctRightAngleBrackets": 1,
        "ctAmpersands": 2,
        "ctApostrophes": 2,
        "ctQuotes": 2,
    },
)
check("easyStructTest", v.easyStructTest({"moe": 1, "larry": 2, "curly": 3}), 6)
stooges = {"substruct0": {"moe": 1, "larry": 2, "curly": 3}}
check("echoStructTest", v.echoStructTest(stooges), stooges)
many = [7, True, "text", 2.5, datetime.datetime(1998, 7, 17, 14, 8, 55), b"bytes"]
check("manyTypesTest", v.manyTypesTest(*many), many)
check("moderateSizeArrayCheck", v.moderateSizeArrayCheck(["first"] + ["x"] * 150 + ["last"]), "firstlast")
calendar = {"2000": {"04": {"01": {"moe": 1, "larry": 2, "curly": 3}}}}
check("nestedStructTest", v.nestedStructTest(calendar), 6)
check("simpleStructReturnTest", v.simpleStructReturnTest(2), {"times10": 20, "times100": 200, "times1000": 2000})

batch = xmlrpc.client.MultiCall(rpc)
batch.math.multiply(3, 4)
batch.math.absent()
batch.math.multiply(5, 6)
answers = batch()
check("multicall, first", answers[0], 12)
fault("multicall, fault inside", lambda: answers[1], -32601)
check("multicall, behind the fault", answers[2], 30)

sys.exit(failures > 0)
