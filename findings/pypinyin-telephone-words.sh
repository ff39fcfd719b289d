#!/usr/bin/env bash
# pypinyin reads the commonest telephone announcements of China wrongly: "the number you dial" becomes "the number by taxi".
#
# One would guess: the best-known library for pinyin reads everyday announcements, which are its most spoken sentences.
# So it is: in "the number (user, telephone) that you dial" the particle "de" is read "di", since the characters of "da"
# and "de" in a row are also the word for taking a taxi; in "dial again" and "hear again" the character for "again" is
# read "zhong" (heavy) instead of "chong". Word division by jieba puts the first right and leaves the second.
# pinyin-pro reads "de" without help, and "zhong" too.
# Met by: prompts made from text by way of pinyin, as one does for espeak-ng, which spells many characters out.
#
# Needs python3 with pip, and npm. Unpacks pypinyin 0.55.0, jieba 0.42.1 and pinyin-pro 3.29.4 in a temporary folder.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
pip download -q --no-deps -d . pypinyin==0.55.0
python3 -m zipfile -e ./pypinyin*.whl python
pip install -q --no-deps --target python --root-user-action ignore jieba==0.42.1 2>pip.log || { cat pip.log; exit 1; }
npm pack --silent pinyin-pro@3.29.4 >/dev/null && tar -xzf pinyin-pro-3.29.4.tgz
TMPDIR=$work PYTHONPATH=python python3 -W ignore - <<'PY'
import json, subprocess, sys
import jieba
from pypinyin import Style, lazy_pinyin

jieba.setLogLevel(60)
sentences = {
    "您拨打的号码是空号": "bo1 da3 de hao4 ma3",        # the number you dial is not in use
    "您拨打的用户正在通话中": "bo1 da3 de yong4 hu4",   # the user you dial is busy
    "您拨打的电话已关机": "bo1 da3 de dian4 hua4",      # the telephone you dial is switched off
    "请重拨": "chong2 bo1",                         # please dial again
    "重听留言请按一": "chong2 ting1",               # to hear the message again, press 1
}
script = """
const { pinyin } = require("./package/dist/index.js");
console.log(JSON.stringify(JSON.parse(process.argv[1]).map((s) => pinyin(s, { toneType: "num" }).replace(/de0/g, "de"))));
"""
others = json.loads(subprocess.check_output(["node", "-e", script, json.dumps(list(sentences))]))
seen = []
for (sentence, right), other in zip(sentences.items(), others):
    plain = " ".join(lazy_pinyin(sentence, style=Style.TONE3))
    divided = " ".join(lazy_pinyin(jieba.lcut(sentence), style=Style.TONE3))
    seen.append(tuple(right in reading for reading in (plain, divided, other)))
    print(f"{sentence}: should have {right!r}\n  pypinyin        {plain}\n  pypinyin, jieba {divided}\n  pinyin-pro      {other}")
taxi, again = (False, True, True), (False, False, False)
sys.exit(0 if seen == [taxi] * 3 + [again] * 2 else f"this has changed: {seen}")
PY
