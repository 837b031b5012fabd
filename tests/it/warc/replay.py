"""Replays captured pages with pywb, without a server of its own to wait for.

Arguments: WARC file, folder for the collection, and addresses; writes what each replays to (status, media type and the
body in hexadecimal) as a line of JSON.
"""
from gevent import monkey

monkey.patch_all()

import json
import os
import sys

from pywb.apps.frontendapp import FrontEndApp
from pywb.manager.manager import main as manage
from werkzeug.test import Client

warc, folder, *addresses = sys.argv[1:]
out, sys.stdout = sys.stdout, sys.stderr
os.chdir(folder)
manage(["init", "test"])
manage(["add", "test", warc])
client = Client(FrontEndApp())
for address in addresses:
    # The modifier id_ asks for the bytes as captured, without the banner and rewritten links.
    response = client.get("/test/2021id_/" + address)
    json.dump({"status": response.status_code, "type": response.content_type, "body": response.data.hex()}, out)
    out.write("\n")
out.flush()
os._exit(0)
