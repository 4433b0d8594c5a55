"""Python's SimpleXMLRPCServer, for a comparison: one method, math.multiply. It prints its address
when it is ready, and ends when its standard input does. A connection that stays open would hold
up all others, so there is a thread for each."""

import os
import socketserver
import sys
import threading
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer


class Handler(SimpleXMLRPCRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one packet


class Threaded(socketserver.ThreadingMixIn, SimpleXMLRPCServer):
    daemon_threads = True
    request_queue_size = 128


def end_with_stdin():
    sys.stdin.read()
    os._exit(0)


served = Threaded(("127.0.0.1", 0), Handler, logRequests=False)
served.register_function(lambda x, y: x * y, "math.multiply")
print("127.0.0.1:%d" % served.server_address[1], flush=True)
threading.Thread(target=end_with_stdin, daemon=True).start()
served.serve_forever()
