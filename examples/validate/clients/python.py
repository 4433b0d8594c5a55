"""Python's xmlrpc.client: python.py GATEWAY CALLS."""

import base64
import datetime
import json
import sys
import xmlrpc.client


def value(form):
    [(kind, content)] = form.items()
    match kind:
        case "nil":
            return None
        case "int":
            return int(content)
        case "float":
            return float(content)
        case "bytes":
            return base64.b64decode(content)
        case "time":
            return datetime.datetime.fromisoformat(content)
        case "list":
            return [value(v) for v in content]
        case "map":
            return {k: value(v) for k, v in content.items()}
    return content


def form(v):
    match v:
        case None:
            return {"nil": True}
        case bool():
            return {"bool": v}
        case int():
            return {"int": str(v)}
        case float():
            return {"float": repr(v)}
        case str():
            return {"str": v}
        case bytes():
            return {"bytes": base64.b64encode(v).decode()}
        case datetime.datetime():
            return {"time": v.isoformat()}
        case list():
            return {"list": [form(x) for x in v]}
        case dict():
            return {"map": {k: form(x) for k, x in v.items()}}
    return {"error": f"read a {type(v)}"}


def outcome(call):
    rpc = xmlrpc.client.ServerProxy(sys.argv[1] + call["path"], allow_none=True, use_builtin_types=True)
    try:
        return form(getattr(rpc, call["method"])(*map(value, call["params"])))
    except xmlrpc.client.Fault as fault:
        return {"fault": str(fault.faultCode)}
    except Exception as error:
        return {"error": str(error)}


with open(sys.argv[2], encoding="utf-8") as calls:
    for call in json.load(calls):
        print(json.dumps({"name": call["name"], "got": outcome(call)}))
