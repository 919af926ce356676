#!/bin/sh
# Asks for a token value and an event, and records them. / 询问 Token 数值和事件并记录。
here=$(dirname "$(readlink -f "$0" 2>/dev/null || printf %s "$0")")
exec "$here/token-sync" record --ask --pause
