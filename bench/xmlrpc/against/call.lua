-- One call of XML-RPC, again and again.
wrk.method = "POST"
wrk.path = "/RPC2"
wrk.headers["Content-Type"] = "text/xml"
wrk.body = [[<?xml version="1.0"?><methodCall><methodName>math.multiply</methodName><params><param><value><int>3</int></value></param><param><value><int>4</int></value></param></params></methodCall>]]
