#!/bin/sh
# Shows the token usage. / 显示 Token 使用情况。
here=$(dirname "$(readlink -f "$0" 2>/dev/null || printf %s "$0")")
exec "$here/token-sync" status --pause
