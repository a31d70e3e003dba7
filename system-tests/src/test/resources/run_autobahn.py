# Runs the cases that the file named first asks for, as wstest's own command line would. The suite imports
# a module called autobahn, so that this must have another name.
import json
import sys

from autobahntestsuite import wstest

spec = open(sys.argv[1])
try:
    wstest.start({"mode": "fuzzingclient"}, json.loads(spec.read()))
finally:
    spec.close()
