# `record VALUE [EVENT]` and `status`, asked of the running daemon by curl: a start of Node takes five times as long.
# Sourced by token-sync. Whatever is not plain here, or goes wrong, is left to Node: then `by_curl` returns, and $id is that of
# a reading which may have been sent. Every program that is started costs a millisecond, so nearly all is builtins.

by_curl() {
  command=$1 count=0 value='' event='' lang='' pause='' data=${TOKEN_SYNC_DATA:-$root/data}
  case $command in record | status) shift ;; *) return ;; esac
  while [ $# -gt 0 ]; do
    case $1 in
      --pause) pause=yes ;;
      --lang) case $2 in zh | en) lang=$2 && shift ;; *) return ;; esac ;;
      --data) case $2 in '' | -*) return ;; *) data=$2 && shift ;; esac ;;
      -*) return ;;
      *) count=$((count + 1)) && if [ $count = 1 ]; then value=$1; else event=$1; fi ;;
    esac
    shift
  done
  find_daemon && choose_language && "${command}_by_curl" && wait_for_key && exit
}

record_by_curl() {
  # One letter may follow the digits; which one is a unit, the daemon knows.
  number=${value%%[!0-9.,]*} && unit=${value%' tokens used'} && unit=${unit#"$number"}
  case $number in '') return 1 ;; esac
  case $unit in *[[:cntrl:]0-9.,\ \"\\-]* | ?????*) return 1 ;; esac
  case $count,$event in
    # Perhaps the rest of a value that a space has torn apart.
    2,[0-9][0-9][0-9]* | 2,[A-Za-z] | 2,[!\ -~] | 2,[!\ -~][!\ -~][!\ -~]) return 1 ;;
    *[[:cntrl:]]*) return 1 ;;
    [12],*) ;;
    *) return 1 ;;
  esac
  id=$(od -An -N16 -tx8 /dev/urandom) && id=${id# } && id=${id% *}${id#* } || return
  escape "${event:-$default_event}"
  reading="{\"tokens\":\"$value\",\"event\":\"$escaped\",\"id\":\"$id\",\"sync_type\":\"manual\"}"
  call "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"usage.record\",\"params\":$reading}" || return
  case $answer in '{"jsonrpc":"2.0","id":1,"result":{"success":true,'*) ;; *) return 1 ;; esac
  pick total && total=$picked total_text=$grouped
  pick total_used && used=$picked used_text=$grouped
  pick increment
  share "$used" "$total"
  untold_text=$recorded_untold_text
  tell "$recorded_text" "$used_text" "$total_text" "$share" "$grouped"
  case $answer in *'"reset":true'*) tell "$reset_text" ;; esac
  case $answer in *'"rounded":true'*) tell "$rounded_text" ;; esac
  case $answer in *'"state_file":"behind"'*) printf "$behind_text" >&2 ;; esac
}

status_by_curl() {
  [ $count = 0 ] || return
  call '[{"jsonrpc":"2.0","id":1,"method":"usage.get"},{"jsonrpc":"2.0","id":2,"method":"daemon.info"}]' || return
  case $answer in '[{"jsonrpc":"2.0","id":1,"result":{"used":'*'"warnings":[],"alerts":[]}}]') ;; *) return 1 ;; esac
  pick total && total=$picked total_text=$grouped
  pick used && share "$picked" "$total" && used_text=$grouped
  pick sessions_count && sessions=$picked
  updated=${answer#*'"last_updated":"'} && updated=${updated%%\"*}
  case $updated in *\\*) return 1 ;; esac
  pick remaining
  tell "$status_text" "$used_text" "$total_text" "$share" "$grouped" "$sessions" "$updated"
}

# Writes an answer, or says that it could not be written: in the shell's own words it is the script that failed.
tell() {
  printf "$@" 2>/dev/null && return
  printf "$untold_text" >&2
  exit 1
}

# As the CLI does: takes the word of a daemon.json that was written since this machine started, by a process that runs.
find_daemon() {
  read -r file 2>/dev/null <"$data/daemon.json" || return
  case $file in '{"pid":'[1-9]*',"url":"http://'*'","protocol":2,"protocol_min":'[12]',"version":"'*'"}') ;; *) return 1 ;; esac
  pid=${file#'{"pid":'} && pid=${pid%%,*}
  url=${file#*'"url":"'} && url=${url%%\"*}
  # Devices are made anew at each start of the machine.
  [ "$data/daemon.json" -nt /dev/zero ] && kill -0 "$pid" 2>/dev/null || return
  # On Linux a killed process keeps its number until its parent looks.
  read -r process 2>/dev/null <"/proc/$pid/stat" || process=''
  case $process in *') Z '*) return 1 ;; esac
  authorization=''
  [ -e "$data/token" ] || return 0
  read -r token 2>/dev/null <"$data/token" || return
  case $token in '' | *[!A-Za-z0-9_-]*) return 1 ;; esac
  authorization="header = \"authorization: Bearer $token\""
}

