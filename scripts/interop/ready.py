"""Exits 0 when a gateway offers all the services that the clients call: ready.py BASE."""

import sys
import xmlrpc.client

methods = xmlrpc.client.ServerProxy(sys.argv[1] + "/RPC2").system.listMethods()
services = {method.split(".")[0] for method in methods}
sys.exit(not {"math", "echo", "validator1"} <= services)
