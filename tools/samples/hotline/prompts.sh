#!/bin/sh
# Makes the prompts of the electricity hotline: `sh prompts.sh FOLDER`. Each line is spoken by espeak-ng, in a process of
# its own; any other command that turns text into WAV does as well: SAY='command VOICE TEXT FILE' sh prompts.sh FOLDER
set -eu
folder=${1:?"usage: sh prompts.sh FOLDER"}

say() { # voice, text, file
    mkdir -p "$(dirname "$folder/$3")"
    if [ -n "${SAY:-}" ]; then $SAY "$1" "$2" "$folder/$3.wav"; else espeak-ng -v "$1" -w "$folder/$3.wav" "$2"; fi
}

say cmn '欢迎致电供电服务热线。电费查询请按一，停电信息请按二，故障报修请按三，投诉请按四，人工服务请按零。For English press 9.' mandarin/menu
say cmn '请输入您的户号，按井号键结束。' mandarin/meter
say cmn '您的应缴电费为' mandarin/due
say cmn '没有查到该户号。' mandarin/unknown
say cmn '系统暂时无法查询，请稍后再拨。' mandarin/later
say cmn '目前没有计划停电。' mandarin/outage
say cmn '现在是非工作时间，故障报修请按三，投诉留言请按四。' mandarin/night
say cmn '请在提示音后留言，按井号键结束。' mandarin/message
say cmn '如需我们回电，请按一，您的排队位置将为您保留。' mandarin/call-back
say cmn '我们将拨打' mandarin/call-back-number
say cmn '确认请按一，更换号码请按二。' mandarin/call-back-choice
say cmn '请输入电话号码，按井号键结束。' mandarin/call-back-key
say cmn '我们将尽快回电，再见。' mandarin/call-back-taken
say cmn '您好，这是您预约的供电服务热线回电，正在为您接通。' mandarin/call-back-answered
say cmn '座席暂时未能接听，您仍排在第一位，请稍候。' mandarin/call-back-delayed
say en 'To be called back press 1. You keep your place.' english/call-back
say en 'We will call you at' english/call-back-number
say en 'To confirm press 1, for another number press 2.' english/call-back-choice
say en 'Please key the number, then press hash.' english/call-back-key
say en 'We will call you back. Goodbye.' english/call-back-taken
say en 'This is the electricity service, calling you back as you asked. Please hold.' english/call-back-answered
say en 'No agent has come yet. You are still the first in line.' english/call-back-delayed
say en 'Please leave your message after the tone, and press hash at its end.' english/message
say en 'Electricity service. For your balance press 1, for outages 2, to report a fault 3, for complaints 4, for a person 0.' english/menu
say en 'Please key your account number, then press hash.' english/meter
say en 'The amount due is' english/due
say en 'This account is not known.' english/unknown
say en 'The balance cannot be looked up now. Please call again later.' english/later
say en 'There is no planned outage.' english/outage
say en 'The office is closed. To report a fault press 3, to leave a complaint 4.' english/night

i=0
for word in 零 一 二 三 四 五 六 七 八 九; do say cmn "$word" "phrases/mandarin/$i"; i=$((i + 1)); done
for pair in yao=幺 liang=两 shi=十 bai=百 qian=千 wan=万 yi=亿 fu=负 nian=年 yue=月 ri=日 yuan=元 jiao=角 fen=分; do
    say cmn "${pair#*=}" "phrases/mandarin/${pair%%=*}"
done
for word in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 30 40 50 60 70 80 90 \
    january february march april may june july august september october november december \
    1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th 11th 12th 13th 14th 15th 16th 17th 18th 19th 20th 21st 22nd 23rd 24th 25th \
    26th 27th 28th 29th 30th 31st hundred thousand million billion minus oh and yuan fen; do
    say en "$word" "phrases/english/$word"
done
