#!/usr/bin/env bash
# The Python vCon library gives back "sip" for a tag whose value is sip:7001@pbx.example.
#
# One would guess: get_tag() returns what add_tag() was given.
# So it is: a tag is kept as "name:value", and get_tag() returns what stands between the first colon and the next. SIP and
# tel addresses, times of day and URLs all have a colon, so an address becomes its scheme and 14:05:10 becomes 14. The file
# is whole; only the reading is short, and no error is raised. Version 0.10.0 reads in the same way.
# Met by: call-centre exports that put the agent's or the call-back address, a time or a ticket's URL in tags.
#
# Needs CPython 3.11 with pip. Installs vcon 0.3.10 and what it imports in a temporary folder.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
pip install -q --no-deps --only-binary :all: --target "$work/package" --root-user-action ignore --disable-pip-version-check vcon==0.3.10 \
    authlib==1.6.12 cryptography==48.0.0 cffi==2.0.0 pycparser==3.0 requests==2.34.2 urllib3==2.7.0 idna==3.13 certifi==2026.5.20 \
    charset-normalizer==3.4.7 python-dateutil==2.9.0.post0 six==1.17.0 pydash==8.1.0 typing-extensions==4.15.0 uuid6==2024.7.10 mutagen==1.48.1
PYTHONPATH="$work/package" python3 -W ignore - <<'PY'
import json, sys
from vcon import Vcon

given = {"queue": "repair", "answered by": "sip:7001@pbx.example", "call back": "tel:+8695598", "promised at": "14:05:10"}
vcon = Vcon.build_new()
for name, value in given.items():
    vcon.add_tag(name, value)
again = Vcon.build_from_json(vcon.to_json())
kept = next(a for a in json.loads(vcon.to_json())["attachments"] if a["type"] == "tags")["body"]
seen = {name: again.get_tag(name) for name in given}
for name, value in given.items():
    print(f"{name}: given {value}, read {seen[name]}")
if kept != [f"{name}:{value}" for name, value in given.items()]:
    sys.exit(f"this has changed: the file has {kept}")
sys.exit(0 if list(seen.values()) == ["repair", "sip", "tel", "14"] else "this has changed")
PY