# One request. The token goes by standard input, because command lines are public.
call() {
  answer=$(
    exec curl -q -sgK - --noproxy '*' --max-time 2 -H 'content-type: application/json' --data-binary "$1" \
      "$url/rpc" 2>/dev/null <<END
$authorization
END
  )
}

# A text as it stands between the quotes of JSON.
escape() {
  escaped='' rest=$1
  while :; do
    case $rest in *[\\\"]*) ;; *) break ;; esac
    before=${rest%%[\\\"]*} && rest=${rest#"$before"}
    case $rest in \"*) escaped=$escaped$before\\\" ;; *) escaped=$escaped$before\\\\ ;; esac
    rest=${rest#?}
  done
  escaped=$escaped$rest
}

# A number of the answer, plain and as 1,234,567.
pick() {
  picked=${answer#*\"$1\":} && picked=${picked%%[,\}]*}
  left=${picked#-} && sign=${picked%"$left"} && grouped=''
  while [ ${#left} -gt 3 ]; do
    grouped=,${left#"${left%???}"}$grouped && left=${left%???}
  done
  grouped=$sign$left$grouped
}

# The percentage to one decimal; multiplied as here, the largest figures fit into 64 bits.
share() {
  share=0
  [ "$2" = 0 ] || share=$(($1 / $2 * 1000 + ($1 % $2 * 1000 + $2 / 2) / $2))
  share=$((share / 10)).$((share % 10))
}

# The same texts as in src/client/cli/render.ts and failure.ts, and the language chosen by the rules of src/client/cli/language.ts.
choose_language() {
  locale=${lang:-$TOKEN_SYNC_LANG} config=''
  [ "$locale" ] || [ ! -e "$data/config.json" ] || while read -r line || [ "$line" ]; do config=$config$line; done <"$data/config.json"
  case $config in *'"lang"'*) locale=${config#*'"lang"'*\"} && locale=${locale%%\"*} ;; esac
  locale=${locale:-${LC_ALL:-${LC_MESSAGES:-$LANG}}}
  # Linux keeps its language in these alone.
  [ "$locale" ] || [ -e /proc/self ] || return
  case $locale in
    [Zz][Hh][A-Za-z]*) english ;;
    [Zz][Hh]*) chinese ;;
    *) english ;;
  esac
}

chinese() {
  default_event='手动记录'
  recorded_text='✅ Token已更新: %s / %s (%s%%)\n   本次增量: %s tokens\n'
  reset_text='   提示: 数值低于之前的记录，视为计数器重新开始；如有误请用 token-sync undo 撤销\n'
  rounded_text='   提示: 这是当前数值的约数，已使用量保持不变\n'
  behind_text='⚠️ 已安全记录，但状态文件暂时无法写入；原因见 token-sync doctor\n'
  status_text='📊 Token使用情况\n   已使用: %s tokens\n   总额度: %s tokens\n   使用率: %s%%\n   剩余: %s tokens\n   会话数: %s\n   更新时间: %s\n'
  untold_text='❌ 结果无法写出\n'
  recorded_untold_text='❌ 数值已记录，但结果无法写出\n'
  key_text='\n按任意键关闭…'
}

english() {
  default_event='Manual entry'
  recorded_text='✅ Recorded: %s / %s (%s%%)\n   Increment: %s tokens\n'
  reset_text='   Note: the value is lower than before, so the counter has started anew; `token-sync undo` takes it back\n'
  rounded_text='   Note: this is the present figure, rounded; the usage stays as it is\n'
  behind_text='⚠️ recorded safely, but the state file cannot be written just now; `token-sync doctor` tells why\n'
  status_text='📊 Token usage\n   Used: %s tokens\n   Total: %s tokens\n   Percent: %s%%\n   Remaining: %s tokens\n   Sessions: %s\n   Updated: %s\n'
  untold_text='❌ the answer could not be written\n'
  recorded_untold_text='❌ the value was recorded, but the answer could not be written\n'
  key_text='\nPress any key to close …'
}

# The window of a double click closes with the program.
wait_for_key() {
  [ "$pause" ] && [ -t 0 ] && [ -t 2 ] || return 0
  printf "$key_text" >&2
  terminal=$(stty -g) && stty raw -echo
  dd bs=64 count=1 >/dev/null 2>&1
  stty "$terminal"
  printf '\n' >&2
}
